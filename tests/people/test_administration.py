"""What administrators do with accounts and departments, and what they cannot do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Redress
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people import administration
from engine.people.accounts import create_token
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.people.login import authenticate, password_expired
from engine.store.tables.audit import History
from tests.world import actor

NEW = {
    "display_name": "趙文君",
    "roles": ["handlers"],
    "department_id": "collections",
    "superior": "supervisor2",
}


@pytest.fixture
def act(redress: Redress) -> Callable[..., Any]:
    """Carry out a verb of the administration in a step of its own, as `admin` or somebody else."""

    def carry_out(verb: Callable[..., Any], *given: Any, by: str = "admin", **named: Any) -> Any:
        who = actor(redress, by)
        with redress.sessions.step() as session:
            return verb(session, who, *given, **named)

    return carry_out


def shown(redress: Redress, username: str) -> dict[str, Any]:
    with redress.sessions.read() as session:
        return administration.account(session, username)


def test_who_is_added_logs_in_with_the_password_handed_over_and_must_change_it(
    redress: Redress, act: Callable[..., Any]
) -> None:
    password = act(administration.add_account, "zhao", **NEW)
    person = authenticate(redress.sessions, "zhao", password)
    assert person is not None
    assert person.roles == {"handlers"}
    assert person.superior == "supervisor2"
    with redress.sessions.step() as session:
        assert password_expired(session, person.id)
        administration.change_own_password(session, person, "a sentence of my own")
        assert not password_expired(session, person.id)
    assert authenticate(redress.sessions, "zhao", "a sentence of my own") is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["kings"]}, "roles"),
        ({"display_name": " "}, "display_name"),
        ({"department_id": "nowhere"}, "department_id"),
        ({"superior": "nobody"}, "superior"),
    ],
)
def test_a_wrong_account_is_refused_at_the_field(
    act: Callable[..., Any], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        act(administration.add_account, "zhao", **NEW | changes)
    assert field in refused.value.errors


def test_a_taken_name_is_refused(act: Callable[..., Any]) -> None:
    with pytest.raises(Conflict, match="already"):
        act(administration.add_account, "agent", **NEW)


def test_superiors_make_no_circle(act: Callable[..., Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        act(
            administration.change_account,
            "management",
            display_name="周明遠",
            roles=["management"],
            department_id="management",
            superior="handler",
        )
    assert list(refused.value.errors) == ["superior"]


def test_nobody_changes_their_own_roles_or_closes_their_own_account(act: Callable[..., Any]) -> None:
    given = {"display_name": "謝偉倫", "department_id": "information-technology", "superior": "management3"}
    with pytest.raises(Forbidden, match="own roles"):
        act(administration.change_account, "admin", roles=["administrators", "auditors"], **given)
    with pytest.raises(Forbidden, match="own account"):
        act(administration.close_account, "admin")
    act(administration.change_account, "admin", roles=["administrators"], **given | {"display_name": "謝"})


def test_the_last_administrator_stays(redress: Redress, act: Callable[..., Any]) -> None:
    act(administration.add_account, "second", **NEW | {"roles": ["administrators"]})
    act(administration.close_account, "admin", by="second")
    with pytest.raises(NotFound):
        actor(redress, "admin")
    act(administration.open_account, "admin", by="second")
    act(administration.close_account, "second")
    system = Actor(id="x", username="x", display_name="x", is_system=True)
    with redress.sessions.step() as session, pytest.raises(Conflict, match="last administrator"):
        administration.close_account(session, system, "admin")


def test_a_closed_account_has_no_sessions_and_no_tokens(redress: Redress, act: Callable[..., Any]) -> None:
    from engine.people.acting import actor_of_token

    with redress.sessions.step() as session:
        token = create_token(session, "agent")
    act(administration.close_account, "agent")
    with redress.sessions.read() as session:
        with pytest.raises(Forbidden):
            actor_of_token(session, token)
        with pytest.raises(NotFound):
            load_actor(session, "agent")


def test_a_lock_is_lifted_and_a_new_password_ends_it_too(redress: Redress, act: Callable[..., Any]) -> None:
    for _ in range(5):
        assert authenticate(redress.sessions, "agent", "wrong") is None
    assert authenticate(redress.sessions, "agent", "agent-demo") is None
    act(administration.unlock_account, "agent")
    assert authenticate(redress.sessions, "agent", "agent-demo") is not None
    password = act(administration.give_new_password, "agent")
    assert authenticate(redress.sessions, "agent", "agent-demo") is None
    assert authenticate(redress.sessions, "agent", password) is not None


@pytest.mark.parametrize("username", ["auditor", "owner", "supervisor"])
def test_only_administrators_administer(act: Callable[..., Any], username: str) -> None:
    with pytest.raises(Forbidden):
        act(administration.add_account, "zhao", by=username, **NEW)
    with pytest.raises(Forbidden):
        act(administration.close_account, "agent", by=username)
    with pytest.raises(Forbidden):
        act(administration.save_department, "legal", "法務部", by=username, parent_id=None, active=True)


def test_departments_are_added_renamed_and_closed_once_nobody_works_there(
    redress: Redress, act: Callable[..., Any]
) -> None:
    save = administration.save_department
    act(save, "legal", "法務部", parent_id="compliance", active=True)
    act(save, "legal", "法律事務部", parent_id="compliance", active=False)
    with pytest.raises(Conflict, match="people work"):
        act(save, "collections", "貸後管理部", parent_id=None, active=False)
    with pytest.raises(InvalidInput) as refused:
        act(save, "compliance", "合規部", parent_id="legal", active=True)
    assert list(refused.value.errors) == ["parent_id"]


def test_every_act_stands_in_the_trail_with_who_did_it(redress: Redress, act: Callable[..., Any]) -> None:
    act(administration.add_account, "zhao", **NEW)
    act(administration.change_account, "zhao", **NEW | {"roles": ["agents"]})
    act(administration.close_account, "zhao")
    act(administration.open_account, "zhao")
    with redress.sessions.read() as session:
        rows = session.execute(
            select(History.kind, History.actor).where(History.kind.like("person.%")).order_by(History.seq)
        ).all()
    kinds = ["person.added", "person.changed", "person.closed", "person.opened"]
    assert [tuple(row) for row in rows] == [(kind, "admin") for kind in kinds]
    assert shown(redress, "zhao")["roles"] == ["agents"]


def test_what_is_shown_of_nobody_is_nothing(redress: Redress) -> None:
    def look(session: Session) -> None:
        administration.account(session, "nobody")

    with redress.sessions.read() as session, pytest.raises(NotFound):
        look(session)
