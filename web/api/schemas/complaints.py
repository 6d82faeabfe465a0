"""The complaint register."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.cases.contact import DIRECTIONS
from engine.cases.erasure import ErasureReason
from engine.cases.intake import WholeNumber
from engine.domain.complaint import Category, PreferredContact, Status
from engine.domain.statute import ExclusionReason
from web.api.schemas.base import Answer, Body, Instant, PageQuery, Query, ReasonBody, Values
from web.words import PURPOSES

_CATEGORIES = validate.OneOf([str(item) for item in Category])
_STATUSES = validate.OneOf([str(item) for item in Status])
_GRADES = validate.OneOf([1, 2, 3])


class RegisteredSchema(Answer):
    """A complaint that was registered."""

    complaint_no = fields.String(required=True)
    instance_id = fields.String(required=True)


class ComplaintQuery(PageQuery):
    """Filters of the register; all must hold."""

    status = fields.String(validate=_STATUSES)
    grade = fields.Integer(validate=_GRADES)
    category = fields.String(validate=_CATEGORIES)
    sub_code = fields.String(metadata={"description": "A sub-code of the registration form."})
    channel = fields.String()
    handler = fields.String(metadata={"description": "A user name, or `me`."})
    number = fields.String(metadata={"description": "Part of a complaint number."})
    overdue = fields.Boolean(load_default=False)
    sort = fields.String(load_default="received", validate=validate.OneOf(["received", "due"]))


class ComplaintSchema(Answer):
    """A complaint as the register lists it. `due_at` and `statutory_due_at` are exclusive ends."""

    complaint_no = fields.String(attribute="no", required=True)
    instance_id = fields.String(allow_none=True)
    status = fields.String(required=True, validate=_STATUSES)
    stage = fields.String(allow_none=True)
    grade = fields.Integer(allow_none=True, validate=_GRADES)
    suggested_grade = fields.Integer(allow_none=True)
    category = fields.String(allow_none=True, validate=_CATEGORIES)
    sub_code = fields.String(allow_none=True)
    channel = fields.String(required=True)
    product = fields.String(allow_none=True)
    urgent = fields.Boolean()
    preferred_contact = fields.String(validate=validate.OneOf([str(item) for item in PreferredContact]))
    received_at = Instant(required=True)
    registered_at = Instant(allow_none=True)
    handling_at = Instant(allow_none=True)
    decided_at = Instant(allow_none=True)
    notified_at = Instant(allow_none=True)
    archived_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    due_at = Instant(required=True)
    original_due_at = Instant()
    extended_until = Instant(allow_none=True)
    extension_valid = fields.Boolean(
        allow_none=True, metadata={"description": "Whether the customer was told before the old date."}
    )
    statutory_due_at = Instant(required=True)
    original_statutory_due_at = Instant(allow_none=True)
    statutory_step = fields.Integer(metadata={"description": "1 ordinary, 2 complex, 3 very complex."})
    policy_version = fields.String(allow_none=True)
    repeat_of = fields.String(allow_none=True)
    deadline_provisional = fields.Boolean(required=True)
    handler = fields.String(allow_none=True)
    department = fields.String(attribute="department_id", allow_none=True)
    is_open = fields.Boolean(metadata={"description": "Whether the clocks run."})
    is_overdue = fields.Boolean()


class CaseCustomerSchema(Answer):
    """Who complains; masked unless the caller needs to know."""

    name = fields.String()
    id_number = fields.String()
    phone = fields.String()
    email = fields.String()
    account = fields.String()
    address = fields.String()


class RecordSchema(Answer):
    """What a form of the case recorded."""

    kind = fields.String(required=True)
    form_id = fields.String(allow_none=True)
    actor = fields.String()
    at = Instant()
    values = Values()


class ContactSchema(Answer):
    """A contact with the customer."""

    id = fields.String(required=True)
    at = Instant()
    channel = fields.String()
    direction = fields.String()
    reached = fields.Boolean()
    actor = fields.String()
    summary = fields.String()


class ExtensionSchema(Answer):
    """A later date that the customer was told of."""

    old_due_at = Instant()
    new_due_at = Instant()
    notified_at = Instant()
    late = fields.Boolean()
    actor = fields.String()
    at = Instant()
    reason = fields.String()


class CaseSchema(ComplaintSchema):
    """One complaint with whom it is about, what it says and what was recorded."""

    customer = fields.Nested(CaseCustomerSchema, required=True)
    content = fields.String(required=True)
    revealed = fields.Boolean(metadata={"description": "Whether personal data is in clear."})
    erased_at = Instant(metadata={"description": "When the customer's data was destroyed, else null."})
    facts = Values(metadata={"description": "What grading reads: amount, legal_risk, ..."})
    records = fields.List(fields.Nested(RecordSchema))
    contacts = fields.List(fields.Nested(ContactSchema))
    extensions = fields.List(fields.Nested(ExtensionSchema))


class CaseQuery(Query):
    """Why personal data is looked at; noted in the trail."""

    purpose = fields.String(load_default="handling", validate=validate.OneOf(list(PURPOSES)))


class RegradeBody(ReasonBody):
    """Another grade."""

    grade = WholeNumber(required=True, validate=_GRADES)


class RegradedSchema(Answer):
    """Applied at once, or asked for in the instance named."""

    applied = fields.Boolean(required=True)
    instance_id = fields.String(required=True)


class EraseBody(Body):
    """On what ground personal data is destroyed."""

    reason = fields.String(required=True, validate=validate.OneOf([str(each) for each in ErasureReason]))


class ErasedSchema(Answer):
    """What was destroyed, and where else the same person is held."""

    complaint_no = fields.String(required=True)
    erased_at = fields.String(required=True)
    documents = fields.Integer(required=True)
    also_in = fields.List(fields.String(), required=True)


class ExtendBody(ReasonBody):
    """A later date: the last day, in the company's time zone."""

    new_date = fields.Date(required=True)


class RequestedSchema(Answer):
    """The instance that carries a request."""

    instance_id = fields.String(required=True)


class WithdrawnSchema(Answer):
    """A complaint after its withdrawal."""

    complaint_no = fields.String(required=True)
    status = fields.String(required=True)


class ContactBody(Body):
    """A contact with the customer."""

    channel = fields.String(required=True)
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    reached = fields.Boolean(load_default=True)
    summary = fields.String(required=True, validate=validate.Length(min=1, max=5000))
    at = Instant()


class ContactedSchema(Answer):
    """A contact that was noted."""

    contact_id = fields.String(required=True)


class ToldDaySchema(Answer):
    """A day of a clock. `ordinal` is null where it does not count; `why` says which kind of day it is."""

    date = fields.Date(required=True)
    ordinal = fields.Integer(allow_none=True)
    why = fields.String(
        required=True,
        validate=validate.OneOf(
            ["start", "workday", "make-up", "weekend", "holiday", "natural", *ExclusionReason]
        ),
    )
    name = fields.String(metadata={"description": "The holiday's name, or empty."})
    published = fields.Boolean(metadata={"description": "Whether a notice has settled what the day is."})


class ToldLimitSchema(Answer):
    """One clock; `due_at` and `original_due_at` are exclusive ends."""

    began_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    due_at = Instant(required=True)
    original_due_at = Instant(required=True)
    provisional = fields.Boolean(required=True)
    days = fields.List(fields.Nested(ToldDaySchema))


class ToldChangeSchema(Answer):
    """What moved a date, or came too late to do so."""

    clock = fields.String(required=True, validate=validate.OneOf(["policy", "statute"]))
    kind = fields.String(required=True)
    reason = fields.String(allow_none=True)
    at = Instant()
    actor = fields.String()
    told_at = Instant(allow_none=True)
    old_due_at = Instant()
    new_due_at = Instant()
    in_time = fields.Boolean(required=True)


class DeadlinesSchema(Answer):
    """Both clocks of a case, day by day."""

    calendar_version = fields.String(required=True)
    policy = fields.Nested(ToldLimitSchema, required=True)
    statute = fields.Nested(ToldLimitSchema, required=True)
    extended_until = Instant(allow_none=True)
    extension_valid = fields.Boolean(allow_none=True)
    statutory_step = fields.Integer(required=True)
    changes = fields.List(fields.Nested(ToldChangeSchema))


class ExclusionBody(Body):
    """Local days, both included, that do not count, and when the customer was told."""

    reason = fields.String(required=True, validate=validate.OneOf([*ExclusionReason]))
    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="until")
    told_at = Instant(required=True)
    explanation = fields.String(required=True, validate=validate.Length(min=1, max=4000))


class NewFactsBody(Body):
    """The local day on which new material reached us, and what it is."""

    received_on = fields.Date(required=True)
    explanation = fields.String(required=True, validate=validate.Length(min=1, max=4000))


class StatuteMovedSchema(Answer):
    """The statutory date now in force, and whether the change came in time to move it."""

    statutory_due_at = Instant(required=True)
    in_time = fields.Boolean(required=True)
