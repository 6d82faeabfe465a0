"""Mails to customers: composed from the owner's templates, sent over a socket, noted as contacts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string, policy
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, read
from engine.assembly import Redress
from engine.cases.extension import request_extension
from engine.cases.kept_messages import kept_messages, read_kept
from engine.cases.mails import CUSTOMER_MAIL, RESULT, SURVEY, mail_customer, mail_of
from engine.cases.public.complain import SentFile, complain
from engine.cases.public.secrets import survey_token, tracking_secret
from engine.domain.kpi import read_period
from engine.errors import FormRefused, LostRace, NotFound
from engine.jobs.handlers import HANDLERS, Handler
from engine.jobs.passes import run_until_quiet
from engine.people.actor import SYSTEM
from engine.privacy.subjects import erase_subject
from engine.quality.figures import FIGURES
from engine.quality.measure import asked_of, measure_one
from engine.runtime.commands.retry import retry_incident
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.tables.audit import History
from engine.store.tables.cases import Contact
from engine.store.tables.channels import Dispatch
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident
from tests.driving import complaint, do, drive, elements, open_tasks
from tests.post import Post, open_post
from tests.world import MONDAY, ZONE, actor, pass_time, register

_HANDLERS = cast(dict[str, Handler], HANDLERS)


@pytest.fixture
def post(redress: Redress) -> Iterator[Post]:
    """A mail server, which this installation is set to."""
    with open_post() as server:
        redress.runtime.config = replace(
            redress.config, smtp_url=server.url, public_url="https://redress.example"
        )
        yield server


def complained(redress: Redress, address: str = "canary@example.com", **changes: Any) -> str:
    """Complain by the public form, to be answered by mail; return the number."""
    form = {
        "name": "王小明CANARY",
        "email": address,
        "content": "重複扣款",
        "preferred_contact": "email",
        "language": "en",
    }
    files: list[SentFile] = [SentFile(io.BytesIO(b"a,b"), "a.csv", "text/csv")]
    once = Once(clock.now().isoformat(), "0" * 64)
    return complain(redress.runtime, redress.vault, form | changes, files, once).complaint_no


def contacts(redress: Redress, no: str) -> list[tuple[str, str, bool]]:
    with redress.sessions.read() as session:
        rows = session.scalars(select(Contact).where(Contact.complaint_no == no).order_by(Contact.id))
        return [(row.channel, row.direction, row.reached) for row in rows]


def test_who_wants_mail_gets_number_and_secret_by_mail_in_the_language_of_the_form(
    redress: Redress, post: Post
) -> None:
    no = complained(redress)
    run_until_quiet(redress.runtime)
    (mail,) = post.mails
    assert mail["To"] == "canary@example.com"
    assert mail["Subject"] == f"We have your complaint {no}"
    assert mail["Auto-Submitted"] == "auto-generated"
    said = mail.get_content()
    assert "Dear 王小明CANARY," in said
    assert tracking_secret(redress.keyring, no) in said
    assert "https://redress.example/track" in said
    assert "2026-03-05" in said
    assert contacts(redress, no) == [("email", "out", True)]


def test_a_mail_sent_again_after_a_crash_has_one_message_id_and_is_noted_once(
    redress: Redress, post: Post
) -> None:
    no = register(redress).complaint_no
    job = mail_of(no, SURVEY)
    for _time in range(2):
        mail_customer(redress.runtime, job["payload"], job["id"])
    assert len({mail["Message-ID"] for mail in post.mails}) == 1
    assert contacts(redress, no) == [("email", "out", True)]


def test_an_address_that_is_refused_is_a_customer_not_reached(redress: Redress, post: Post) -> None:
    no = complained(redress, "nobody@example.com")
    run_until_quiet(redress.runtime)
    assert post.mails == []
    assert contacts(redress, no) == [("email", "out", False)]
    with redress.sessions.read() as session:
        assert session.scalars(select(Job.state).where(Job.type == "redress:mail-to-customer")).all() == [
            "done"
        ]


def test_a_mail_server_that_puts_it_off_is_asked_again(redress: Redress, post: Post) -> None:
    post.is_busy = True
    no = complained(redress)
    run_until_quiet(redress.runtime)
    assert (post.mails, contacts(redress, no)) == ([], [])
    post.is_busy = False
    pass_time(redress, hours=1)
    assert len(post.mails) == 1
    assert contacts(redress, no) == [("email", "out", True)]


def test_with_the_answer_comes_the_survey_to_who_wants_mail_and_to_nobody_else(
    redress: Redress, post: Post
) -> None:
    by_phone = register(redress).complaint_no
    by_mail = register(redress, preferred_contact="email").complaint_no
    for no in (by_phone, by_mail):
        drive(redress, no, until="ask-satisfaction")
    run_until_quiet(redress.runtime)
    got, mail = post.mails
    assert got["Subject"] == f"已收到您的投诉 {by_mail}"  # staff registered it; the customer is told at once
    assert tracking_secret(redress.keyring, by_mail) in got.get_content()
    assert mail["Subject"] == f"请评价我们的处理 {by_mail}"
    assert f"https://redress.example/survey/{survey_token(redress.keyring, by_mail)}" in mail.get_content()


def test_without_a_mail_server_mails_are_files_that_only_their_owner_reads(redress: Redress) -> None:
    no = complained(redress)
    run_until_quiet(redress.runtime)
    (file,) = (redress.config.data_dir / "mail").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert b"CANARY" not in file.read_bytes()
    (kept,) = kept_messages(redress.config.data_dir)
    assert kept.complaint_no == no
    message = message_from_string(read_kept(redress.runtime, kept.name), policy=policy.default)
    assert no in message["Subject"]
    assert "canary" in str(message["To"]).lower()
    with redress.sessions.read() as session:
        told = session.scalars(select(History).where(History.kind == "personal.revealed")).all()
        subject = read.complaint(session, SYSTEM, no)["subject_id"]
    assert [no in str(row.data) for row in told] == [True]
    with redress.sessions.step() as session:
        erase_subject(session, subject)
    with pytest.raises(NotFound, match="erased"):
        read_kept(redress.runtime, kept.name)
    with pytest.raises(NotFound, match="lists them"):
        read_kept(redress.runtime, "../secret")


def test_subjects_jobs_and_history_hold_nothing_personal(redress: Redress, post: Post) -> None:
    complained(redress)
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        kept = repr(session.scalars(select(Job.payload)).all())
        kept += repr([row.data for row in session.scalars(select(History))])
    assert not re.search("CANARY|canary@", kept + str(post.mails[0]["Subject"]))


def answered(redress: Redress, address: str) -> str:
    """Drive a complaint to its answer, which the system is to mail; return the number."""
    customer = {"name": "王小明CANARY", "email": address}
    no = register(redress, customer=customer, preferred_contact="email").complaint_no
    by_mail = {"used_contact": "email", "notice_sending": "system", "told_findings": "查明CANARY重複扣款"}
    drive(redress, no, until="ask-satisfaction", answers={"notify-customer": by_mail})
    run_until_quiet(redress.runtime)
    return no


def dispatched(redress: Redress, no: str) -> list[Dispatch]:
    with redress.sessions.read() as session:
        return list(session.scalars(select(Dispatch).where(Dispatch.complaint_no == no)))


def test_the_answer_goes_by_mail_with_all_it_must_say_and_counts_from_when_the_server_took_it(
    redress: Redress, post: Post
) -> None:
    post.is_busy = True
    no = answered(redress, "canary@example.com")
    assert (complaint(redress, no).status, complaint(redress, no).notified_at) == ("notified", None)
    post.is_busy = False
    pass_time(redress, hours=1)
    (letter,) = (mail for mail in post.mails if "处理结果答复函" in mail["Subject"])
    said = letter.get_content()
    for part in ("查明CANARY重複扣款", "处理结果", "依据与理由", "改进措施", "诉讼"):
        assert part in said
    (proof,) = (each for each in dispatched(redress, no) if each.template == "letter-result")
    assert (proof.outcome, proof.reply) == ("sent", "ok")
    assert complaint(redress, no).notified_at == proof.at
    assert "notify-another-way" not in elements(redress, no)


def test_an_answer_whose_address_is_refused_is_given_when_the_customer_is_told_another_way(
    redress: Redress, post: Post
) -> None:
    no = answered(redress, "nobody@example.com")
    assert {each.outcome for each in dispatched(redress, no)} == {"refused"}
    told_another_way(redress, no)


def test_an_answer_that_never_left_is_an_incident_and_given_when_told_another_way(
    redress: Redress, post: Post
) -> None:
    post.is_busy = True
    no = answered(redress, "canary@example.com")
    for _ in range(5):
        pass_time(redress, hours=1)
    assert timely(redress) == (0, 1)  # nobody was told anything, and its date is past
    with pytest.raises(FormRefused, match="still on its way"):
        drive(redress, no, leave=("notify-another-way",))
    told_at = told_another_way(redress, no)
    post.is_busy = False
    with redress.sessions.read() as session:
        incidents = list(session.scalars(select(Incident.id).where(Incident.state == "open")))
    for each in incidents:
        retry_incident(redress.runtime, actor(redress, "owner"), each, "郵件伺服器已恢復")
    run_until_quiet(redress.runtime)
    assert "sent" in {each.outcome for each in dispatched(redress, no)}
    assert complaint(redress, no).notified_at == told_at  # what came later changes nothing


def test_what_follows_from_a_mail_given_up_is_kept_with_its_incident_or_the_mail_is_tried_again(
    redress: Redress, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the worker in between, no incident stands without the task of telling another way."""
    handler = HANDLERS[CUSTOMER_MAIL]
    assert handler.given_up is not None
    tell, seen = handler.given_up, []

    def die_afterwards(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
        tell(rt, session, payload)
        if payload["template"] == RESULT:
            seen.append(letter_state(session))
            raise LostRace("the worker ends here")

    post.is_busy = True
    monkeypatch.setitem(_HANDLERS, CUSTOMER_MAIL, replace(handler, given_up=die_afterwards))
    no = answered(redress, "canary@example.com")
    with pytest.raises(LostRace):
        wait_in_vain(redress)
    assert seen == ["dead"]  # it was given up in the same transaction
    with redress.sessions.read() as session:
        assert letter_state(session) == "ready"
    assert "notify-another-way" not in elements(redress, no)
    monkeypatch.setitem(_HANDLERS, CUSTOMER_MAIL, handler)
    wait_in_vain(redress)
    with redress.sessions.read() as session:
        assert letter_state(session) == "dead"
    assert elements(redress, no).count("notify-another-way") == 1


def letter_state(session: Session) -> str:
    """Return how the job that mails the answer stands."""
    jobs = session.scalars(
        select(Job).where(Job.type == CUSTOMER_MAIL).execution_options(populate_existing=True)
    )
    (letter,) = (job for job in jobs if job.payload["template"] == RESULT)
    return letter.state


def test_an_incident_stands_and_says_so_where_what_follows_cannot_be_begun(
    redress: Redress, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_rt: Runtime, _session: Session, _payload: Mapping[str, Any]) -> None:
        raise NotFound("the models lack it")

    post.is_busy = True
    handler = replace(HANDLERS[CUSTOMER_MAIL], given_up=refuse)
    monkeypatch.setitem(_HANDLERS, CUSTOMER_MAIL, handler)
    answered(redress, "canary@example.com")
    wait_in_vain(redress)
    assert all("not begun: the models lack it" in each for each in incidents(redress))
    assert incidents(redress)


def wait_in_vain(redress: Redress) -> None:
    """Let the mail be tried until it is given up."""
    for _ in range(5):
        pass_time(redress, hours=1)


def incidents(redress: Redress) -> list[str]:
    with redress.sessions.read() as session:
        return list(session.scalars(select(Incident.message).where(Incident.state == "open")))


def told_another_way(redress: Redress, no: str) -> datetime:
    """Tell the customer another way, after which the answer counts as given; return when."""
    assert complaint(redress, no).notified_at is None
    clock.advance(timedelta(hours=1))
    before = clock.now()
    (task,) = (each for each in open_tasks(redress, no) if each.element_id == "notify-another-way")
    do(redress, task, "handler")
    told_at = complaint(redress, no).notified_at
    assert told_at is not None
    assert before <= told_at <= clock.now()
    return told_at


def timely(redress: Redress) -> tuple[int, int]:
    """Return of how many cases whose date lies in the month how many were answered in time, a month later."""
    asked = replace(asked_of(read_period("2026-03"), ZONE), now=MONDAY + timedelta(days=30))
    with redress.sessions.read() as session:
        found = measure_one(session, FIGURES["timeliness"], asked).total
    return found.hits, found.of


def test_an_answer_by_phone_counts_from_when_it_was_dialled_but_not_before_it_was_decided(
    redress: Redress,
) -> None:
    no = register(redress).complaint_no
    drive(redress, no, until="notify-customer")
    decided_at = complaint(redress, no).decided_at
    dialled = clock.now() + timedelta(hours=2)
    clock.advance(timedelta(days=4))
    other = register(redress).complaint_no
    drive(redress, no, until="ask-satisfaction", answers={"notify-customer": at(dialled)})
    drive(redress, other, until="ask-satisfaction", answers={"notify-customer": at(dialled)})
    assert complaint(redress, no).notified_at == dialled
    row = complaint(redress, other)
    assert decided_at is not None
    assert row.notified_at == row.decided_at


def test_a_later_date_that_the_customer_was_mailed_too_late_or_never_is_not_valid(
    redress: Redress, post: Post
) -> None:
    numbers = {
        address: delayed(redress, post, address) for address in ("canary@example.com", "nobody@example.com")
    }
    kept = {address: complaint(redress, no).extension_valid for address, no in numbers.items()}
    assert kept == {"canary@example.com": True, "nobody@example.com": False}
    assert "notify-another-way" in elements(redress, numbers["nobody@example.com"])
    late = delayed(redress, post, "canary@example.com", busy=True)
    row = complaint(redress, late)
    assert row.extension_valid is True  # its mail is on its way
    assert limit_of(redress, late, "investigate") == row.extended_until
    clock.set_to(row.due_at)
    post.is_busy = False
    pass_time(redress, hours=1)
    assert complaint(redress, late).extension_valid is False
    assert limit_of(redress, late, "investigate") == row.due_at


def limit_of(redress: Redress, no: str, element: str) -> datetime | None:
    (task,) = (each for each in open_tasks(redress, no) if each.element_id == element)
    return task.due_at


def delayed(redress: Redress, post: Post, address: str, *, busy: bool = False) -> str:
    """Have a customer mailed a later date; return the number of their case."""
    no = register(redress, customer={"name": "王小明CANARY", "email": address}).complaint_no
    new_date = MONDAY.date() + timedelta(days=10)
    request_extension(redress.runtime, actor(redress, "handler"), no, reason="等待資料", new_date=new_date)
    post.is_busy = busy
    by_mail = {"told_by": "email", "notice_sending": "system", "new_date": new_date.isoformat()}
    for element, values in (("approve-extension", {}), ("announce-delay", by_mail)):
        (task,) = (each for each in open_tasks(redress, no) if each.element_id == element)
        do(redress, task, **values)
    run_until_quiet(redress.runtime)
    return no


def at(instant: datetime) -> dict[str, Any]:
    return {"used_contact": "phone", "dispatched_at": instant.astimezone(ZONE).isoformat()}


def test_without_an_address_nobody_can_leave_the_answer_to_the_mail(redress: Redress) -> None:
    no = register(redress, customer={"name": "王小明CANARY", "phone": "13912345678"}).complaint_no
    by_mail = {"used_contact": "email", "notice_sending": "system"}
    with pytest.raises(FormRefused, match="no e-mail address"):
        drive(redress, no, until="ask-satisfaction", answers={"notify-customer": by_mail})
