"""The texts of a diagram as formulas: `=` in front means FEEL, anything else is a literal.

Every formula is compiled when the bundle is compiled. Our own functions (`deadline`, `now` ...) belong to
the step that runs, not to the compiled text, so the compiled text calls them through a table that each
evaluation sets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.feel import Expression, compile_expression
from engine.models.vocabulary import FUNCTIONS

_functions: ContextVar[Mapping[str, Callable[..., Any]]] = ContextVar("functions")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"')
_FOREIGN = re.compile(
    r"\bnot\s+(?!\()\w+|\bis\s+(?:None|not)\b|\b(?:len|str|int|print)\s*\("
    r"|\b(?:True|False|None|lambda|import|elif)\b"
)
_PLAIN_NAME = re.compile(r"^=\s*([^\W\d]\w*)(?:\.\w+)*\s*$")


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled text. `expression` is None for a literal."""

    text: str
    expression: Expression | None

    def evaluate(self, view: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
        """Return the value: a literal's text, or what FEEL makes of it in `view`. May raise FeelError."""
        if self.expression is None:
            return self.text
        token = _functions.set(functions)
        try:
            return self.expression.evaluate(view)
        finally:
            _functions.reset(token)


def parse_formula(text: str, names: Iterable[str] = FUNCTIONS) -> Formula:
    """Compile a text as drawn. Raises FeelSyntaxError."""
    text = text.strip()
    if not text.startswith("="):
        return Formula(text, None)
    return Formula(text, compile_expression(text[1:].strip(), functions=_table(tuple(names))))


def parse_condition(text: str, names: Iterable[str] = FUNCTIONS) -> Formula:
    """Compile a condition, which is FEEL with or without the `=`. Raises FeelSyntaxError."""
    text = text.strip()
    return parse_formula(text if text.startswith("=") else "=" + text, names)


def foreign_syntax(text: str) -> str:
    """Return what FEEL would read as an odd name though it was meant as Python, or an empty text.

    Names may hold spaces in FEEL, so `not approved` is a name there, and always null.
    """
    found = _FOREIGN.search(_STRINGS.sub('""', text)) if text.strip().startswith("=") else None
    return found.group(0).strip() if found else ""


def plain_name(text: str) -> str:
    """Return the variable that `=name` or `=name.part` reads, or an empty text for anything more."""
    found = _PLAIN_NAME.match(text.strip())
    return found.group(1) if found else ""


@lru_cache(maxsize=64)
def _table(names: tuple[str, ...]) -> Mapping[str, Callable[..., Any]]:
    return {name: _dispatcher(name) for name in names}


def _dispatcher(name: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        function = _functions.get({}).get(name)
        return None if function is None else function(*arguments)

    return call
