"""Mail in, from a real IMAP server: every message becomes a case, joins one, or is put before a person."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.incoming.reconcile import reconcile, reconcile_all
from engine.cases.incoming.take_in import Arrived, take_in
from engine.channels.mailbox import place_of_url
from engine.documents.register import open_document
from engine.errors import Forbidden, InvalidInput
from engine.jobs.mailboxes import ATTEMPTS, mailbox_pass, read_mailbox, vault_of
from engine.jobs.passes import run_until_quiet
from engine.privacy.values import read_value
from engine.read.mails import reconciliations
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint, Contact
from engine.store.tables.channels import Dispatch, Mailbox, ReceivedMail
from engine.store.tables.documents import Document
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification
from tests.driving import drive, elements
from tests.mailboxes import Folder
from tests.world import actor, register

ADDRESS = "canary@example.com"


@pytest.fixture
def reading(redress: Redress, folder: Folder) -> Redress:
    """An installation that reads the test's folder."""
    clock.set_to(clock.now() - clock.offset())  # the server stamps arrivals by the wall clock
    redress.runtime.config = replace(redress.config, imap_urls=(folder.url,))
    return redress


def mail(text: str = "重複扣款，請退回。CANARY", subject: str = "投訴CANARY", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = headers.pop("From", f"王小明CANARY <{ADDRESS}>")
    message["To"] = "complaints@company.example"
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("Message_ID", make_msgid(domain="example.com"))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def outcomes(redress: Redress) -> list[tuple[str, str | None]]:
    with redress.sessions.read() as session:
        rows = session.scalars(select(ReceivedMail).order_by(ReceivedMail.id))
        return [(row.outcome, row.reason) for row in rows]


def cases(redress: Redress) -> list[Complaint]:
    with redress.sessions.read() as session:
        return list(session.scalars(select(Complaint).order_by(Complaint.no)))


def content(redress: Redress, row: Complaint, field: str = "content") -> str:
    with redress.sessions.read() as session:
        return str(read_value(session, redress.keyring, row.personal[field]))


def test_a_mail_becomes_a_case_for_an_agent_with_its_original_and_files_and_is_marked_after_it(
    reading: Redress, folder: Folder
) -> None:
    written = mail()
    written.add_attachment(b"%PDF-1.4 proof", maintype="application", subtype="pdf", filename="收據.pdf")
    folder.put(written.as_bytes())
    assert mailbox_pass(reading.runtime).done == 1
    (case,) = cases(reading)
    assert (case.channel, case.preferred_contact, case.created_by) == ("email", "email", "mailbox")
    assert content(reading, case) == "投訴CANARY\n\n重複扣款，請退回。CANARY"
    assert (content(reading, case, "name"), content(reading, case, "email")) == ("王小明CANARY", ADDRESS)
    assert elements(reading, case.no) == ["register"]
    assert "\\Seen" in folder.flags()[0]
    with reading.sessions.read() as session:
        (row,) = session.scalars(select(ReceivedMail))
        assert row.marked_at is not None
        kept = open_document(session, reading.vault, str(row.document_id))
        with kept.content as original:
            assert original.read().replace(b"\r\n", b"\n") == written.as_bytes().replace(b"\r\n", b"\n")
        assert len(session.scalars(select(Document).where(Document.complaint_no == case.no)).all()) == 2
        assert [job.payload["template"] for job in session.scalars(select(Job))] == ["mail-acknowledgement"]
        said = repr([row.data for row in session.scalars(select(History))])
        said += repr(session.execute(select(Job.payload)).all())
        assert "CANARY" not in said
        assert ADDRESS not in said
    assert mailbox_pass(reading.runtime).done == 0
    assert len(cases(reading)) == 1


def test_a_worker_killed_between_commit_and_mark_leaves_one_case_and_the_next_marks_it(
    reading: Redress, folder: Folder
) -> None:
    folder.put(mail().as_bytes())
    program = (
        "import os, signal, sys\n"
        "from engine.assembly import assemble\n"
        "from engine.channels.mailbox import OpenMailbox\n"
        "from engine.config import load\n"
        "from engine.jobs.mailboxes import mailbox_pass\n"
        "OpenMailbox.mark = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "mailbox_pass(assemble(load()).runtime)\n"
    )
    environment = {
        "REDRESS_ENV": "test",
        "REDRESS_DATA_DIR": str(reading.config.data_dir),
        "REDRESS_DATABASE_URL": reading.config.database_url,
        "REDRESS_IMAP_URL": folder.url,
        "PATH": "/usr/bin:/bin",
    }
    assert subprocess.run([sys.executable, "-c", program], check=False, env=environment).returncode == -9
    assert len(cases(reading)) == 1
    assert "\\Seen" not in folder.flags()[0]
    assert mailbox_pass(reading.runtime).done == 0  # the dead worker's lease still holds
    with reading.sessions.read() as session:
        until = session.scalars(select(Mailbox.leased_until)).one()
    assert until is not None
    clock.set_to(until + timedelta(seconds=1))
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("case", None)]
    assert "\\Seen" in folder.flags()[0]


def test_workers_at_the_same_moment_and_a_mailbox_that_numbers_anew_make_no_second_case(
    reading: Redress, folder: Folder
) -> None:
    written = [mail(f"第{number}件").as_bytes() for number in range(3)]
    folder.put(*written)
    place = place_of_url(folder.url)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: read_mailbox(reading.runtime, place), range(3)))
    assert sum(done) == 3
    folder.make_anew()
    folder.put(*written)
    mailbox_pass(reading.runtime)
    assert [each for each, _ in outcomes(reading)] == ["case"] * 3 + ["repeated"] * 3
    assert len(cases(reading)) == 3


def test_two_messages_under_one_message_id_are_two_cases(reading: Redress, folder: Folder) -> None:
    folder.put(mail("一", Message_ID="<1@x>").as_bytes(), mail("二", Message_ID="<1@x>").as_bytes())
    mailbox_pass(reading.runtime)
    assert len(cases(reading)) == 2


def test_an_answer_joins_its_case_by_thread_or_by_number_and_its_handler_is_told(
    reading: Redress, folder: Folder
) -> None:
    no = register(reading, preferred_contact="email", handler="handler").complaint_no
    drive(reading, no, until="investigate")
    key = "0" * 32
    with reading.sessions.step() as session:
        session.add(
            Dispatch(id=key, complaint_no=no, channel="email", template="x", at=clock.now(), outcome="sent")
        )
    folder.put(
        mail("補充資料甲", In_Reply_To=f"<{key}@localhost>").as_bytes(),
        mail("補充資料乙", f"Re: {no}").as_bytes(),
        mail("別人寫的", f"Re: {no}", From="other@example.org").as_bytes(),
    )
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("contact", None), ("contact", None), ("waiting", "other-sender")]
    assert [case.no for case in cases(reading)] == [no]
    with reading.sessions.read() as session:
        said = session.scalars(select(Contact).where(Contact.complaint_no == no, Contact.direction == "in"))
        assert [(row.channel, row.actor) for row in said] == [("email", "mailbox")] * 2
        told = session.scalars(select(Notification.kind).where(Notification.kind == "customer-wrote")).all()
        assert len(told) == 2


def test_an_answer_to_an_ended_case_is_a_new_one(reading: Redress, folder: Folder) -> None:
    no = register(reading, preferred_contact="email").complaint_no
    drive(reading, no)
    run_until_quiet(reading.runtime)
    folder.put(mail("又扣款了", f"Re: {no}").as_bytes())
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("case", None)]


def test_machines_are_put_before_a_person_and_get_no_answer(reading: Redress, folder: Folder) -> None:
    folder.put(
        mail(Auto_Submitted="auto-replied").as_bytes(),
        mail(Precedence="bulk").as_bytes(),
        mail(Message_ID=f"<{'0' * 32}@localhost>").as_bytes(),
    )
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("waiting", "automatic"), ("waiting", "automatic"), ("waiting", "loop")]
    assert cases(reading) == []
    with reading.sessions.read() as session:
        assert session.scalars(select(Job)).all() == []


REPORT = """From: mailer-daemon@example.com
Message-ID: <report@example.com>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

not delivered
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; nobody@example.com
Action: {action}
Status: {status}

--B
Content-Type: message/rfc822

From: redress@localhost
Message-ID: <{key}@localhost>

x
--B--
"""


def test_a_report_of_failure_is_a_customer_not_reached_and_a_delay_is_not(
    reading: Redress, folder: Folder
) -> None:
    no, key = register(reading).complaint_no, "a" * 32
    with reading.sessions.step() as session:
        session.add(
            Dispatch(id=key, complaint_no=no, channel="email", template="x", at=clock.now(), outcome="sent")
        )

    def report(action: str, status: str) -> str:
        said = REPORT.format(action=action, status=status, key=key).replace("\n", "\r\n")
        folder.put(said.encode())
        mailbox_pass(reading.runtime)
        with reading.sessions.read() as session:
            return session.get_one(Dispatch, key).outcome

    assert report("delayed", "4.4.1") == "sent"
    assert report("failed", "5.1.1") == "returned"
    with reading.sessions.read() as session:
        assert session.scalars(select(Contact.reached).where(Contact.complaint_no == no)).all() == [False]
        assert session.get_one(Dispatch, key).status == "5.1.1"
    assert len(cases(reading)) == 1


def test_a_flood_of_one_sender_stops_making_cases(
    reading: Redress, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cases.incoming.routing.FLOOD", 2)
    folder.put(*(mail(f"第{number}封").as_bytes() for number in range(3)))
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("case", None), ("case", None), ("waiting", "flood")]


def raw(content_type: str, body: bytes, encoding: str = "8bit") -> bytes:
    head = f"From: {ADDRESS}\r\nMessage-ID: {make_msgid(domain='x')}\r\nMIME-Version: 1.0\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


SAID = "我要投訴貴公司重複扣款，請盡快退回。" * 3


WRITTEN = (
    (raw("text/plain; charset=gb2312", "罗镕基金龙：重复扣款".encode("gb18030")), None, "罗镕基金龙"),
    (raw("text/plain; charset=big5", SAID.encode("big5")), None, SAID),
    (raw("text/plain", SAID.encode("big5")), None, SAID),
    (raw("text/plain; charset=nonsense", SAID.encode()), None, SAID),
    (raw("text/html", b"<style>x{}</style><p>one</p><p>t&amp;wo<br>three</p>"), None, "one\nt&wo\nthree"),
    (raw("text/html", b"<p>unclosed <b"), None, "unclosed"),
    (raw("multipart/mixed; boundary=B", b"--B\r\n\r\nhello\r\n"), "broken", "hello"),
    (raw("multipart/mixed", b"no boundary"), "broken", ""),
    (raw("text/plain", b"!!!not base64", "base64"), None, ""),
    (raw("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", b"x"), "sealed", "加密"),
    (b"\xff\xfe\x00 no mail at all", None, ""),
    (b"From: =?utf-8?b?////?= <a@b>\r\nSubject: =?gb2312?q?=ff=ff?=\r\n\r\nx", None, "x"),
)


def test_however_it_is_written_or_broken_a_mail_is_a_case(redress: Redress) -> None:
    with redress.sessions.step() as session:
        session.add(Mailbox(name="m", validity=1, last_uid=0, attempts=0))
    vault = vault_of(redress.runtime)
    for uid, (source, _, _) in enumerate(WRITTEN, 1):
        arrived = Arrived("m", 1, uid, len(source), clock.now(), source)
        assert take_in(redress.runtime, vault, arrived) == "case"
    said = outcomes(redress)
    for number, (case, (_, reason, holds)) in enumerate(zip(cases(redress), WRITTEN, strict=True)):
        assert holds in content(redress, case), number
        if reason is not None:
            assert said[number] == ("case", reason), number


def test_of_a_mail_that_is_too_large_its_text_is_a_case_and_the_whole_stays_in_the_mailbox(
    reading: Redress, folder: Folder
) -> None:
    reading.runtime.config = replace(reading.runtime.config, upload_limit_bytes=300_000)
    written = mail()
    written.add_attachment(b"x" * 400_000, maintype="application", subtype="pdf", filename="a.pdf")
    folder.put(written.as_bytes())
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("case", "too-large")]
    assert "重複扣款" in content(reading, cases(reading)[0])


def test_a_message_that_cannot_be_taken_in_is_put_before_a_person_and_keeps_no_other_from_its_case(
    reading: Redress, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put(mail("poison").as_bytes(), mail("other").as_bytes())

    def fails(rt: Any, vault: Any, arrived: Arrived) -> str:
        if b"poison" in arrived.raw:
            raise RuntimeError("a mistake in the program")
        return take_in(rt, vault, arrived)

    monkeypatch.setattr("engine.jobs.mailboxes.take_in", fails)
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(RuntimeError):
            mailbox_pass(reading.runtime)
    mailbox_pass(reading.runtime)
    assert outcomes(reading) == [("waiting", "failed"), ("case", None)]
    assert len([each for each in folder.flags() if "\\Seen" in each]) == 1


def test_handled_mails_move_to_the_folder_that_is_set(reading: Redress, folder: Folder) -> None:
    done = f"{folder.name}done"
    reading.runtime.config = replace(reading.runtime.config, imap_handled=done)
    folder.put(mail().as_bytes())
    mailbox_pass(reading.runtime)
    assert (len(folder.flags()), len(folder.flags(done))) == (0, 1)


def test_a_mailbox_is_held_against_the_cases_and_what_was_passed_by_is_named(
    reading: Redress, folder: Folder
) -> None:
    place = place_of_url(folder.url)
    folder.put(mail().as_bytes(), mail("二").as_bytes())
    assert reconcile(reading.runtime, place).unread == (101, 102)
    mailbox_pass(reading.runtime)
    found = reconcile(reading.runtime, place)
    assert (found.messages, found.outcomes, found.unread, found.lost) == (2, {"case": 2}, (), ())
    with reading.sessions.step() as session:
        session.delete(session.scalars(select(ReceivedMail).where(ReceivedMail.uid == 101)).one())
    away = folder.url.replace(folder.name, "nowhere")
    reading.runtime.config = replace(reading.runtime.config, imap_urls=(folder.url, away))
    with pytest.raises(Forbidden):
        reconcile_all(reading.runtime, actor(reading, "agent"))
    rows = reconcile_all(reading.runtime, actor(reading, "supervisor"))
    assert [(row["messages"], row["lost"], row["lost_uids"]) for row in rows] == [
        (2, 1, [101]),
        (None, None, []),
    ]
    assert "has no folder" in rows[1]["error"]
    with reading.sessions.read() as session:
        kept = reconciliations(session, actor(reading, "agent"))
        told = session.scalars(select(History.data).where(History.kind == "mailbox.reconciled")).all()
    assert [(row["by"], row["lost"]) for row in kept] == [("supervisor", None), ("supervisor", 1)]
    assert len(told) == 2
    reading.runtime.config = replace(reading.runtime.config, imap_urls=())
    with pytest.raises(InvalidInput, match="REDRESS_IMAP_URL"):
        reconcile_all(reading.runtime, actor(reading, "supervisor"))


def test_a_mailbox_that_is_away_is_said_so_without_its_password_and_asked_again(
    reading: Redress, folder: Folder
) -> None:
    away = folder.url.replace("demopass", "wrong-secret")
    reading.runtime.config = replace(reading.runtime.config, imap_urls=(away, folder.url))
    folder.put(mail().as_bytes())
    mailbox_pass(reading.runtime)
    with reading.sessions.read() as session:
        (error,) = session.scalars(select(Mailbox.error))
    assert error is None  # both addresses are one mailbox: the second succeeded
    reading.runtime.config = replace(reading.runtime.config, imap_urls=(away,))
    mailbox_pass(reading.runtime)
    with reading.sessions.read() as session:
        (error,) = session.scalars(select(Mailbox.error))
    assert error is not None
    assert "refuses user or password" in error
    assert "wrong-secret" not in error
    assert len(cases(reading)) == 1
