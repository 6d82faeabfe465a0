"""Item definitions as types (DMN 1.5, 7.3.2): simple ones, structures, collections, functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.decisions.reading import Findings, child, children, content, text_of
from engine.errors import Message
from engine.feel import FeelSyntaxError, UnaryTests, compile_unary_tests
from engine.feel.types import ANY, FeelType, simple_type


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """What a type asks of its values besides."""

    tests: UnaryTests

    def __call__(self, value: Any) -> bool:
        """Return whether a value is allowed."""
        return self.tests.matches(value, {}) is True


class ItemTypes(Mapping[str, FeelType]):
    """The types that a model defines, by name; those of imported models by `import.name`."""

    def __init__(self, root: Any, findings: Findings, imported: Mapping[str, FeelType]) -> None:
        self._nodes = {node.get("name", ""): node for node in children(root, "itemDefinition")}
        self._findings = findings
        self._found: dict[str, FeelType] = dict(imported)
        self._open: set[str] = set()
        for name in self._nodes:
            self._found[name] = self[name]

    def __getitem__(self, name: str) -> FeelType:
        if name in self._found:
            return self._found[name]
        if name not in self._nodes:
            raise KeyError(name)
        if name in self._open:
            return ANY  # A type that holds itself is not looked into any further.
        self._open.add(name)
        try:
            found = self._define(self._nodes[name], name)
        finally:
            self._open.discard(name)
        self._found[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter({**self._nodes, **self._found})

    def __len__(self) -> int:
        return len({**self._nodes, **self._found})

    def of(self, reference: str | None) -> FeelType:
        """Return the type that a `typeRef` names; Any for none, and for one that is nowhere defined."""
        if not reference:
            return ANY
        reference = reference.strip()
        if reference in self:
            return self[reference]
        prefix, _, local = reference.rpartition(":")
        if prefix and local in self and prefix != "feel":
            return self[local]
        return simple_type(local or reference) or ANY

    def _define(self, node: Any, name: str) -> FeelType:
        base = self._body(node)
        allowed = self._constraint(child(node, "allowedValues"))
        if allowed is not None:
            base = FeelType(f"{name} item" if node.get("isCollection") == "true" else name, base, (), allowed)
        if node.get("isCollection") == "true":
            base = FeelType("list", base)
        whole = self._constraint(child(node, "typeConstraint"))
        return base if whole is None else FeelType(name, base, (), whole)

    def _body(self, node: Any) -> FeelType:
        components = list(children(node, "itemComponent"))
        if components:
            members = tuple(
                (one.get("name", ""), self._define(one, one.get("name", ""))) for one in components
            )
            return FeelType("context", None, members)
        function = child(node, "functionItem")
        if function is not None:
            parameters = tuple(
                (one.get("name", ""), self.of(one.get("typeRef"))) for one in children(function, "parameters")
            )
            return FeelType("function", self.of(function.get("outputTypeRef")), parameters)
        return self.of(content(child(node, "typeRef")) or None)

    def _constraint(self, node: Any) -> AllowedValues | None:
        text = None if node is None else text_of(node)
        if text is None:
            return None
        try:
            tests = compile_unary_tests(text)
        except FeelSyntaxError as error:
            self._findings.add(
                node,
                "dmn.allowed-values",
                Message("the allowed values are not FEEL: {said}", said=error.said),
            )
            return None
        return AllowedValues(tests)
