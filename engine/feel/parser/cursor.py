"""The place in the tokens where the parser stands, and the names known there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import Message
from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_NESTING
from engine.feel.mistakes import A_FLATTER_TEXT, AN_EXPRESSION, misplaced
from engine.feel.names import KnownNames, normal_name
from engine.feel.syntax import Node
from engine.feel.tokens import Token, tokenize
from engine.feel.types import FeelType

RESERVED = frozenset(
    ["and", "or", "between", "in", "then", "else", "return", "satisfies", "instance", "if", "for", "external"]
)
"""Words that end a name of several words that nobody has declared."""
IN_NAMES = frozenset(["-", "+", "*", "/", "'"])
"""Symbols that a declared name may hold."""


class Cursor:
    """Tokens, read one after another. `known` are the names of several words that came in from outside."""

    def __init__(self, text: str, known: Iterable[KnownNames], types: Mapping[str, FeelType]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0
        self.types = types
        self.inside = KnownNames()
        self._known = (*known, self.inside)

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def peek(self, text: str, ahead: int = 0) -> bool:
        """Return whether a symbol or word comes next, or `ahead` tokens later."""
        place = self.at + ahead
        if place >= len(self.tokens):
            return False
        token = self.tokens[place]
        return token.text == text and token.kind in ("symbol", "name")

    def take(self, text: str) -> bool:
        """Step over a symbol or word if it comes next, and return whether it did."""
        if self.peek(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Step over a symbol or word. Raises FeelSyntaxError when something else stands there."""
        if not self.take(text):
            raise self.error(Message("'{text}'", text=text))

    def error(self, expected: Message) -> FeelSyntaxError:
        """Return the error that something else than `expected` stands here."""
        return misplaced(self.text, self.token.start, self.token.end, expected)

    def deeper(self) -> None:
        """Note one more level of nesting. Raises FeelSyntaxError when there are too many."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise FeelSyntaxError(
                Message("the expression is nested more than {most} levels deep", most=MAX_NESTING),
                self.token.start,
                A_FLATTER_TEXT,
            )

    def known_name(self) -> str | None:
        """Step over the longest declared name of several words that begins here, and return it."""
        best: tuple[str, int] | None = None
        for names in self._known:
            found = names.longest(self.tokens, self.at)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        if best is None:
            return None
        self.at += best[1]
        return best[0]

    def free_name(self) -> str:
        """Step over a name: a declared one, or all words up to one that ends it. Raises FeelSyntaxError."""
        found = self.known_name()
        if found is not None:
            return found
        if self.token.kind != "name":
            raise self.error(Message("a name"))
        start = self.at
        self.at += 1
        while self._goes_on(self.tokens[self.at]):
            self.at += 1
        return self.slice(start, self.at)

    @staticmethod
    def _goes_on(token: Token) -> bool:
        """Return whether a token can be another word of a name that nobody has declared."""
        return (
            token.text.isdigit()
            if token.kind == "number"
            else token.kind == "name" and token.text not in RESERVED
        )

    def name_before(self, *ends: str) -> str | None:
        """Step over a name that is followed by one of `ends`, and return it; else stay and return None."""
        if self.token.kind != "name":
            return None
        place = self.at
        while self.tokens[place].kind in ("name", "number") or self.tokens[place].text in IN_NAMES:
            if self.tokens[place].text in ends:
                break
            place += 1
        if place == self.at or self.tokens[place].text not in ends or self.tokens[place].kind == "string":
            return None
        name = self.slice(self.at, place)
        self.at = place
        return name

    def slice(self, start: int, end: int) -> str:
        """Return the text of the tokens from `start` to before `end`, with single spaces."""
        return normal_name(self.text[self.tokens[start].start : self.tokens[end - 1].end])

    def expression(self) -> Node:
        """Read an expression."""
        raise self.error(AN_EXPRESSION)
