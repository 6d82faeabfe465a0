"""Who has something open, on both databases: told while it lasts, forgotten by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.people.presence import FRESH, STAYS, Window, forget_absent, leave, others, stay
from engine.store.tables.workplace import Presence
from tests.world import actor

PLACE = "task:1"


def come(redress: Redress, name: str, window: str, *, typing: bool = False) -> None:
    with redress.sessions.read() as session:
        stay(redress.sessions, session, actor(redress, name), Window(PLACE, window, typing))


def seen_by(redress: Redress, name: str, place: str = PLACE) -> dict[str, bool]:
    with redress.sessions.read() as session:
        found = others(session, actor(redress, name), place)
        return {each["username"]: each["typing"] for each in found}


def written_at(redress: Redress) -> dict[str, datetime]:
    with redress.sessions.read() as session:
        rows = session.execute(select(Presence.window_id, Presence.seen_at))
        return {row.window_id: row.seen_at for row in rows}


def let_pass(redress: Redress, window: str, span: object) -> None:
    with redress.sessions.step() as session:
        old = update(Presence).where(Presence.window_id == window)
        session.execute(old.values(seen_at=clock.real_now() - span))  # type: ignore[operator]


def test_colleagues_are_seen_once_each_while_one_of_their_windows_is_open(redress: Redress) -> None:
    come(redress, "handler", "a")
    come(redress, "handler", "b", typing=True)
    come(redress, "supervisor", "c")
    assert seen_by(redress, "handler2") == {"handler": True, "supervisor": False}
    assert seen_by(redress, "handler") == {"supervisor": False}
    assert seen_by(redress, "handler2", "task:2") == {}
    leave(redress.sessions, actor(redress, "handler"), Window(PLACE, "b"))
    assert seen_by(redress, "handler2")["handler"] is False
    leave(redress.sessions, actor(redress, "handler2"), Window(PLACE, "a"))  # another's window stays
    assert "handler" in seen_by(redress, "handler2")


def test_a_window_that_was_cut_off_is_forgotten_and_one_that_is_fresh_is_not_written_again(
    redress: Redress,
) -> None:
    come(redress, "handler", "a")
    first = written_at(redress)["a"]
    come(redress, "handler", "a")
    assert written_at(redress)["a"] == first
    come(redress, "handler", "a", typing=True)
    assert written_at(redress)["a"] > first
    let_pass(redress, "a", FRESH)
    come(redress, "handler", "a", typing=True)
    assert written_at(redress)["a"] > first
    let_pass(redress, "a", STAYS)
    come(redress, "supervisor", "c")
    assert seen_by(redress, "handler2") == {"supervisor": False}
    with redress.sessions.step() as session:
        forget_absent(session)
    assert set(written_at(redress)) == {"c"}
