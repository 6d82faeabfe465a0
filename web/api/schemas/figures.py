"""Figures of cases: what each counts, what it comes to, and the cases behind it."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.quality.contest import LONGEST
from engine.quality.figures import BREAKDOWNS
from engine.quality.measure import PARTS
from engine.quality.sheets import SUBJECTS
from web.api.schemas.base import Answer, Body, Instant, PageQuery, Query

FROZEN, RUNNING = "frozen", "running"
_PERIOD = fields.String(required=True, metadata={"description": "2026-03, 2026-Q1 or 2026."})
_BY = fields.String(validate=validate.OneOf(list(BREAKDOWNS)), metadata={"description": "Broken down by."})
_STATE = fields.String(
    load_default=RUNNING,
    validate=validate.OneOf((RUNNING, FROZEN)),
    metadata={"description": "As cases stand now, or as the month was frozen."},
)
_VERSION = fields.Integer(
    validate=validate.Range(1, 999_999),
    metadata={
        "description": "Of a frozen month, and then `state` need not be given; without it, the newest."
    },
)


class FigureDefinitionSchema(Answer):
    """What a figure counts. A share counts hits among the cases asked about; an amount is a number a case."""

    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("share", "amount")))
    unit = fields.String(
        required=True, metadata={"description": "share; else hours, working-days, times or cents."}
    )
    title = fields.String(required=True)
    meaning = fields.String(required=True)
    clause = fields.String(required=True, metadata={"description": "Of the policy, such as R45."})
    definition = fields.Integer(required=True, metadata={"description": "The version of what it counts."})
    topic = fields.String(metadata={"description": "Of a share: what it is about."})
    good_is_high = fields.Boolean(metadata={"description": "Of a share."})
    target = fields.String(allow_none=True, metadata={"description": "The parameter with its aim."})
    waits = fields.String(
        allow_none=True,
        metadata={
            "description": "The parameter with the days after the period before which it says nothing."
        },
    )
    least = fields.Integer(
        metadata={"description": "Below so many cases a share of a person or department is not told."}
    )
    beside = fields.List(
        fields.String(), metadata={"description": "Shares that show whether this one was bought dearly."}
    )


class CountSchema(Answer):
    """What was counted: `of` cases. Of a share `hits`, `share` from 0 to 1 and its Wilson interval at 95 per
    cent, null where too few cases or too early a day would mislead; of an amount its spread in its unit.
    """

    of = fields.Integer(required=True)
    hits = fields.Integer(allow_none=True)
    share = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True)
    median = fields.Float(allow_none=True)
    p90 = fields.Float(allow_none=True)
    mean = fields.Float(allow_none=True)
    sum = fields.Float(allow_none=True)


class GroupSchema(CountSchema):
    """One group of a breakdown; `value` is null for the cases of which it is not known."""

    value = fields.String(required=True, allow_none=True)


class CountedSchema(Answer):
    """A figure with what it comes to."""

    name = fields.String(required=True)
    unit = fields.String(required=True)
    definition = fields.Integer(
        required=True, metadata={"description": "The version that it was counted by."}
    )
    target = fields.Float(allow_none=True, metadata={"description": "The aim of a share, from 0 to 1."})
    meets = fields.Boolean(
        allow_none=True, metadata={"description": "Whether the aim is met; null without one."}
    )
    not_before = Instant(
        allow_none=True, metadata={"description": "When it can say something, where that is still to come."}
    )
    total = fields.Nested(CountSchema, required=True)


class FigureSchema(CountedSchema):
    """A figure of a period: `running` as cases stand now, or `frozen` as a version counted it."""

    period = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf((RUNNING, FROZEN)))
    version = fields.Integer(required=True, allow_none=True)
    newest_version = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The newest frozen one of this period."}
    )
    computed_at = Instant(required=True)
    calendar = fields.String(required=True, metadata={"description": "The version of the calendar."})
    by = fields.String(required=True, allow_none=True)
    groups = fields.List(
        fields.Nested(GroupSchema), required=True, metadata={"description": "The 200 largest, largest first."}
    )


class FigureQuery(Query):
    """Of which period, broken down by what, frozen in which version."""

    period = _PERIOD
    by = _BY
    state = _STATE
    version = _VERSION


class CasesQuery(PageQuery):
    """Which cases of a figure: of a part, of a group, as a frozen version counted them."""

    period = _PERIOD
    part = fields.String(
        load_default="all",
        validate=validate.OneOf(PARTS),
        metadata={"description": "Of a share: what counts, the rest, or all that it asks about."},
    )
    by = _BY
    value = fields.String(
        load_default="",
        metadata={"description": "The group's, with `by`; without it the cases of which it is not known."},
    )
    state = _STATE
    version = _VERSION


class CaseBehindSchema(Answer):
    """A case that was counted."""

    complaint_no = fields.String(required=True)


class FrozenSchema(Answer):
    """A version of a month whose figures no longer change."""

    period = fields.String(required=True)
    version = fields.Integer(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(("closed", "window", "correction")))
    reason_text = fields.String(required=True)
    frozen_by = fields.String(required=True)
    frozen_at = Instant(required=True)
    digest = fields.String(required=True, metadata={"description": "SHA-256; the trail holds it, too."})


class FrozenMonthSchema(FrozenSchema):
    """A version with all its figures, and what they were counted by."""

    computed_at = Instant(required=True)
    calendar = fields.String(required=True)
    settings = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "The policy's parameters."}
    )
    cases = fields.Integer(required=True, metadata={"description": "How many any figure asks about."})
    figures = fields.List(fields.Nested(CountedSchema), required=True)


class FrozenQuery(Query):
    """Which version."""

    version = _VERSION


class FreezeBody(Body):
    """Which month is frozen again, and why."""

    period = fields.String(required=True, metadata={"description": "A month, such as 2026-03."})
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class FreezeAgainSchema(Answer):
    """The version that was made."""

    period = fields.String(required=True)
    version = fields.Integer(required=True)


class OwnFigureSchema(Answer):
    """A figure of one's own cases; not `comparable` where they are too few to compare anybody by, or where
    the version had to wait for what the figure tells (`waits_until`): then it has no share.
    """

    name = fields.String(required=True)
    clause = fields.String(required=True)
    definition = fields.Integer(required=True)
    of = fields.Integer(required=True)
    hits = fields.Integer(required=True)
    share = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    comparable = fields.Boolean(required=True)
    waits_until = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class OwnCaseSchema(Answer):
    """One's own case: the figures that count it, and those that ask about it and do not."""

    complaint_no = fields.String(required=True)
    hits = fields.List(fields.String(), required=True)
    misses = fields.List(fields.String(), required=True)


class OwnFiguresSchema(Answer):
    """What a frozen version says of the caller's cases, with each of them."""

    period = fields.String(required=True)
    version = fields.Integer(required=True)
    frozen_at = fields.String(required=True, metadata={"format": "date-time"})
    digest = fields.String(required=True)
    figures = fields.List(fields.Nested(OwnFigureSchema), required=True)
    cases = fields.List(fields.Nested(OwnCaseSchema), required=True)


class SheetQuery(FrozenQuery):
    """Whose score sheet; without a subject one's own."""

    kind = fields.String(load_default="person", validate=validate.OneOf(list(SUBJECTS)))
    subject = fields.String(metadata={"description": "A username, or the id of a department."})


class ContestBody(Body):
    """How which of one's own cases was counted wrongly."""

    version = fields.Integer(required=True, validate=validate.Range(1, 999_999))
    figure = fields.String(required=True)
    complaint_no = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))
