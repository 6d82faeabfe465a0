"""What an expression is made of: literals, names, lists, contexts, ranges, calls, loops and functions."""

from __future__ import annotations

from engine.errors import Message
from engine.feel.errors import FeelSyntaxError
from engine.feel.mistakes import AN_EXPRESSION
from engine.feel.parser.cursor import RESERVED
from engine.feel.parser.type_names import TypeParser
from engine.feel.syntax import (
    Call,
    Conditional,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    Iteration,
    ListOf,
    Literal,
    Name,
    NamedCall,
    Node,
    Parameter,
    Path,
    Quantified,
    RangeOf,
    UnaryComparison,
)
from engine.feel.types import ANY
from engine.feel.values.numbers import parse_number
from engine.feel.values.temporal_text import parse_at_literal

_CONSTANTS = {"true": True, "false": False, "null": None}
UNARY_OPERATORS = ("<", "<=", ">", ">=", "=", "!=")
_PROPERTIES = (
    ("time", "offset"),
    ("start", "included"),
    ("end", "included"),
)


class PrimaryParser(TypeParser):
    """Reads the operands of operators."""

    filters = True

    def additive(self) -> Node:
        """Read an operand of a comparison."""
        raise self.error(AN_EXPRESSION)

    def postfix(self) -> Node:
        """Read a primary and the paths, filters and calls behind it."""
        node = self.primary()
        while True:
            if self.peek(".") and self.tokens[self.at + 1].kind == "name":
                self.at += 1
                node = Path(node, self._property())
            elif self.filters and self.peek("["):
                self.at += 1
                condition = self.fresh_expression()
                self.expect("]")
                node = Filter(node, condition)
            elif self.peek("("):
                self.at += 1
                node = self._call(node)
            else:
                return node

    def fresh_expression(self) -> Node:
        """Read an expression inside brackets, where filters are filters again."""
        before, self.filters = self.filters, True
        try:
            return self.expression()
        finally:
            self.filters = before

    def _property(self) -> str:
        for first, second in _PROPERTIES:
            if self.peek(first) and self.peek(second, 1):
                self.at += 2
                return f"{first} {second}"
        return self.free_name()

    def primary(self) -> Node:
        """Read one operand."""
        token = self.token
        if token.kind == "number":
            self.at += 1
            return Literal(parse_number(token.text))
        if token.kind == "string":
            self.at += 1
            return Literal(token.text)
        if token.kind == "name":
            return self._named()
        if token.text == "(":
            return self._parenthesis()
        if token.text in ("[", "]"):
            return self._bracket()
        if token.text == "{":
            return self._context()
        if token.text == "@":
            self.at += 1
            if self.token.kind != "string":
                raise self.error(Message('a string such as @"2026-01-31"'))
            self.at += 1
            return Literal(parse_at_literal(self.tokens[self.at - 1].text))
        raise self.error(AN_EXPRESSION)

    def _named(self) -> Node:
        known = self.known_name()
        if known is not None:
            return Name(known)
        word = self.token.text
        if word in _CONSTANTS:
            self.at += 1
            return Literal(_CONSTANTS[word])
        if word == "if":
            return self._conditional()
        if word == "for":
            return self._for()
        if word in ("some", "every") and not self.peek("(", 1):
            return self._quantified(word == "every")
        if word == "function" and self.peek("(", 1):
            return self._function()
        if word == "not" and self.peek("(", 1):
            self.at += 1
            return Name("not")
        if word == "instance" and not self.peek("of", 1):  # a keyword only between a value and `of`
            self.at += 1
            return Name(word)
        if word in RESERVED:
            raise self.error(AN_EXPRESSION)
        return Name(self.free_name())

    def _conditional(self) -> Node:
        self.at += 1
        condition = self.expression()
        self.expect("then")
        chosen = self.expression()
        self.expect("else")
        return Conditional(condition, chosen, self.expression())

    def _iterations(self, end: str) -> tuple[Iteration, ...]:
        found = []
        while True:
            name = self.name_before("in")
            if name is None:
                raise self.error(Message("a name and 'in'"))
            self.expect("in")
            source = self.expression()
            last = self.expression() if self.take("..") else None
            self.inside.add(name)
            found.append(Iteration(name, source, last))
            if not self.take(","):
                break
        self.expect(end)
        return tuple(found)

    def _for(self) -> Node:
        self.at += 1
        iterations = self._iterations("return")
        return For(iterations, self.expression())

    def _quantified(self, every: bool) -> Node:
        self.at += 1
        iterations = self._iterations("satisfies")
        return Quantified(every, iterations, self.expression())

    def _function(self) -> Node:
        self.at += 2
        parameters: list[Parameter] = []
        while not self.take(")"):
            name = self.name_before(":", ",", ")")
            if name is None:
                raise self.error(Message("the name of a parameter"))
            self.inside.add(name)
            parameters.append(Parameter(name, self.type_name() if self.take(":") else ANY))
            if not self.take(",") and not self.peek(")"):
                raise self.error(Message("',' or ')'"))
        external = self.take("external")
        return FunctionOf(tuple(parameters), self.expression(), external)

    def _call(self, function: Node) -> Node:
        if self.take(")"):
            return Call(function, ())
        if self._names_argument():
            named: dict[str, Node] = {}
            while True:
                name = self.name_before(":")
                if name is None or name in named:
                    raise self.error(Message("the name of a parameter, once"))
                self.expect(":")
                named[name] = self.fresh_expression()
                if not self.take(","):
                    break
            self.expect(")")
            return NamedCall(function, tuple(named.items()))
        arguments = [self.fresh_expression()]
        while self.take(","):
            arguments.append(self.fresh_expression())
        self.expect(")")
        return Call(function, tuple(arguments))

    def _names_argument(self) -> bool:
        start = self.at
        found = self.name_before(":")
        self.at = start
        return found is not None

    def test_operand(self) -> Node:
        """Read `< 5` and the like, or an expression."""
        if self.token.kind == "symbol" and self.token.text in UNARY_OPERATORS:
            operator = self.token.text
            self.at += 1
            return UnaryComparison(operator, self.additive())
        return self.fresh_expression()

    def _parenthesis(self) -> Node:
        self.at += 1
        inner = self.test_operand()
        if self.peek(".."):
            return self._range(inner, low_closed=False)
        self.expect(")")
        return inner

    def _bracket(self) -> Node:
        opening = self.token.text
        self.at += 1
        if opening == "[" and self.take("]"):
            return ListOf(())
        first = self.test_operand() if opening == "[" else self.fresh_expression()
        if self.peek("..") or opening == "]":
            return self._range(first, low_closed=opening == "[")
        items = [first]
        while self.take(","):
            items.append(self.test_operand())
        self.expect("]")
        return ListOf(tuple(items))

    def _range(self, low: Node, *, low_closed: bool) -> Node:
        self.expect("..")
        start = self.at
        try:
            high = self.fresh_expression()
            closed = self._range_end()
        except FeelSyntaxError:
            # In `[1..5[` the last bracket closes the range, and is no filter.
            self.at = start
            before, self.filters = self.filters, False
            try:
                high = self.expression()
            finally:
                self.filters = before
            closed = self._range_end()
        return RangeOf(low, high, low_closed, closed)

    def _range_end(self) -> bool:
        if self.take("]"):
            return True
        if self.take(")") or self.take("["):
            return False
        raise self.error(Message("']' or ')'"))

    def _context(self) -> Node:
        self.at += 1
        entries: list[tuple[str, Node]] = []
        while not self.take("}"):
            if self.token.kind == "string":
                name: str | None = self.token.text
                self.at += 1
            else:
                name = self.name_before(":")
            if name is None:
                raise self.error(Message("the name of an entry"))
            self.expect(":")
            value = self.fresh_expression()
            self.inside.add(name)
            entries.append((name, value))
            if not self.take(",") and not self.peek("}"):
                raise self.error(Message("',' or '}'"))
        return ContextOf(tuple(entries))
