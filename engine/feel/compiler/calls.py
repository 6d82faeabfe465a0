"""Calls, and functions that a text defines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.feel.compiler.dispatch import Compiler, compiles
from engine.feel.compiler.scope import Frame, Run
from engine.feel.foreign import foreign_function
from engine.feel.limits import budget_of, charge
from engine.feel.syntax import Call, FunctionOf, Name, NamedCall, Node
from engine.feel.values.functions import Closure, FeelFunction, as_function


@compiles(Call)
def call(compiler: Compiler, node: Call) -> Run:
    """Compile a call with arguments in order."""
    compiler.counts = True
    arguments = [compiler.compile(argument) for argument in node.arguments]
    known = _known(compiler, node.function)
    if known is not None:
        return _direct(known, arguments)
    function = _function(compiler, node.function)

    def run(scope: Any) -> Any:
        found = function(scope)
        if found is None:
            return None
        budget_of(scope).spend()
        return found.call([argument(scope) for argument in arguments])

    return run


def _direct(known: FeelFunction, arguments: list[Run]) -> Run:
    """Compile a call of a function that is known now. Large arguments and results cost steps."""
    invoke = known.call

    def run(scope: Any) -> Any:
        given = [argument(scope) for argument in arguments]
        for value in given:
            charge(scope, value)
        found = invoke(given)
        charge(scope, found)
        return found

    return run


@compiles(NamedCall)
def named_call(compiler: Compiler, node: NamedCall) -> Run:
    """Compile a call with arguments by name."""
    compiler.counts = True
    arguments = [(name, compiler.compile(argument)) for name, argument in node.arguments]
    function = _function(compiler, node.function)

    def run(scope: Any) -> Any:
        found = function(scope)
        if found is None:
            return None
        budget_of(scope).spend()
        return found.call_named({name: argument(scope) for name, argument in arguments})

    return run


def _known(compiler: Compiler, node: Node) -> FeelFunction | None:
    """Return the function that a name surely stands for: no variable of that name has been declared."""
    if isinstance(node, Name) and node.name not in compiler.declared:
        return compiler.functions.get(node.name)
    return None


def _function(compiler: Compiler, node: Node) -> Run:
    known = _known(compiler, node)
    if known is not None:
        return lambda _scope: known
    inner = compiler.compile(node)
    name = node.name if isinstance(node, Name) else ""
    otherwise = compiler.functions.get(name)

    def run(scope: Any) -> Any:
        # A variable that only happens to have a function's name does not hide the function.
        return as_function(inner(scope), name) or otherwise

    return run


@compiles(FunctionOf)
def function_of(compiler: Compiler, node: FunctionOf) -> Run:
    """Compile a function definition; the function sees the names around its definition."""
    compiler.counts = True
    parameters = [(parameter.name, parameter.type) for parameter in node.parameters]
    names = [name for name, _ in parameters]
    # A parameter may have the name of a built-in function.
    before, compiler.declared = compiler.declared, compiler.declared | frozenset(names)
    try:
        body = compiler.compile(node.body)
    finally:
        compiler.declared = before
    if node.external:
        return lambda scope: foreign_function(body(scope), parameters)

    def run(scope: Any) -> Any:
        def invoke(arguments: Sequence[Any]) -> Any:
            budget_of(scope).spend()
            return body(Frame(scope, dict(zip(names, arguments, strict=True))))

        return Closure(parameters, invoke)

    return run
