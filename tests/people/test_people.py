"""Accounts, roles and the demo's people, on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine import clock
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.accounts import (
    add_person,
    create_token,
    list_people,
    revoke_tokens,
    set_active,
    set_password,
    set_roles,
    superiors,
)
from engine.people.acting import actor_of_session, actor_of_token, load_actor
from engine.people.actor import SYSTEM
from engine.people.demo import add_demo_people
from engine.people.login import MAX_FAILURES, authenticate, confirm_password, credential_version
from engine.people.permissions import PERMISSIONS
from engine.people.roles import ROLES
from engine.store.base import Base
from engine.store.sessions import Sessions
from engine.store.tables.audit import History
from engine.store.tables.people import ApiToken, Person
from tests.at_once import at_once

GUESSES = 12


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("people") / "seed.db"
    sessions = Sessions(f"sqlite:///{path}")
    Base.metadata.create_all(sessions.step_engine)
    with sessions.step() as session:
        add_demo_people(session)
    sessions.close()
    return path


@pytest.fixture
def sessions(seeded: Path, tmp_path: Path) -> Iterator[Sessions]:
    copy = tmp_path / "redress.db"
    copy.write_bytes(seeded.read_bytes())
    opened = Sessions(f"sqlite:///{copy}")
    yield opened
    opened.close()


def test_every_demo_user_can_log_in_and_has_exactly_the_role_of_the_contract(sessions: Sessions) -> None:
    with sessions.read() as session:
        people = list_people(session)
    assert {person["username"]: person["roles"] for person in people} == {
        "admin": ["administrators"],
        "agent": ["agents"],
        "agent2": ["agents"],
        "analyst": ["complaint-management"],
        "auditor": ["auditors"],
        "compliance": ["compliance"],
        "handler": ["handlers"],
        "handler2": ["handlers"],
        "management": ["management"],
        "management2": ["management"],
        "management3": ["management"],
        "monitor": ["supervision-group"],
        "monitor2": ["supervision-group"],
        "owner": ["process-owners"],
        "supervisor": ["supervisors"],
        "supervisor2": ["supervisors"],
    }
    for person in people:
        actor = authenticate(sessions, person["username"], f"{person['username']}-demo")
        assert actor is not None
        assert actor.username == person["username"]


def test_the_demo_is_added_once(sessions: Sessions) -> None:
    with sessions.step() as session:
        assert add_demo_people(session) == []


def test_all_demo_users_hold_valid_training(sessions: Sessions) -> None:
    with sessions.read() as session:
        until = session.scalars(select(Person.training_valid_until)).all()
    assert all(value is not None and value > clock.now() for value in until)


def test_the_superiors_of_the_handlers_lead_up_to_the_management(sessions: Sessions) -> None:
    with sessions.read() as session:
        assert superiors(session, "handler") == ["supervisor", "management"]
        assert superiors(session, "handler2") == ["supervisor2", "management2"]
        assert load_actor(session, "handler").department_id != load_actor(session, "handler2").department_id
        assert load_actor(session, "handler").superior == "supervisor"


def test_a_circle_of_superiors_ends(sessions: Sessions) -> None:
    with sessions.step() as session:
        handler = load_actor(session, "handler")
        session.execute(update(Person).where(Person.username == "management").values(superior_id=handler.id))
        assert superiors(session, "handler") == ["supervisor", "management"]


def test_a_wrong_password_an_unknown_user_and_a_closed_account_get_the_same_answer(
    sessions: Sessions,
) -> None:
    with sessions.step() as session:
        set_active(session, "agent2", False)
    assert authenticate(sessions, "agent", "agent-demo-") is None
    assert authenticate(sessions, "nobody", "nobody-demo") is None
    assert authenticate(sessions, "agent2", "agent2-demo") is None


def test_five_failures_lock_the_account_and_the_lock_ends_by_itself(sessions: Sessions) -> None:
    for _ in range(MAX_FAILURES):
        assert authenticate(sessions, "agent", "wrong password") is None
    assert authenticate(sessions, "agent", "agent-demo") is None
    with sessions.step() as session:
        past = clock.now() - timedelta(seconds=1)
        session.execute(update(Person).where(Person.username == "agent").values(locked_until=past))
    assert authenticate(sessions, "agent", "agent-demo") is not None


def test_guesses_at_the_same_moment_are_no_more_than_five(sessions: Sessions) -> None:
    guesses = [
        partial(authenticate, sessions, "agent", f"guess number {number}") for number in range(GUESSES)
    ]
    assert at_once(*guesses) == [None] * GUESSES
    with sessions.read() as session:
        refused = session.scalars(select(History.data).where(History.kind == "login.refused")).all()
    assert [json.loads(row)["failures"] for row in refused] == [1, 2, 3, 4, MAX_FAILURES]


def test_who_is_locked_confirms_nothing_with_their_password_either(sessions: Sessions) -> None:
    with sessions.read() as session:
        agent = load_actor(session, "agent")
    confirm_password(sessions, agent, "agent-demo")
    for _ in range(MAX_FAILURES):
        with pytest.raises(InvalidInput, match="not your password"):
            confirm_password(sessions, agent, "wrong password")
    with pytest.raises(InvalidInput, match="locked"):
        confirm_password(sessions, agent, "agent-demo")


def test_a_guess_at_an_unknown_name_is_in_the_trail_without_what_was_typed(sessions: Sessions) -> None:
    assert authenticate(sessions, "my password", "typed too early") is None
    with sessions.read() as session:
        (row,) = session.execute(select(History.kind, History.actor, History.data)).all()
    assert (row.kind, row.actor, json.loads(row.data)) == (
        "login.refused",
        SYSTEM.username,
        {"unknown": True},
    )


def test_logging_in_and_failing_to_are_in_the_trail_without_the_password(sessions: Sessions) -> None:
    authenticate(sessions, "agent", "a mistyped secret")
    authenticate(sessions, "agent", "agent-demo")
    with sessions.read() as session:
        rows = session.execute(select(History.kind, History.actor, History.data).order_by(History.seq)).all()
    assert [(row.kind, row.actor) for row in rows] == [
        ("login.refused", "agent"),
        ("login.succeeded", "agent"),
    ]
    assert "mistyped" not in str(rows)


def test_a_new_password_ends_the_sessions_that_were_open(sessions: Sessions) -> None:
    with sessions.step() as session:
        actor = load_actor(session, "agent")
        version = credential_version(session, actor.id)
        assert actor_of_session(session, actor.id, "a session", version) == actor
        set_password(session, "agent", "another password")
        assert actor_of_session(session, actor.id, "a session", version) is None
    assert authenticate(sessions, "agent", "another password") is not None


@pytest.mark.parametrize("password", ["short", "x" * 201, "SOMEBODY"])
def test_a_password_that_is_short_long_or_the_name_is_refused(sessions: Sessions, password: str) -> None:
    with sessions.step() as session, pytest.raises(InvalidInput):
        add_person(session, "somebody", "Somebody", roles=["agents"], password=password)


def test_a_person_with_an_unknown_role_or_a_taken_name_is_refused(sessions: Sessions) -> None:
    with sessions.step() as session:
        with pytest.raises(InvalidInput, match="'king' cannot be added") as refused:
            add_person(session, "king", "King", roles=["kings"])
        assert "no such role: kings" in refused.value.errors["roles"][0]
        with pytest.raises(Conflict):
            add_person(session, "agent", "Agent", roles=["agents"])
        with pytest.raises(NotFound):
            set_roles(session, "nobody", ["agents"])


def test_a_token_acts_as_its_person_until_it_is_revoked_and_is_kept_only_as_a_hash(
    sessions: Sessions,
) -> None:
    with sessions.step() as session:
        token = create_token(session, "handler")
        assert actor_of_token(session, token).username == "handler"
        assert session.scalar(select(ApiToken.token_sha256)) not in (None, token)
        others = create_token(session, "handler2")
        assert revoke_tokens(session, "handler") == 1
        assert revoke_tokens(session, "handler") == 0
        with pytest.raises(Forbidden):
            actor_of_token(session, token)
        assert actor_of_token(session, others).username == "handler2"


def test_an_expired_token_is_refused(sessions: Sessions) -> None:
    with sessions.step() as session:
        token = create_token(session, "handler", valid_for=timedelta(seconds=-1))
        with pytest.raises(Forbidden):
            actor_of_token(session, token)


def test_the_permission_table_names_only_roles_that_exist_and_leaves_no_row_empty() -> None:
    for name, carriers in PERMISSIONS.items():
        assert carriers, name
        assert carriers <= set(ROLES), name


def test_an_auditor_reads_and_never_acts_but_keeps_what_is_read_from_being_destroyed(
    sessions: Sessions,
) -> None:
    with sessions.read() as session:
        auditor = load_actor(session, "auditor")
    assert auditor.may("instance.read_all")
    held = {name for name in PERMISSIONS if auditor.may(name)}
    held.remove("archive.hold")  # changes no case: an inquiry holds what it is about until it has ended
    assert all(name.rpartition(".")[2] in {"read", "read_all", "verify", "export"} for name in held)
    assert not auditor.may("personal.read")


def test_a_permission_that_nobody_declared_is_a_mistake_not_a_no(sessions: Sessions) -> None:
    with sessions.read() as session, pytest.raises(LookupError):
        load_actor(session, "admin").may("task.claimm")


def test_require_says_which_permission_is_missing(sessions: Sessions) -> None:
    with sessions.read() as session, pytest.raises(Forbidden, match=r"model\.deploy"):
        load_actor(session, "agent").require("model.deploy")
    SYSTEM.require("model.deploy")
