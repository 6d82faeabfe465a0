"""Which rules of a table overlap, which inputs have no rule and which rules are never reached.

Rules are boxes: for each column a set of its pieces, as bits. Sets of rules are bits too. The work is
counted, so that a table made to be difficult ends in "cannot be told" and not in waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_

from engine.decisions.lint.domains import Column

WORK = 2_000_000
"""Set operations that may be spent on one table: a second or two."""


WIDEST = 100
"""Inputs of a table that is looked at."""


class Undecided(Exception):
    """It would take too long to tell."""


def bits_of(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Coverage:
    """The rules of a table over its columns. `unsure` are rules with a cell of which it cannot be told.

    Raises Undecided for a table that is too large.
    """

    def __init__(self, columns: Sequence[Column], rules: int) -> None:
        if len(columns) > WIDEST:
            raise Undecided
        self.columns = columns
        self.rules = rules
        self._left = WORK
        self.unsure = 0
        for one in columns:
            for rule, cell in enumerate(one.cells):
                if cell is None:
                    self.unsure |= 1 << rule
        self._boxes = [
            [one.domain if (cell := one.cells[rule]) is None else cell & one.domain for one in columns]
            for rule in range(rules)
        ]
        self._accepting = [self._by_piece(place) for place in range(len(columns))]
        self._touching: list[dict[int, int]] = [{} for _ in columns]

    def _spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise Undecided

    def _by_piece(self, place: int) -> list[int]:
        found = [0] * len(self.columns[place].pieces)
        everywhere = 0
        whole = self.columns[place].domain
        for rule, box in enumerate(self._boxes):
            if box[place] == whole:
                everywhere |= 1 << rule
            else:
                self._spend(box[place].bit_count())
                for piece in bits_of(box[place]):
                    found[piece] |= 1 << rule
        return [bits | everywhere for bits in found]

    def is_empty(self, rule: int) -> bool:
        """Return whether no input can match a rule."""
        return not self.unsure >> rule & 1 and not all(self._boxes[rule])

    def overlaps(self) -> Iterator[tuple[int, int]]:
        """Yield each rule that surely shares inputs with later ones, with the first of them.

        Raises Undecided when it takes too long.
        """
        sure = ((1 << self.rules) - 1) & ~self.unsure
        for rule in bits_of(sure):
            later = sure >> (rule + 1) << (rule + 1)
            for place in range(len(self.columns)):
                if not later:
                    break
                later &= self._touched(place, self._boxes[rule][place])
            if later and not self.is_empty(rule):
                yield rule, next(bits_of(later))

    def _touched(self, place: int, pieces: int) -> int:
        known = self._touching[place]
        if pieces not in known:
            found = 0
            for piece in bits_of(pieces):
                self._spend(1)
                found |= self._accepting[place][piece]
            known[pieces] = found
        return known[pieces]

    def gap(self) -> list[int] | None:
        """Return a piece of each column for which the table surely has no rule, None when all have one.

        Raises Undecided when it takes too long.
        """
        return self._uncovered([one.asked for one in self.columns], (1 << self.rules) - 1)

    def hidden(self, rule: int, others: int) -> bool:
        """Return whether every input of a rule surely matches one of `others` (bits) too.

        Raises Undecided when it takes too long.
        """
        return self._uncovered(self._boxes[rule], others & ~self.unsure & ~(1 << rule)) is None

    def _uncovered(self, box: list[int], rules: int) -> list[int] | None:
        for place, pieces in enumerate(box):
            rules &= self._touched(place, pieces)
        whole = self._whole(box, rules)
        if whole[0]:
            return None
        return _Search(self, box, whole).from_column(0, rules)

    def _whole(self, box: list[int], rules: int) -> list[int]:
        """Return, for each column, the rules that accept all of the box from there on; last, all rules."""
        found = [rules]
        for place in reversed(range(len(box))):
            self._spend(1 + box[place].bit_count())
            accepting = (self._accepting[place][piece] for piece in bits_of(box[place]))
            found.append(reduce(and_, accepting, found[-1]))
        return found[::-1]


class _Search:
    """Looks for inputs of a box that no rule accepts, column by column."""

    def __init__(self, table: Coverage, box: list[int], whole: list[int]) -> None:
        self._table = table
        self._box = box
        self._whole = whole
        self._covered: set[tuple[int, int]] = set()

    def from_column(self, place: int, rules: int) -> list[int] | None:
        if rules & self._whole[place] and all(self._box[place:]):
            return None
        if not rules or place == len(self._box):
            return [next(bits_of(pieces), 0) for pieces in self._box[place:]]
        if (place, rules) in self._covered:
            return None
        first: dict[int, int] = {}
        for piece in bits_of(self._box[place]):
            self._table._spend(1)
            first.setdefault(rules & self._table._accepting[place][piece], piece)
        for left, piece in sorted(first.items(), key=lambda item: item[0].bit_count()):
            found = self.from_column(place + 1, left)
            if found is not None:
                return [piece, *found]
        self._covered.add((place, rules))
        return None
