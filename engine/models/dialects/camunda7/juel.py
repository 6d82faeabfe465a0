"""The expression language of Camunda 7, `${...}`: read into a small tree; nothing is evaluated here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from engine.errors import Message

MAX_LENGTH = 10_000
MAX_DEPTH = 60

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:().,\[\]]))"
)
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
}
#: Binary operators, weakest first.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))


class NotTranslated(Exception):
    """A text of Camunda 7 whose meaning here is not sure; `said` tells why and what to use instead."""

    def __init__(self, said: Message) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, truth value or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or a bean."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name` or `of['name']`."""

    of: Tree
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`of[index]`."""

    of: Tree
    index: Tree


@dataclass(frozen=True, slots=True)
class Call:
    """A function or method with its arguments."""

    of: Tree
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`!`, `-` or `empty`."""

    operator: str
    value: Tree


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two values."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? yes : no`."""

    condition: Tree
    yes: Tree
    no: Tree


Tree: TypeAlias = "Literal | Name | Member | Item | Call | Unary | Binary | Choice"


def parse(text: str) -> Tree:
    """Return the tree of what stands between `${` and `}`. Raises NotTranslated where it cannot be read."""
    reader = _Reader(_tokens(text))
    tree = reader.choice(0)
    if reader.kind:
        raise NotTranslated(
            Message(
                "'{text}' cannot be read there; write the expression in FEEL, after `=`", text=reader.text
            )
        )
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > MAX_LENGTH:
        raise NotTranslated(
            Message(
                "it is longer than {most} characters; compute it in a decision table",
                most=MAX_LENGTH,
            )
        )
    found: list[tuple[str, str]] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].strip()[:20]
            raise NotTranslated(
                Message("'{rest}' cannot be read; write the expression in FEEL, after `=`", rest=rest)
            )
        at = match.end()
        kind = str(match.lastgroup)
        word = match[kind]
        after_dot = bool(found) and found[-1] == ("mark", ".")
        if kind == "name" and word in _WORDS and not after_dot:
            kind, word = "mark", _WORDS[word]
        found.append((kind, word))
    return found


class _Reader:
    """Reads tokens by recursive descent."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("", "")]
        self._at = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def text(self) -> str:
        return self._tokens[self._at][1]

    def choice(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise NotTranslated(Message("it is nested too deep; compute it in a decision table"))
        condition = self._binary(0, depth)
        if not self._take("?"):
            return condition
        yes = self.choice(depth + 1)
        self._need(":")
        return Choice(condition, yes, self.choice(depth + 1))

    def _binary(self, level: int, depth: int) -> Tree:
        if level == len(_LEVELS):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while self.kind == "mark" and self.text in _LEVELS[level]:
            operator = self._next()
            left = Binary(operator, left, self._binary(level + 1, depth))
        return left

    def _unary(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise NotTranslated(Message("it is nested too deep; compute it in a decision table"))
        if self.kind == "mark" and self.text in ("!", "-"):
            return Unary(self._next(), self._unary(depth + 1))
        if (self.kind, self.text) == ("name", "empty"):
            self._next()
            return Unary("empty", self._unary(depth + 1))
        return self._path(depth)

    def _path(self, depth: int) -> Tree:
        tree = self._value(depth)
        while True:
            if self._take("."):
                if self.kind != "name":
                    raise NotTranslated(
                        Message("a name is missing after the dot; write the expression in FEEL")
                    )
                tree = Member(tree, self._next())
            elif self._take("["):
                index = self.choice(depth + 1)
                self._need("]")
                named = isinstance(index, Literal) and isinstance(index.value, str)
                tree = Member(tree, str(index.value)) if named else Item(tree, index)  # type: ignore[union-attr]
            elif self._take("("):
                tree = Call(tree, self._arguments(depth))
            else:
                return tree

    def _arguments(self, depth: int) -> tuple[Tree, ...]:
        found: list[Tree] = []
        if self._take(")"):
            return ()
        while True:
            found.append(self.choice(depth + 1))
            if self._take(")"):
                return tuple(found)
            self._need(",")

    def _value(self, depth: int) -> Tree:
        kind, text = self.kind, self.text
        if kind == "number":
            self._next()
            return Literal(_number(text))
        if kind == "text":
            self._next()
            return Literal(re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL))
        if kind == "name":
            self._next()
            words: dict[str, bool | None] = {"true": True, "false": False, "null": None}
            return Literal(words[text]) if text in words else Name(text)
        if self._take("("):
            inside = self.choice(depth + 1)
            self._need(")")
            return inside
        raise NotTranslated(
            Message("'{text}' cannot be read there; write the expression in FEEL", text=text or "its end")
        )

    def _take(self, mark: str) -> bool:
        if (self.kind, self.text) != ("mark", mark):
            return False
        self._at += 1
        return True

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise NotTranslated(
                Message("'{mark}' is missing; write the expression in FEEL, after `=`", mark=mark)
            )

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotTranslated(Message("'{text}' is no number", text=text)) from None
