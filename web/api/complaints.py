"""`/complaints`: the register, registering, and what changes a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import read
from engine.cases.contact import record_contact
from engine.cases.erasure import erase_customer
from engine.cases.explanation import explain
from engine.cases.extension import request_extension
from engine.cases.intake import IntakeSchema
from engine.cases.registration import register_complaint
from engine.cases.regrading import regrade
from engine.cases.second_review import request_review
from engine.cases.statute import exclude_time, restart_clock
from engine.cases.withdrawal import withdraw
from engine.domain.complaint import Status
from engine.errors import NotFound
from engine.runtime.once import is_answered
from web.access import requires
from web.api.operation import operation
from web.api.personal import personal_values
from web.api.requests import idempotency, json_object
from web.api.schemas import complaints as schemas
from web.api.schemas.base import ReasonBody, page_of
from web.extensions import db, end_reading, redress, runtime
from web.identity import current_actor

TAG = "complaints"


@operation(
    TAG,
    "POST",
    "/complaints",
    requires("complaint.register"),
    described=IntakeSchema,
    answer=schemas.RegisteredSchema,
    status=201,
    repeatable=True,
    errors=(409,),
)
def register() -> Any:
    """Register a complaint.

    With category and grade given, registration is complete in the same transaction; a grade milder than the
    decision table's needs a supervisor's approval, who says why where `downgrade_reason` does not. A past
    `received_at` is accepted.
    """
    return register_complaint(runtime(), current_actor(), json_object(), idempotency=idempotency())


@operation(
    TAG,
    "GET",
    "/complaints",
    requires("complaint.read"),
    query=schemas.ComplaintQuery,
    answer=page_of(schemas.ComplaintSchema),
)
def register_page(query: Mapping[str, Any]) -> Any:
    """List the register as far as the caller may see it."""
    return read.complaint_list(db.session(), current_actor(), **query)


@operation(
    TAG,
    "GET",
    "/complaints/<no>",
    requires("complaint.read"),
    query=schemas.CaseQuery,
    answer=schemas.CaseSchema,
)
def case(query: Mapping[str, Any], no: str) -> Any:
    """Give one case.

    Personal data is in clear for those who may read it and have to do with the case, which is noted in the
    trail; for others it is masked.
    """
    row = read.complaint(db.session(), current_actor(), no)
    contacts = [each | {"summary": each["summary_ref"]} for each in row["contacts"]]
    extensions = [each | {"reason": each["reason_ref"]} for each in row["extensions"]]
    personal = personal_values(
        db.session(), current_actor(), row, row["records"], contacts, extensions, purpose=query["purpose"]
    )
    customer = {name: value for name, value in row["personal"].items() if name != "content"}
    return row | {
        "customer": personal.show(customer),
        "content": personal.show(row["personal"].get("content", "")),
        "revealed": personal.revealed,
        "records": personal.show(row["records"]),
        "contacts": personal.show(contacts),
        "extensions": personal.show(extensions),
    }


@operation(
    TAG,
    "POST",
    "/complaints/<no>/regrade",
    requires("complaint.regrade"),
    body=schemas.RegradeBody,
    answer=schemas.RegradedSchema,
    repeatable=True,
)
def change_grade(body: Mapping[str, Any], no: str) -> Any:
    """Give a complaint another grade.

    A graver one holds at once, counted from the original receipt; a milder one waits for a supervisor's
    approval.
    """
    _seen(no)
    return regrade(runtime(), current_actor(), no, body["grade"], body["reason"], idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/complaints/<no>/extend",
    requires("complaint.extend"),
    body=schemas.ExtendBody,
    answer=schemas.RequestedSchema,
    repeatable=True,
)
def extend(body: Mapping[str, Any], no: str) -> Any:
    """Ask for a later date; approval and the notice to the customer follow as tasks."""
    _seen(no)
    instance_id = request_extension(
        runtime(),
        current_actor(),
        no,
        reason=body["reason"],
        new_date=body["new_date"],
        idempotency=idempotency(),
    )
    return {"instance_id": instance_id}


@operation(
    TAG,
    "POST",
    "/complaints/<no>/withdraw",
    requires("complaint.withdraw"),
    body=ReasonBody,
    answer=schemas.WithdrawnSchema,
    repeatable=True,
)
def take_back(body: Mapping[str, Any], no: str) -> Any:
    """Note that the customer withdraws the complaint; its procedure ends."""
    _seen(no)
    withdraw(runtime(), current_actor(), no, body["reason"], idempotency=idempotency())
    return {"complaint_no": no, "status": str(Status.WITHDRAWN)}


@operation(
    TAG,
    "POST",
    "/complaints/<no>/contacts",
    requires("complaint.contact"),
    body=schemas.ContactBody,
    answer=schemas.ContactedSchema,
    status=201,
    repeatable=True,
)
def add_contact(body: Mapping[str, Any], no: str) -> Any:
    """Note a contact with the customer."""
    _seen(no)
    contact_id = record_contact(runtime(), current_actor(), no, **body, idempotency=idempotency())
    return {"contact_id": contact_id}


@operation(
    TAG,
    "POST",
    "/complaints/<no>/erase",
    requires("personal.erase"),
    body=schemas.EraseBody,
    answer=schemas.ErasedSchema,
    repeatable=True,
)
def erase(body: Mapping[str, Any], no: str) -> Any:
    """Destroy the keys of the customer of a closed case and of its documents. This cannot be undone."""
    _seen(no)
    end_reading()
    system = redress()
    return erase_customer(
        system.runtime, system.vault, current_actor(), no, reason=body["reason"], idempotency=idempotency()
    )


@operation(
    TAG,
    "POST",
    "/complaints/<no>/review",
    requires("complaint.review"),
    body=ReasonBody,
    answer=schemas.RequestedSchema,
    status=201,
    repeatable=True,
)
def ask_for_review(body: Mapping[str, Any], no: str) -> Any:
    """Begin the second instance of an answered complaint: an independent review of the decision."""
    _seen(no)
    return {
        "instance_id": request_review(
            runtime(), current_actor(), no, body["reason"], idempotency=idempotency()
        )
    }


@operation(
    TAG,
    "GET",
    "/complaints/<no>/deadlines",
    requires("complaint.read"),
    answer=schemas.DeadlinesSchema,
)
def deadlines(no: str) -> Any:
    """Explain both clocks of a case: every day, whether it counts, and why.

    `days` is empty where the calendar that a limit was counted with is not kept any more.
    """
    return explain(runtime(), db.session(), read.complaint(db.session(), current_actor(), no))


@operation(
    TAG,
    "POST",
    "/complaints/<no>/exclusions",
    requires("complaint.statute"),
    body=schemas.ExclusionBody,
    answer=schemas.StatuteMovedSchema,
    status=201,
    repeatable=True,
)
def exclude(body: Mapping[str, Any], no: str) -> Any:
    """Note days that do not count for the statute, of which the customer was told.

    Told only after the statutory date had passed, they move nothing: `in_time` is false.
    """
    _seen(no)
    return exclude_time(runtime(), current_actor(), no, **body, idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/complaints/<no>/new-facts",
    requires("complaint.statute"),
    body=schemas.NewFactsBody,
    answer=schemas.StatuteMovedSchema,
    status=201,
    repeatable=True,
)
def new_facts(body: Mapping[str, Any], no: str) -> Any:
    """Note that the customer brought new facts: the statute's time begins anew, the policy's does not."""
    _seen(no)
    return restart_clock(runtime(), current_actor(), no, **body, idempotency=idempotency())


def _seen(no: str) -> None:
    """Raise NotFound for a case that the caller may not see, or could not when they first asked for this."""
    try:
        read.complaint(db.session(), current_actor(), no)
    except NotFound:
        if not is_answered(db.session(), current_actor(), idempotency()):
            raise
