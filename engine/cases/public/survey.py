"""Asking how satisfied a customer is, and keeping what they say where nobody can change it (R32, K2)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.cases.archive.gate import supplement
from engine.cases.public.secrets import survey_digest, survey_token
from engine.cases.rows import COMPLAINT, lock_complaint
from engine.errors import Conflict, InvalidInput, NotActive, NotFound
from engine.people.actor import PORTAL, SYSTEM
from engine.privacy.keyring import Keyring
from engine.privacy.values import store_value
from engine.runtime.advance import open_step
from engine.runtime.ledger import note_on_instance
from engine.runtime.outbox import add_jobs, outbox_row
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.channels import Survey, SurveyAnswer

OPEN_DAYS = "survey.open_days"
"""The parameter that says for how many days after the result notice a first answer is taken."""
SCORE_FACT: Final = "survey_score"
"""The fact of a case that says what the customer answered last; models read it as `case.survey_score`."""
GO_ON: Final = "redress:survey-answered"
"""The type of the job that lets the case go on; its payload names the instance."""
MORE_FOR = timedelta(days=7)
"""How long after the first answer a later one is kept beside it; the last of them counts (K2)."""
LONGEST_COMMENT = 4000
BEST = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey that may be answered now; `answered_at` is when the first answer came, if one did."""

    complaint_no: str
    answered_at: datetime | None


def invitation_of(keyring: Keyring, complaint_no: str, at: datetime, days: int) -> dict[str, Any]:
    """Return the row that asks the customer of a complaint, from the result notice on for `days` days."""
    return {
        "complaint_no": complaint_no,
        "token_digest": survey_digest(keyring, survey_token(keyring, complaint_no)),
        "asked_at": at,
        "closes_at": at + timedelta(days=days),
    }


def open_survey(session: Session, keyring: Keyring, token: str) -> Asked:
    """Return the survey of a token. Raises NotFound for an unknown one, Conflict once it is closed."""
    row = session.scalar(select(Survey).where(Survey.token_digest == survey_digest(keyring, token)))
    if row is None:
        raise NotFound("there is no such survey; take the whole address from our message")
    first = session.scalar(
        select(SurveyAnswer.at)
        .where(SurveyAnswer.complaint_no == row.complaint_no)
        .order_by(SurveyAnswer.at)
        .limit(1)
    )
    if clock.now() >= (row.closes_at if first is None else first + MORE_FOR):
        raise Conflict("this survey is closed; what was answered is kept")
    return Asked(row.complaint_no, first)


def answer_survey(rt: Runtime, token: str, form: Mapping[str, Any]) -> str:
    """Keep an answer: score 1 to 5, comment (personal, may be empty); return its id.

    The same answer sent again is one. Nothing kept before is touched. Raises InvalidInput,
    NotFound, Conflict.
    """
    score, comment = _read(form)
    with rt.sessions.step() as session:
        complaint_no = open_survey(session, rt.keyring, token).complaint_no
        row = _lock(session, complaint_no)
        open_survey(session, rt.keyring, token)  # again, now that nobody else answers meanwhile
        if (known := _same_again(session, complaint_no, score, has_comment=bool(comment))) is not None:
            return known
        answer_id = new_id()
        reference = (
            store_value(session, rt.keyring, row["subject_id"], "survey_comment", comment)
            if comment
            else None
        )
        values = {"id": answer_id, "complaint_no": complaint_no, "score": score, "comment_ref": reference}
        session.execute(insert(SurveyAnswer).values(**values, source="self", at=clock.now()))
        entry = Entry("survey.answered", {"answer": answer_id, "score": score, "source": "self"})
        note_on_instance(session, row["instance_id"], PORTAL, [entry])
        facts = {**row["facts"], SCORE_FACT: score}
        session.execute(update(COMPLAINT).where(COMPLAINT.c.no == complaint_no).values(facts=facts))
        add_jobs(rt, session, [outbox_row(GO_ON, {"instance": row["instance_id"]})])
        supplement(rt, session, row)
        return answer_id


def go_on(rt: Runtime, session: Session, instance_id: str) -> None:
    """Let the case of an answered survey go on: nobody needs to ask the customer again (R32)."""
    with contextlib.suppress(NotActive), open_step(rt, session, instance_id, SYSTEM) as step:
        step.run()


def counted_answer(session: Session, complaint_no: str) -> SurveyAnswer | None:
    """Return the answer that counts: the last within seven days of the first (K2); None without any."""
    query = select(SurveyAnswer).where(SurveyAnswer.complaint_no == complaint_no)
    return session.scalars(query.order_by(SurveyAnswer.at.desc(), SurveyAnswer.id.desc()).limit(1)).first()


def _lock(session: Session, complaint_no: str) -> Mapping[str, Any]:
    row = lock_complaint(session, complaint_no)
    if row is None:
        raise NotFound("there is no such complaint")
    return row


def _same_again(session: Session, complaint_no: str, score: int, *, has_comment: bool) -> str | None:
    """Return the id of an answer of just now that says the same: a double click or a reload."""
    last = counted_answer(session, complaint_no)
    if last is None or clock.now() - last.at > timedelta(minutes=10):
        return None
    same = last.score == score and (last.comment_ref is not None) == has_comment
    return last.id if same else None


def _read(form: Mapping[str, Any]) -> tuple[int, str]:
    errors: dict[str, list[str]] = {}
    given, comment = str(form.get("score", "")), str(form.get("comment", "")).strip()
    score = int(given) if given in {str(each) for each in range(1, BEST + 1)} else 0
    if not score:
        errors["score"] = ["choose one of the five"]
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = [f"Longer than maximum length {LONGEST_COMMENT}."]
    if errors:
        raise InvalidInput("the answer cannot be kept: see the fields", errors)
    return score, comment
