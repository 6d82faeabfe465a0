"""The page of the channels: mails that wait for somebody, read and decided."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.incoming.take_in import Arrived, take_in
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint, Contact
from engine.store.tables.channels import Mailbox, ReceivedMail
from tests.web.conftest import Visit, page, text
from tests.world import register


def arrive(engine: Redress, count: int, **headers: str) -> list[str]:
    """Let so many mails of machines arrive, an hour ago; return the ids of their rows."""
    with engine.sessions.step() as session:
        session.merge(Mailbox(name="m", validity=1, last_uid=0, attempts=0))
    for uid in range(1, count + 1):
        message = EmailMessage()
        message["From"] = "王小明CANARY <canary@example.com>"
        message["Subject"] = f"第{uid}封"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"網站表單：重複扣款{uid}")
        raw, at = message.as_bytes(), clock.now() - timedelta(hours=1)
        take_in(engine.runtime, engine.vault, Arrived("m", 1, uid, len(raw), at, raw))
    with engine.sessions.read() as session:
        return list(session.scalars(select(ReceivedMail.id).order_by(ReceivedMail.uid)))


def test_an_agent_makes_a_case_of_a_mail_adds_one_to_a_case_and_puts_one_aside(
    engine: Redress, visit: Visit
) -> None:
    first, second, third = arrive(engine, 3)
    no = register(engine).complaint_no
    browser = visit("agent")
    listed = text(browser.get("/channels"))
    assert listed.count("A machine wrote it") == 3
    assert "CANARY" not in listed
    shown = text(browser.get(f"/channels/mail/{first}"))
    assert "網站表單：重複扣款1" in shown
    assert "canary@example.com" in shown
    at = f"/channels/mail/{first}"
    assert browser.post(at, {"decision": "contact"}).status_code == 422
    refused = browser.post(at, {"decision": "nothing"})
    (why,) = page(refused).xpath("//*[@id='why-note']")
    assert (refused.status_code, why.text_content().strip()) == (422, "choose why nothing is to be done")
    (what,) = page(browser.post(at, {"decision": ""})).xpath("//*[@id='decision-note']")
    assert what.text_content().strip() == "choose what becomes of the mail"
    assert browser.post(at, {"decision": "contact", "complaint_no": "RC-1"}).status_code == 422
    assert browser.post(at, {"decision": "case"}).location == "/channels"
    assert browser.post(at, {"decision": "case"}).status_code == 422
    assert browser.post(f"/channels/mail/{second}", {"decision": "contact", "complaint_no": no}).location
    assert browser.post(f"/channels/mail/{third}", {"decision": "nothing", "why": "advertising"}).location
    with engine.sessions.read() as session:
        outcomes = session.scalars(select(ReceivedMail.outcome).order_by(ReceivedMail.uid)).all()
        assert outcomes == ["case", "contact", "nothing"]
        made = session.scalars(select(Complaint).where(Complaint.no != no)).one()
        arrived = session.scalars(select(ReceivedMail.arrived_at).where(ReceivedMail.id == first)).one()
        assert made.received_at == arrived
        assert session.scalars(select(Contact.direction).where(Contact.complaint_no == no)).all() == ["in"]
        kinds = session.scalars(select(History.kind).where(History.stream == "system")).all()
        assert kinds.count("mail.decided") == 3
        assert "document.opened" in kinds
    assert "No mail waits" in text(browser.get("/channels"))
    assert "Advertising" in text(browser.get(f"/channels/mail/{third}"))
    assert browser.get(f"/channels/mail/{third}/original").data.startswith(b"From:")


@pytest.mark.parametrize("who", ["auditor", "supervisor"])
def test_who_oversees_sees_the_list_but_no_mail(engine: Redress, visit: Visit, who: str) -> None:
    (first,) = arrive(engine, 1)
    browser = visit(who)
    assert "A machine wrote it" in text(browser.get("/channels"))
    assert browser.get(f"/channels/mail/{first}").status_code == 403
    assert browser.get(f"/channels/mail/{first}/original").status_code == 403


def test_who_has_nothing_to_do_with_channels_does_not_see_them(engine: Redress, visit: Visit) -> None:
    assert visit("handler").get("/channels").status_code == 403
