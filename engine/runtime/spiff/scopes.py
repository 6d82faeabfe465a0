"""Variables in a scope tree (instance > sub-process or call > activity), as in Camunda 8.

Tokens share a scope by reference; nothing is copied along branches. Reading looks outwards; writing goes to
the nearest scope that declares the name, else to the root. A called process has a root of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.runtime.spiff.changes import Recorder


class Scope(Mapping[str, Any]):
    """One scope: its own variables, and the scope around it."""

    __slots__ = ("parent", "recorder", "values_here")

    def __init__(
        self, recorder: Recorder, parent: Scope | None = None, values: dict[str, Any] | None = None
    ) -> None:
        self.recorder = recorder
        self.parent = parent
        self.values_here: dict[str, Any] = {} if values is None else values

    def __getitem__(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values_here:
                return scope.values_here[name]
            scope = scope.parent
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values_here:
                return True
            scope = scope.parent
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.flat())

    def __len__(self) -> int:
        return len(self.flat())

    def flat(self) -> dict[str, Any]:
        """Return every visible variable in a new dict, inner ones hiding outer ones."""
        chain: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            chain.append(scope)
            scope = scope.parent
        result: dict[str, Any] = {}
        for each in reversed(chain):
            result.update(each.values_here)
        return result

    def declare(self, name: str, value: Any) -> None:
        """Set a variable of this very scope, hiding one of that name further out."""
        self.values_here[name] = value

    def assign(self, name: str, value: Any) -> None:
        """Write to the nearest scope that declares `name`, else to the root; both values are recorded."""
        scope = self
        while name not in scope.values_here and scope.parent is not None:
            scope = scope.parent
        old = scope.values_here.get(name)
        scope.values_here[name] = value
        self.recorder.variable(name, old, value)

    def overwrite(self, name: str, value: Any) -> None:
        """As `assign`, for who tells history itself."""
        scope = self
        while name not in scope.values_here and scope.parent is not None:
            scope = scope.parent
        scope.values_here[name] = value

    def merge(self, values: Mapping[str, Any]) -> None:
        """Assign several variables."""
        for name, value in values.items():
            self.assign(name, value)

    def put(self, path: str, value: Any, *, local: bool) -> None:
        """Write to a name or a path such as `customer.kind`; a path changes no context in place."""
        name, *rest = path.split(".")
        if rest:
            value = _placed(self.get(name), rest, value)
        if local:
            self.declare(name, value)
        else:
            self.assign(name, value)


class View(Mapping[str, Any]):
    """What an expression sees: facts of the case first, so that no variable hides one; then variables."""

    __slots__ = ("extra", "facts", "scope")

    def __init__(
        self, facts: Mapping[str, Any], scope: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> None:
        self.facts = facts
        self.scope = scope
        self.extra: Mapping[str, Any] = extra or {}

    def __getitem__(self, name: str) -> Any:
        if name in self.facts:
            return self.facts[name]
        if name in self.extra:
            return self.extra[name]
        return self.scope[name]

    def __contains__(self, name: object) -> bool:
        return name in self.facts or name in self.extra or name in self.scope

    def __iter__(self) -> Iterator[str]:
        return iter({**self.scope, **self.extra, **self.facts})

    def __len__(self) -> int:
        return len({**self.scope, **self.extra, **self.facts})


def _placed(current: Any, path: list[str], value: Any) -> dict[str, Any]:
    base = dict(current) if isinstance(current, Mapping) else {}
    name, *rest = path
    base[name] = _placed(base.get(name), rest, value) if rest else value
    return base
