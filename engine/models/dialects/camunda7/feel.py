"""`${...}` of Camunda 7 as FEEL, where the meaning is surely the same; refused with a reason where not.

Where the languages differ, the translation says what Camunda 7 does: an order with null is false there and
null in FEEL, lists begin at 0, `%` takes the sign of what is divided. What depends on the types of variables
(a number compared with a text that looks like one) is not sure, and refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

from engine.errors import FeelError, Message
from engine.feel import compile_expression
from engine.models.dialects.camunda7.juel import (
    Binary,
    Call,
    Choice,
    Item,
    Literal,
    Member,
    Name,
    NotTranslated,
    Tree,
    Unary,
    parse,
)
from engine.models.vocabulary import FUNCTIONS

#: What the engine of Camunda 7 knows by name, as FEEL here.
_KNOWN_PATHS = {
    "execution.processInstanceId": "instance.id",
    "execution.getProcessInstanceId()": "instance.id",
    "execution.businessKey": "instance.business_key",
    "execution.getBusinessKey()": "instance.business_key",
    "execution.processBusinessKey": "instance.business_key",
    "execution.getProcessBusinessKey()": "instance.business_key",
}
_ENGINE_BEANS = frozenset(
    {"execution", "task", "caseExecution", "externalTask", "authenticatedUserId", "connector", "scriptTask"}
)
#: Counters of multi-instance: their names differ, and the loop counter begins at 0 there.
_COUNTERS = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
_DATE_STEPS = {
    "plusMinutes": "PT{}M",
    "plusHours": "PT{}H",
    "plusDays": "P{}D",
    "plusWeeks": "P{}W",
    "plusMonths": "P{}M",
    "plusYears": "P{}Y",
}
_SPIN_VALUES = frozenset({"value", "stringValue", "numberValue", "boolValue"})
_ORDERS = frozenset({"<", ">", "<=", ">="})
_LOGIC = {"&&": "and", "||": "or"}
_NUMERIC = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
_PART = re.compile(r"[$#]\{((?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^'\"{}])*)\}")
_PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_JAVA = Message("compute it in FEEL or in a decision table, or let a worker outside do it (a job type)")


def is_expression(text: str) -> bool:
    """Return whether a text holds `${...}` or `#{...}`."""
    return "${" in text or "#{" in text


def to_feel(text: str, *, truth: bool = False, counters: bool = False) -> str:
    """Return `text` as drawn here: FEEL with `=` in front where it holds `${...}`, else the literal itself.

    `truth`: it must be true or false (a condition). `counters`: the counters of multi-instance are known.
    Raises NotTranslated with the reason and what to use instead.
    """
    text = text.strip()
    if not is_expression(text):
        return "=" + quoted(text) if text.startswith("=") else text
    whole = _PART.fullmatch(text)
    writer = _Writer(counters)
    if whole is not None:
        tree = parse(whole[1])
        return "=" + (writer.truth(tree) if truth else writer.value(tree))
    if truth:
        raise NotTranslated(Message("a condition is one expression; write it in FEEL, after `=`"))
    return "=" + _joined(text, writer)


def quoted(text: str) -> str:
    """Return a text as FEEL literal."""
    return json.dumps(text, ensure_ascii=False)


def _joined(text: str, writer: _Writer) -> str:
    """A text with expressions in it: parts put together, null being nothing there."""
    parts, at = [], 0
    for found in _PART.finditer(text):
        if found.start() > at:
            parts.append(quoted(text[at : found.start()]))
        inner = writer.value(parse(found[1]))
        if not _PLAIN.fullmatch(inner):
            raise NotTranslated(
                Message(
                    "how it is written within a text is not sure; put the text together in FEEL, after `=`"
                )
            )
        parts.append(f'(if {inner} = null then "" else string({inner}))')
        at = found.end()
    if at < len(text):
        parts.append(quoted(text[at:]))
    if any(is_expression(json.loads(part)) for part in parts if part.startswith('"')):
        raise NotTranslated(Message("its braces do not match; put the text together in FEEL, after `=`"))
    return " + ".join(parts)


class _Writer:
    """Writes trees as FEEL."""

    def __init__(self, counters: bool) -> None:
        self._counters = counters

    def truth(self, tree: Tree) -> str:
        """Return FEEL that is true or false, never null, where the tree is a comparison or logic."""
        if isinstance(tree, Binary) and tree.operator in _LOGIC:
            sides = [self._operand(each, tree.operator) for each in (tree.left, tree.right)]
            return f" {_LOGIC[tree.operator]} ".join(sides)
        if isinstance(tree, Binary) and tree.operator in _ORDERS:
            return f"({self._plain(tree)}) = true"
        return self._plain(tree)

    def value(self, tree: Tree) -> str:
        """Return FEEL of the same value."""
        return self.truth(tree)

    def _operand(self, tree: Tree, operator: str) -> str:
        if isinstance(tree, Name | Member | Item | Call | Choice):
            return f"{self._closed(tree)} = true"
        text = self.truth(tree)
        same = isinstance(tree, Binary) and tree.operator == operator
        logic = isinstance(tree, Binary) and tree.operator in _LOGIC
        return f"({text})" if logic and not same else text

    def _plain(self, tree: Tree) -> str:
        match tree:
            case Literal():
                return _literal(tree)
            case Name():
                return self._name(tree.name)
            case Member() | Call():
                return self._path(tree)
            case Item():
                return self._item(tree)
            case Unary():
                return self._unary(tree)
            case Choice():
                condition = self._operand(tree.condition, "")
                return f"if {condition} then {self.value(tree.yes)} else {self.value(tree.no)}"
            case Binary():
                return self._binary(tree)

    def _closed(self, tree: Tree) -> str:
        """Return a value in parentheses where it stands beside an operator and needs them."""
        text = self.value(tree)
        return f"({text})" if isinstance(tree, Binary | Choice | Unary) else text

    def _unary(self, tree: Unary) -> str:
        if tree.operator == "!":
            return f"not({self._operand(tree.value, '')})"
        if tree.operator == "-":
            return f"-{self._closed(tree.value)}"
        inner = self._closed(tree.value)
        tests = " or ".join(f"{inner} = {nothing}" for nothing in ("null", '""', "[]", "{}"))
        return f"({tests}) = true"

    def _binary(self, tree: Binary) -> str:
        if tree.operator in ("==", "!=", *_ORDERS):
            _check_compared(tree)
        elif any(
            isinstance(side, Literal) and isinstance(side.value, str) for side in (tree.left, tree.right)
        ):
            raise NotTranslated(
                Message(
                    "{operator} computes with numbers there; write it in FEEL, after `=`",
                    operator=tree.operator,
                )
            )
        left, right = self._closed(tree.left), self._closed(tree.right)
        if tree.operator == "%":
            return f"{left} - {right} * round down({left} / {right}, 0)"
        return f"{left} {'=' if tree.operator == '==' else tree.operator} {right}"

    def _item(self, tree: Item) -> str:
        index = tree.index.value if isinstance(tree.index, Literal) else None
        if not isinstance(index, Decimal) or index != index.to_integral_value() or index < 0:
            raise NotTranslated(
                Message("what stands in [ ] is computed; write it in FEEL, where lists begin at 1")
            )
        return f"{self._closed(tree.of)}[{int(index) + 1}]"

    def _name(self, name: str) -> str:
        if name == "loopCounter":
            return "(loopCounter - 1)"
        if name in _COUNTERS:
            if not self._counters:
                raise NotTranslated(
                    Message("{name} is known in completion conditions only; count in FEEL", name=name)
                )
            return _COUNTERS[name]
        if name in _ENGINE_BEANS:
            raise NotTranslated(
                Message("'{name}' is an object of the Java engine; {instead}", name=name, instead=_JAVA)
            )
        if not is_readable(name):
            raise NotTranslated(Message("'{name}' is no plain name in FEEL; rename the variable", name=name))
        return name

    def _path(self, tree: Member | Call) -> str:
        known = _KNOWN_PATHS.get(_spoken(tree))
        if known is not None:
            return known
        if isinstance(tree, Member):
            if not re.fullmatch(r"[A-Za-z_]\w*", tree.name) or not is_readable(tree.name):
                raise NotTranslated(
                    Message("'{name}' is no plain name in FEEL; rename the property", name=tree.name)
                )
            return f"{self._closed(tree.of)}.{tree.name}"
        return self._call(tree)

    def _call(self, tree: Call) -> str:
        given = [each.value for each in tree.arguments if isinstance(each, Literal)]
        if isinstance(tree.of, Name) and tree.of.name in ("now", "dateTime") and not tree.arguments:
            return "now()"
        if isinstance(tree.of, Member):
            method, owner = tree.of.name, tree.of.of
            one = given[0] if len(given) == len(tree.arguments) == 1 else None
            if _spoken(owner) == "execution" and method == "getVariable" and isinstance(one, str):
                return self._name(one)
            if method in _DATE_STEPS and isinstance(one, Decimal) and one == one.to_integral_value():
                step = _DATE_STEPS[method].format(int(one))
                return f"{self._date(owner)} + duration({quoted(step)})"
            if method == "toDate" and not tree.arguments:
                return self._date(owner)
            if method == "prop" and isinstance(one, str):
                return self._path(Member(owner, one))
            if method in _SPIN_VALUES and not tree.arguments and _is_property(owner):
                return self._plain(owner)
        raise NotTranslated(
            Message("it calls {value}(), which is Java; {instead}", value=_spoken(tree.of), instead=_JAVA)
        )

    def _date(self, tree: Tree) -> str:
        begins = tree
        while isinstance(begins, Call) and isinstance(begins.of, Member):
            begins = begins.of.of
        if not (isinstance(begins, Call) and isinstance(begins.of, Name) and begins.of.name == "dateTime"):
            raise NotTranslated(
                Message(
                    'it calls Java on {value}; write it in FEEL, such as now() + duration("P3D")',
                    value=_spoken(tree),
                )
            )
        return self._plain(tree)


def is_readable(name: str) -> bool:
    """Return whether FEEL reads `name` as the variable of that name."""
    if name in FUNCTIONS or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return False
    probe = "the variable's value"
    try:
        return bool(compile_expression(name).evaluate({name: probe}) == probe)
    except FeelError:
        return False


def _is_property(tree: Tree) -> bool:
    return isinstance(tree, Call) and isinstance(tree.of, Member) and tree.of.name == "prop"


def _check_compared(tree: Binary) -> None:
    """Refuse comparisons whose outcome rests on turning a text into a number or truth value."""
    for side in (tree.left, tree.right):
        if not isinstance(side, Literal):
            continue
        if side.value is None and tree.operator in _ORDERS:
            raise NotTranslated(Message("nothing is greater or less than null; compare with = or !="))
        if isinstance(side.value, str) and (
            _NUMERIC.fullmatch(side.value) or side.value in ("true", "false")
        ):
            message = Message(
                "whether '{value}' is a text there is not sure; write it without quotes", value=side.value
            )
            raise NotTranslated(message)


def _literal(tree: Literal) -> str:
    value = tree.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else format(value, "f")


def _spoken(tree: Tree) -> str:
    match tree:
        case Name():
            return tree.name
        case Member():
            return f"{_spoken(tree.of)}.{tree.name}"
        case Call():
            return f"{_spoken(tree.of)}()"
        case _:
            return "a value"
