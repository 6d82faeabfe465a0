"""Texts compiled once and evaluated often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from engine.errors import FeelError, Message
from engine.feel.builtins import BUILTIN_NAMES, BUILTINS
from engine.feel.compiler import access, calls, control, operators
from engine.feel.compiler.dispatch import Compiler
from engine.feel.compiler.scope import Frame, Run
from engine.feel.compiler.tests import Test, compile_tests
from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import BUDGET, Budget, checked_value
from engine.feel.names import KnownNames
from engine.feel.parser.operators import parse_expression, parse_unary_tests
from engine.feel.syntax import Literal, Node, free_and_called_names, names_read
from engine.feel.types import FeelType
from engine.feel.values.functions import FeelFunction, as_function

COMPILER_RULES = (access, calls, control, operators)
"""The modules whose import teaches the compiler its rules."""
_KEPT = 8192


class Expression:
    """A compiled expression. Safe to share between threads.

    `evaluate(scope)` returns the value in a mapping of names, null where FEEL has no answer. It raises
    FeelError past a limit. It is an attribute, not a method: a condition that neither loops nor calls is its
    closure and nothing more. `reads` are names that it takes from the scope; `unknown_functions` those
    that it calls although neither FEEL nor the `functions` given have them: null, unless the scope holds one.
    `tree` is what was read.
    """

    __slots__ = ("evaluate", "reads", "text", "tree", "unknown_functions")

    def __init__(
        self,
        text: str,
        run: Run,
        *,
        tree: Node,
        counts: bool,
        reads: frozenset[str],
        unknown_functions: frozenset[str],
    ) -> None:
        self.text = text
        self.tree = tree
        self.reads = reads
        self.unknown_functions = unknown_functions
        self.evaluate: Run = _guarded(text, run) if counts else run


class UnaryTests:
    """The compiled tests of an input entry. Safe to share between threads.

    `matches(input value, scope)` returns whether the input passes, None where FEEL has no answer. It raises
    FeelError past a limit. `reads` are names that it takes from the scope, `unknown_functions` those that it
    calls although nobody has them; `counts` tells whether it loops or calls. `tree` is what was read.
    """

    __slots__ = ("counts", "matches", "reads", "text", "tree", "unknown_functions")

    def __init__(
        self,
        text: str,
        test: Test,
        *,
        tree: Node,
        counts: bool,
        reads: frozenset[str],
        unknown_functions: frozenset[str],
    ) -> None:
        self.text = text
        self.tree = tree
        self.counts = counts
        self.reads = reads
        self.unknown_functions = unknown_functions
        self.matches: Test = _guarded_test(text, test) if counts else test


def _guarded(text: str, run: Run) -> Run:
    """Return `run` with a budget for what it may do."""

    def evaluate(scope: Any) -> Any:
        try:
            return checked_value(run(_with_budget(scope)))
        except RecursionError:
            raise _too_deep(text) from None

    return evaluate


def _guarded_test(text: str, test: Test) -> Test:
    """Return `test` with a budget for what it may do."""

    def check(value: Any, scope: Any) -> bool | None:
        try:
            return test(value, _with_budget(scope))
        except RecursionError:
            raise _too_deep(text) from None

    return check


def _with_budget(scope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a scope with a budget: its own one, when an evaluation is going on around this one."""
    if isinstance(scope, Frame):
        try:
            if isinstance(scope[BUDGET], Budget):
                return scope
        except KeyError:
            pass
    return Frame(scope, {BUDGET: Budget()})


def _too_deep(text: str) -> FeelError:
    return FeelError(
        Message(
            "the expression '{text}' calls itself, or is nested, too deeply; let it end sooner",
            text=text[:200],
        )
    )


def compile_expression(
    text: str,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    names: Iterable[str] = (),
    types: Mapping[str, FeelType] | None = None,
) -> Expression:
    """Return a compiled expression, from a cache by text, names and the identity of `functions` and `types`.

    `text` stands without a leading `=`. `functions` are our own, by FEEL name; `names` are variables and
    entries whose
    names hold spaces or operators; `types` are those that `instance of` and parameters may name.
    Raises FeelSyntaxError.
    """
    setting = _setting(functions, names, types)
    return _expression(text, setting)


def compile_unary_tests(
    text: str,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    names: Iterable[str] = (),
    types: Mapping[str, FeelType] | None = None,
) -> UnaryTests:
    """Return the compiled tests of an input entry, cached as `compile_expression`. Raises FeelSyntaxError."""
    return _unary_tests(text, _setting(functions, names, types))


class Setting:
    """What a text may refer to. There is one for the same names and the same mappings."""

    __slots__ = ("declared", "functions", "known", "types")

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]] | None,
        names: frozenset[str],
        types: Mapping[str, FeelType] | None,
    ) -> None:
        self.declared = names
        self.types = types if types is not None else {}
        own = functions if functions is not None else {}
        self.functions: dict[str, FeelFunction] = {**BUILTINS}
        for name, function in own.items():
            found = as_function(function, name)
            if found is not None:
                self.functions[name] = found
        self.known = (BUILTIN_NAMES, KnownNames((*own, *names)))

    def compiler(self) -> Compiler:
        """Return a compiler for one text."""
        return Compiler(self.functions, self.declared)


@lru_cache(maxsize=256)
def _cached_setting(names: frozenset[str], holder: _Holder) -> Setting:
    return Setting(holder.functions, names, holder.types)


class _Holder:
    """Carries two mappings past the cache, which compares their identities and keeps them alive."""

    __slots__ = ("functions", "types")

    def __init__(self, functions: Any, types: Any) -> None:
        self.functions = functions
        self.types = types

    def __hash__(self) -> int:
        return hash((id(self.functions), id(self.types)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and self.functions is other.functions and self.types is other.types


_PLAIN = Setting(None, frozenset(), None)


def _setting(functions: Any, names: Iterable[str], types: Any) -> Setting:
    declared = names if isinstance(names, frozenset) else frozenset(names)
    if functions is None and types is None and not declared:
        return _PLAIN
    return _cached_setting(declared, _Holder(functions, types))


@lru_cache(maxsize=_KEPT)
def _expression(text: str, setting: Setting) -> Expression:
    compiler = setting.compiler()
    node = parse_expression(text, setting.known, setting.types)
    run = _compiled(lambda: compiler.compile(node), text)
    reads, called = free_and_called_names(node)
    return Expression(
        text,
        run,
        tree=node,
        counts=compiler.counts,
        reads=reads,
        unknown_functions=called - setting.functions.keys() - setting.declared,
    )


@lru_cache(maxsize=_KEPT)
def _unary_tests(text: str, setting: Setting) -> UnaryTests:
    compiler = setting.compiler()
    node = parse_unary_tests(text, setting.known, setting.types)
    test = _compiled(lambda: compile_tests(compiler, node), text)
    reads, called = free_and_called_names(node)
    return UnaryTests(
        text,
        test,
        tree=node,
        counts=compiler.counts,
        reads=reads,
        unknown_functions=called - setting.functions.keys() - setting.declared,
    )


_CLOCK = frozenset(["now", "today", "random number"])
_CONSTANT_STEPS = 1000


def constant_of(tree: Node) -> Any:
    """Return the value of a tree that is the same in every scope, such as `-1` or `date("2026-01-31")`.

    Raises LookupError for a tree that reads a name, asks for the time or takes long.
    """
    if isinstance(tree, Literal):
        return tree.value
    names = names_read(tree)
    if not names <= BUILTINS.keys() or names & _CLOCK:
        raise LookupError
    try:
        return Compiler(BUILTINS, frozenset()).compile(tree)(Frame({}, {BUDGET: Budget(_CONSTANT_STEPS)}))
    except (FeelError, RecursionError, KeyError):
        raise LookupError from None


def _compiled(compile_tree: Callable[[], Any], text: str) -> Any:
    try:
        return compile_tree()
    except RecursionError:
        raise FeelSyntaxError(
            Message("the expression '{text}' is too long", text=text[:200]), 0, Message("a shorter text")
        ) from None
