"""What `${...}` means in Camunda 7 is what the FEEL that is made of it means here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.feel import compile_expression
from engine.models.dialects.camunda7.feel import to_feel
from engine.models.dialects.camunda7.juel import NotTranslated

SCOPE: dict[str, Any] = {
    "amount": 1500,
    "approved": True,
    "none": None,
    "name": "Wang",
    "list": [10, 20],
    "nothing": [],
    "order": {"id": 7, "lines": [{"sum": 3}]},
    "loopCounter": 1,
    "instance": {"id": "i", "business_key": "B-1", "started_by": "agent"},
}


def evaluate(text: str, **options: bool) -> Any:
    found = to_feel(text, **options)
    assert found.startswith("="), found
    return compile_expression(found[1:]).evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${amount > 1000}", True),
        ("#{amount gt 1000}", True),
        ("${amount le 1000}", False),
        ("${none > 5}", False),
        ("${!(none > 5)}", True),
        ("${none == null}", True),
        ("${none != null && none > 1}", False),
        ("${!none}", True),
        ("${not approved or amount == 1500}", True),
        ("${none || approved}", True),
        ("${none && approved}", False),
        ("${approved ? 'yes' : \"no\"}", "yes"),
        ("${none ? 1 : 2}", 2),
        ("${amount > 1000 ? amount > 1400 ? 3 : 2 : 1}", 3),
        ("${amount * 2 + 1}", 3001),
        ("${(amount + 1) * 2}", 3002),
        ("${-amount}", -1500),
        ("${10 / 4}", Decimal("2.5")),
        ("${7 mod 4}", 3),
        ("${-7 % 4}", -3),
        ("${empty none}", True),
        ("${empty nothing}", True),
        ("${not empty list}", True),
        ("${empty amount}", False),
        ("${list[0]}", 10),
        ("${order.lines[0].sum}", 3),
        ("${order['id']}", 7),
        ("${order.prop('id').numberValue()}", 7),
        ("${execution.getVariable('amount')}", 1500),
        ("${execution.processBusinessKey}", "B-1"),
        ("${execution.getProcessInstanceId()}", "i"),
        ("${loopCounter}", 0),
        ("Claim of ${name}, ${none}!", "Claim of Wang, !"),
        ("${'it\\'s'}", "it's"),
        ("=name", "=name"),
    ],
)
def test_the_same_comes_out(text: str, value: Any) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${bean.calculate(amount)}", "bean.calculate"),
        ("${amount > '1000'}", "without quotes"),
        ("${approved == 'true'}", "without quotes"),
        ("${'a' + name}", "numbers"),
        ("${list[index]}", "begin at 1"),
        ("${execution.variables}", "Java engine"),
        ("${task.assignee}", "Java engine"),
        ("${if}", "rename"),
        ("${$x}", "rename"),
        ("${amount >}", "cannot be read"),
        ("${amount", "braces"),
        ("${a = 5}", "cannot be read"),
        ("${name.toUpperCase()}", "Java"),
        ("${nrOfInstances}", "completion"),
        ("${null < 5}", "null"),
        ("sum ${amount + 1}", "within a text"),
        ("${" + "(" * 200 + "1" + ")" * 200 + "}", "nested"),
    ],
)
def test_what_is_not_sure_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(NotTranslated, match=reason):
        to_feel(text)


def test_conditions_are_never_null_where_camunda_compares() -> None:
    assert evaluate("${none >= 3}", truth=True) is False
    assert evaluate("${nrOfCompletedInstances >= 1}", truth=True, counters=True) is False


def test_plain_texts_stay_as_they_are() -> None:
    assert to_feel(" P3D ") == "P3D"
