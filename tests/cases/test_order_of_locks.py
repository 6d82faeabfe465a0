"""Nobody waits in a circle: every verb locks instances before complaints and files (PostgreSQL)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text

from engine.assembly import Redress
from engine.cases.archive.retention import dispose, place_hold
from engine.cases.contact import record_contact
from engine.cases.erasure import erase_customer
from engine.cases.leaving import give_back
from engine.cases.mails import text_customer
from engine.cases.rows import COMPLAINT
from engine.cases.second_review import request_review
from engine.cases.withdrawal import withdraw
from engine.errors import RedressError
from engine.quality.files import FILE
from engine.quality.improvement.measures import propose_measure
from engine.quality.supervision.checks import tell_inspection
from engine.runtime.ledger import lock_instance
from tests.driving import complaint, drive
from tests.world import actor, register

Verb = Callable[[], Any]


def verbs_of_a_complaint(redress: Redress, no: str) -> Mapping[str, Verb]:
    """What locks a complaint; some are refused afterwards, by what they find under the lock."""
    rt, vault = redress.runtime, redress.vault
    agent, keeper = actor(redress, "agent"), actor(redress, "compliance")
    spoken = {"channel": "phone", "direction": "out", "summary": "x"}
    letter = {"complaint_no": no, "template": "letter-result"}
    return {
        "contact": lambda: record_contact(rt, agent, no, **spoken),
        "letter": lambda: text_customer(rt, letter, "k"),
        "review": lambda: request_review(rt, agent, no, "x"),
        "withdrawal": lambda: withdraw(rt, agent, no, "x"),
        "hold": lambda: place_hold(rt, keeper, no, ground="audit", reference="A-1"),
        "erasure": lambda: erase_customer(rt, vault, keeper, no, reason="request"),
        "disposal": lambda: dispose(rt, vault, keeper, no),
        "leaving": lambda: give_back(rt, agent, str(complaint(redress, no).handler)),
    }


def held_up(redress: Redress, instance_id: str, verb: Verb, table: Table, no: str) -> bool:
    """Whether the verb waits for the instance, which another step holds, and leaves the row free."""

    def run() -> None:
        with suppress(RedressError):
            verb()

    free = select(table.c.no).where(table.c.no == no).with_for_update(nowait=True)
    thread = threading.Thread(target=run)
    with redress.sessions.step() as session:
        lock_instance(session, instance_id)
        thread.start()
        waits = is_waiting(redress, thread)
        assert session.scalar(free) == no
    thread.join()
    return waits


def is_waiting(redress: Redress, thread: threading.Thread) -> bool:
    """Wait until the thread waits for a lock, or ends; return whether it waits."""
    others = (
        select(func.count())
        .select_from(text("pg_stat_activity"))
        .where(text("datname = current_database() AND wait_event_type = 'Lock'"))
    )
    while thread.is_alive():
        with redress.sessions.read() as session:
            if session.scalar(others):
                return True
        thread.join(0.01)
    return False


@pytest.mark.parametrize("redress", ["postgresql"], indirect=True)
def test_who_waits_for_an_instance_holds_nothing_of_its_complaint_or_file(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no, until="archive")
    verbs = verbs_of_a_complaint(redress, made.complaint_no)
    waited = {
        name: held_up(redress, made.instance_id, verb, COMPLAINT, made.complaint_no)
        for name, verb in verbs.items()
    }
    assert waited == dict.fromkeys(verbs, True)
    file = propose_measure(redress.runtime, actor(redress, "monitor"), "x")

    def tell() -> None:
        with redress.sessions.step() as session:
            tell_inspection(redress.runtime, session, {"inspection": file.no})

    assert held_up(redress, file.instance_id, tell, FILE, file.no)
