"""Telling people of tasks as they chose, on both databases, with a real mail server on this machine."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.channels.mail import Mail, NotSent, send_mail
from engine.errors import InvalidInput
from engine.jobs.passes import run_until_quiet
from engine.jobs.task_notices import tell_of_tasks
from engine.people.notice_choices import Ways, choose, set_email
from engine.runtime.commands import add_comment, assign, claim
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification
from tests.driving import complaint, open_tasks
from tests.world import actor, register


class Post(socketserver.StreamRequestHandler):
    """Takes in a mail as SMTP has it."""

    def handle(self) -> None:
        self.wfile.write(b"220 post\r\n")
        while line := self.rfile.readline().strip().upper():
            if line == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(message_from_bytes(body))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if line == b"QUIT" else b"250 ok\r\n")
            if line == b"QUIT":
                return


@pytest.fixture
def mails(redress: Redress) -> Iterator[list[Message]]:
    """The mails that a mail server took, which this installation is set to."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.mails = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        address = f"smtp://127.0.0.1:{server.server_address[1]}"
        redress.runtime.config = replace(redress.config, smtp_url=address, public_url="https://desk.example")
        yield server.mails  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def told(redress: Redress, name: str) -> list[tuple[str, bool]]:
    """The kinds of a person's notices, the oldest first, and whether each waits to be read."""
    with redress.sessions.read() as session:
        query = select(Notification).where(Notification.person_id == actor(redress, name).id)
        return [(row.kind, row.read_at is None) for row in session.scalars(query.order_by(Notification.id))]


def wish(redress: Redress, name: str, **ways: Ways) -> None:
    with redress.sessions.step() as session:
        choose(session, actor(redress, name), {kind.replace("_", "-"): way for kind, way in ways.items()})
        set_email(session, actor(redress, name), f"{name}@example.com")


def first_task(redress: Redress) -> str:
    return str(open_tasks(redress, register(redress).complaint_no)[0].id)


def test_whom_a_task_is_given_to_is_told_in_the_page_or_not_as_they_chose(redress: Redress) -> None:
    assign(redress.runtime, actor(redress, "supervisor"), first_task(redress), "handler")
    wish(redress, "handler2", assigned=Ways(page=False))
    assign(redress.runtime, actor(redress, "supervisor"), first_task(redress), "handler2")
    assert told(redress, "handler") == [("assigned", True)]
    assert told(redress, "handler2") == [("assigned", False)]


def test_a_mail_says_what_happened_and_where_and_nothing_of_the_customer(
    redress: Redress, mails: list[Message]
) -> None:
    wish(redress, "supervisor", mention=Ways(page=False, mail=True))
    task = first_task(redress)
    add_comment(redress.runtime, actor(redress, "handler"), task, "王小明CANARY asks; @supervisor")
    run_until_quiet(redress.runtime)
    run_until_quiet(redress.runtime)
    (mail,) = [each for each in mails if each["To"] == "supervisor@example.com"]
    assert str(make_header(decode_header(mail["Subject"]))).startswith("[Redress] 有留言提及您 RC-")
    body = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert f"https://desk.example/tasks/{task}" in body
    assert "CANARY" not in body + str(mail)


def test_without_a_mail_server_or_an_address_no_mail_is_planned(redress: Redress) -> None:
    wish(redress, "handler", assigned=Ways(page=True, mail=True))
    assign(redress.runtime, actor(redress, "supervisor"), first_task(redress), "handler")
    with redress.sessions.read() as session:
        assert session.scalars(select(Job).where(Job.type == "redress:notice-mail")).all() == []


def test_a_mail_server_that_is_away_is_tried_again_and_keeps_nothing_else(redress: Redress) -> None:
    redress.runtime.config = replace(redress.config, smtp_url="smtp://127.0.0.1:9")
    with pytest.raises(NotSent, match="did not take"):
        send_mail(redress.runtime.config, Mail("a@example.com", "s", "t", "k"))
    wish(redress, "handler", assigned=Ways(page=True, mail=True))
    assign(redress.runtime, actor(redress, "supervisor"), first_task(redress), "handler")
    run_until_quiet(redress.runtime)
    assert told(redress, "handler") == [("assigned", True)]
    with redress.sessions.read() as session:
        (job,) = session.scalars(select(Job).where(Job.type == "redress:notice-mail"))
        assert (job.state, job.attempts) == ("ready", 1)


def test_who_has_a_task_is_told_once_before_its_limit_and_once_after(redress: Redress) -> None:
    task = first_task(redress)
    claim(redress.runtime, actor(redress, "handler"), task)
    assert tell_of_tasks(redress.runtime) == 0
    due = complaint(redress, str(open_tasks(redress, _number(redress, task))[0].complaint_no)).due_at
    clock.set_to(due - timedelta(hours=5))
    assert (tell_of_tasks(redress.runtime), tell_of_tasks(redress.runtime)) == (1, 0)
    clock.set_to(due + timedelta(minutes=1))
    assert (tell_of_tasks(redress.runtime), tell_of_tasks(redress.runtime)) == (1, 0)
    assert told(redress, "handler") == [("due-soon", True), ("overdue", True)]


def _number(redress: Redress, task_id: str) -> str:
    from engine.store.tables.runtime import Task

    with redress.sessions.read() as session:
        return str(session.get_one(Task, task_id).complaint_no)


def test_only_who_asked_for_it_is_told_of_new_tasks_of_their_group(redress: Redress) -> None:
    wish(redress, "handler", group_task=Ways(page=True))
    wish(redress, "agent", group_task=Ways(page=True))
    first_task(redress)
    assert (tell_of_tasks(redress.runtime), tell_of_tasks(redress.runtime)) == (1, 0)
    assert told(redress, "handler") == [("group-task", True)]
    assert (told(redress, "handler2"), told(redress, "agent")) == ([], [])


def test_choices_and_addresses_that_make_no_sense_are_refused(redress: Redress) -> None:
    with redress.sessions.step() as session:
        for refused in (
            lambda: choose(session, actor(redress, "handler"), {"weather": Ways(page=True)}),
            lambda: set_email(session, actor(redress, "handler"), "nowhere"),
        ):
            with pytest.raises(InvalidInput):
                refused()
