"""Groups of texts that say much the same, in Chinese and English: pure, the same for the same texts (R53).

Chinese is cut into pairs of characters, other scripts into words; a text is the weights of what it holds
(term frequency by inverse document frequency). Each text joins the group that is nearest by cosine, or begins
one of its own. scikit-learn would bring 200 MB along for what are these hundred lines.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log, sqrt
from typing import Final

NEAR: Final = 0.28
"""The cosine from which a text belongs to a group."""
LEAST: Final = 3
"""A term is told of a group only where so many of its texts hold it: what one person wrote stays theirs."""
MOST_TERMS: Final = 6
_STRONGEST: Final = 40
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z]{3,}")
_COMMON = frozenset(
    re.findall(
        r"[a-z]+",
        "the and for was were that this with have has had not are but you your they their from would when "
        "which been also what there them our out its will can did all any one about after because into than "
        "then she him her his who how xxxx",
    )
)
_EMPTY = frozenset("的了是在我你他她它們们和與与就也都而及或這这那有沒没不為为以於于之其請请要")


@dataclass(slots=True)
class _Group:
    members: list[int] = field(default_factory=list)
    weights: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    length: float = 0.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group: the places of its texts in what was given, and the terms that its texts share."""

    members: tuple[int, ...]
    terms: tuple[str, ...]


def terms_of(text: str) -> list[str]:
    """Return what a text is compared by."""
    found: list[str] = []
    for run in _RUN.findall(text.casefold()):
        if run[0] < "\u3400":
            if run not in _COMMON:
                found.append(run.removesuffix("s"))
        else:
            found += [a + b for a, b in pairwise(run) if not {a, b} & _EMPTY]
    return found


def clusters(texts: Sequence[str], *, least: int = LEAST, fold: Callable[[str], str] = str) -> list[Cluster]:
    """Return the groups of at least so many texts, largest first.

    Texts are compared as `fold` writes them, so that 扣款 and its other writing are one term; terms are told
    as most of the group's texts write them.
    """
    folded = [fold(text.casefold()) for text in texts]
    counted = [Counter(terms_of(text)) for text in folded]
    spread = Counter(term for each in counted for term in each)
    vectors = [_weigh(each, spread, len(texts)) for each in counted]
    groups: list[_Group] = []
    holding: defaultdict[str, set[int]] = defaultdict(set)
    for place, vector in enumerate(vectors):
        if vector:
            chosen = _nearest(vector, groups, holding)
            if chosen is None:
                groups.append(_Group())
                chosen = len(groups) - 1
            _join(groups[chosen], place, vector)
            for term in vector:
                holding[term].add(chosen)
    found = [
        Cluster(tuple(each.members), _as_written(_shared(each, counted), each.members, texts, folded))
        for each in groups
        if len(each.members) >= least
    ]
    return sorted((each for each in found if each.terms), key=lambda each: (-len(each.members), each.members))


def _weigh(counts: Mapping[str, int], spread: Mapping[str, int], total: int) -> dict[str, float]:
    """Return the strongest terms of a text as a vector of length one."""
    weights = {
        term: (1 + log(count)) * (log((1 + total) / (1 + spread[term])) + 1)
        for term, count in counts.items()
        if spread[term] > 1
    }
    strongest = dict(sorted(weights.items(), key=lambda each: (-each[1], each[0]))[:_STRONGEST])
    length = sqrt(sum(each * each for each in strongest.values()))
    return {term: each / length for term, each in strongest.items()} if length else {}


def _nearest(
    vector: Mapping[str, float], groups: Sequence[_Group], holding: Mapping[str, set[int]]
) -> int | None:
    scores: defaultdict[int, float] = defaultdict(float)
    for term, weight in vector.items():
        for number in holding.get(term, ()):
            scores[number] += weight * groups[number].weights[term]
    best = max(scores, key=lambda number: (scores[number] / groups[number].length, -number), default=None)
    return best if best is not None and scores[best] / groups[best].length >= NEAR else None


def _join(group: _Group, place: int, vector: Mapping[str, float]) -> None:
    group.members.append(place)
    for term, weight in vector.items():
        group.weights[term] += weight
    group.length = sqrt(sum(each * each for each in group.weights.values()))


def _shared(group: _Group, counted: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """Return the strongest terms that several texts of the group hold, pairs of characters put together."""
    held = Counter(term for place in group.members for term in counted[place])
    wide = max(LEAST, len(group.members) // 4)
    strong = sorted(group.weights, key=lambda term: (-group.weights[term], term))
    return tuple(_phrases([term for term in strong if held[term] >= wide][: 2 * MOST_TERMS])[:MOST_TERMS])


def _as_written(
    terms: Iterable[str], members: Iterable[int], texts: Sequence[str], folded: Sequence[str]
) -> tuple[str, ...]:
    """Return folded terms in the writing that most of the members use."""
    found = []
    for term in terms:
        written = Counter(
            texts[place].casefold()[at : at + len(term)]
            for place in members
            if len(folded[place]) == len(texts[place].casefold()) and (at := folded[place].find(term)) >= 0
        )
        found.append(max(written, key=lambda each: (written[each], each), default=term))
    return tuple(found)


def _phrases(terms: Iterable[str]) -> list[str]:
    """Put pairs that overlap together again: 重複, 複扣 and 扣款 become 重複扣款."""
    found: list[str] = []
    for term in terms:
        for place, phrase in enumerate(found):
            if len(phrase) < 8 and phrase[0] >= "\u3400" and term[0] >= "\u3400":
                if phrase.endswith(term[0]):
                    found[place] = phrase + term[1:]
                    break
                if phrase.startswith(term[-1]):
                    found[place] = term[:-1] + phrase
                    break
        else:
            found.append(term)
    return [each for place, each in enumerate(found) if not any(each in other for other in found[:place])]
