"""Names of several words: the longest one that is known wins (DMN 1.5, 10.3.1.2, rules 27-30)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from engine.feel.errors import FeelSyntaxError
from engine.feel.tokens import Token, tokenize

_SPACES = re.compile(r"\s+")


def normal_name(name: str) -> str:
    """Return `name` with single spaces, as names are compared."""
    return _SPACES.sub(" ", name.strip())


class KnownNames:
    """Names of more than one token, found in a row of tokens."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._root: dict[str, Any] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make `name` known. Names of one token need not be; what cannot be a name is left out."""
        try:
            tokens = tokenize(name)[:-1]
        except FeelSyntaxError:
            return
        if len(tokens) < 2 or tokens[0].kind != "name":
            return
        node = self._root
        for token in tokens:
            node = node.setdefault(token.text, {})
        node[""] = normal_name(name)

    def longest(self, tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
        """Return the longest known name that begins at token `at`, and how many tokens it takes."""
        node: dict[str, Any] | None = self._root.get(tokens[at].text)
        if node is None:
            return None
        best: tuple[str, int] | None = None
        count = 1
        while node is not None:
            if "" in node:
                best = (node[""], count)
            token = tokens[at + count]
            if token.kind in ("end", "string"):
                break
            node = node.get(token.text)
            count += 1
        return best
