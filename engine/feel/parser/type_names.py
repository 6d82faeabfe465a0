"""Types as they are written after `instance of` and in the parameters of functions."""

from __future__ import annotations

from engine.errors import Message
from engine.feel.parser.cursor import Cursor
from engine.feel.types import ANY, FeelType, simple_type

_GENERIC = ("list", "range", "context", "function")
_LONG = ("date and time", "days and time duration", "years and months duration", "day and time duration",
         "year and month duration")  # fmt: skip


class TypeParser(Cursor):
    """Reads types."""

    def type_name(self) -> FeelType:
        """Read a type. Raises FeelSyntaxError. One that nobody has declared is a type that no value has."""
        self.deeper()
        try:
            token = self.token
            if token.kind != "name":
                raise self.error(Message("a type"))
            if token.text in _GENERIC and self.peek("<", 1):
                self.at += 2
                return getattr(self, f"_{token.text}_type")()  # type: ignore[no-any-return]
            return self._plain_type()
        finally:
            self.depth -= 1

    def _plain_type(self) -> FeelType:
        found = self._longest(_LONG) or self._longest(self.types)
        if found is not None:
            return self.types.get(found) or simple_type(found) or ANY
        name = self.token.text
        self.at += 1
        simple = simple_type(name)
        if simple is not None:
            return simple
        while self.peek(".") and self.tokens[self.at + 1].kind == "name":
            name += "." + self.tokens[self.at + 1].text
            self.at += 2
        return FeelType(f"unknown type {name}")

    def _longest(self, names: object) -> str | None:
        """Step over the longest of `names` that stands here."""
        best: tuple[int, str] | None = None
        start = self.token.start
        for name in names:  # type: ignore[attr-defined]
            words = name.split()
            place, at = start, self.at
            for word in words:
                while at < len(self.tokens) and self.tokens[at].start < place:
                    at += 1
                place = self.tokens[at].start if at < len(self.tokens) else len(self.text)
                if not self.text.startswith(word, place):
                    break
                place += len(word)
            else:
                if not self.text[place : place + 1].isidentifier() and (best is None or place > best[0]):
                    best = (place, name)
        if best is None:
            return None
        while self.token.start < best[0] and self.token.kind != "end":
            self.at += 1
        return best[1]

    def _list_type(self) -> FeelType:
        base = self.type_name()
        self.expect(">")
        return FeelType("list", base)

    def _range_type(self) -> FeelType:
        base = self.type_name()
        self.expect(">")
        return FeelType("range", base)

    def _context_type(self) -> FeelType:
        members: list[tuple[str, FeelType]] = []
        while not self.take(">"):
            name = self.name_before(":")
            if name is None:
                raise self.error(Message("the name of an entry"))
            self.expect(":")
            members.append((name, self.type_name()))
            if not self.take(",") and not self.peek(">"):
                raise self.error(Message("',' or '>'"))
        return FeelType("context", None, tuple(members))

    def _function_type(self) -> FeelType:
        members: list[tuple[str, FeelType]] = []
        while not self.take(">"):
            members.append(("", self.type_name()))
            if not self.take(",") and not self.peek(">"):
                raise self.error(Message("',' or '>'"))
        self.expect("->")
        return FeelType("function", self.type_name(), tuple(members))
