"""Nobody does the tasks of a complaint about themselves (Art. 17, R19); doubts about identity are told."""

from __future__ import annotations

import pytest

from engine.assembly import Redress
from engine.errors import Forbidden, InvalidInput
from engine.runtime.commands import assign, claim
from tests.driving import complaint, do, open_tasks
from tests.world import actor, intake, register


def test_whom_the_complaint_is_about_neither_takes_nor_is_given_its_tasks(redress: Redress) -> None:
    no = register(redress, accused="handler").complaint_no
    (task,) = open_tasks(redress, no)
    with pytest.raises(Forbidden, match="about you"):
        claim(redress.runtime, actor(redress, "handler"), task.id)
    with pytest.raises(Forbidden, match="about handler: somebody else"):
        assign(redress.runtime, actor(redress, "supervisor"), task.id, "handler")
    claim(redress.runtime, actor(redress, "handler2"), task.id)
    assert complaint(redress, no).handler == "handler2"


def test_registration_does_not_name_them_as_the_handler(redress: Redress) -> None:
    no = register(redress, category=None, grade=None).complaint_no
    (task,) = open_tasks(redress, no)
    with pytest.raises(InvalidInput) as refused:
        do(redress, task, "agent", category="service", grade=3, handler="handler", accused="handler")
    assert list(refused.value.errors) == ["handler"]
    do(redress, task, "agent", category="service", grade=3, handler="handler2", accused="handler")
    assert complaint(redress, no).facts["accused"] == "handler"


def test_a_mistyped_identity_number_is_told_and_turns_nobody_away(redress: Redress) -> None:
    customer = {**intake()["customer"], "id_number": "110105194912310021"}
    doubtful = register(redress, customer=customer).complaint_no
    assert complaint(redress, doubtful).facts["identity_doubt"] is True
    assert "identity_doubt" not in complaint(redress, register(redress).complaint_no).facts


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"complainant_is": "proxy"}, "authority"),
        ({"complainant_is": "heir"}, "authority"),
        ({"complainants": 30, "representatives": 6}, "representatives"),
        ({"complainant_is": "neighbour"}, "complainant_is"),
    ],
)
def test_who_may_complain_for_others_is_checked(
    redress: Redress, given: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(redress, **given)
    assert list(refused.value.errors) == [field]


def test_a_referral_of_the_regulator_keeps_its_reference_and_date(redress: Redress) -> None:
    given = {"channel": "regulator", "regulator_reference": "NFRA-2026-17", "referred_on": "2026-03-01"}
    facts = complaint(redress, register(redress, **given).complaint_no).facts
    assert (facts["regulator_reference"], facts["referred_on"]) == ("NFRA-2026-17", "2026-03-01")
