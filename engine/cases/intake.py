"""What a complaint arrives with (R10, R20), checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates,
    validates_schema,
)

from engine import clock
from engine.domain.complaint import CHANNEL_PATTERN, Category, PreferredContact
from engine.errors import InvalidInput
from engine.privacy.finding import holds_personal

MOST_TEXT = 20_000
MOST_REASON = 4_000
COMPLAINANTS = ("customer", "proxy", "heir")
"""Who may complain: the customer, somebody with a written authority, or an heir (Art. 14)."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No complaint that is still to be handled came earlier; such a date is a slip of the pen."""
LANGUAGES = ("zh-Hant", "zh-Hans", "en")
CLOCK_SKEW = timedelta(minutes=2)
DEFAULT_CONTACT = {"email": "email", "chat": "email", "letter": "letter", "sms": "sms"}


class WholeNumber(fields.Integer):
    """A whole number, also as text; 2.5 is refused, never cut to 2."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float | Decimal) and value % 1 != 0:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


def _is_channel(value: str) -> None:
    """Refuse what no channel is called; the whole text counts, not only its beginning."""
    if not CHANNEL_PATTERN.fullmatch(value):
        raise ValidationError("no such channel")


def says_something(value: str) -> None:
    """Refuse a text of spaces alone. Raises ValidationError."""
    if not value.strip():
        raise ValidationError("say something: this is empty")


def _tells_nobody(value: str) -> None:
    """Refuse personal data where everybody may read it: the register is a list for many eyes (R60)."""
    if holds_personal(value):
        raise ValidationError(
            "tells who somebody is (a number or an address); write that under the customer or the content"
        )


class _Intake(Schema):
    """What a caller leaves open, as null or as an empty text, counts as not given."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _without_open_fields(self, data: Any, **_options: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        needed = {name for name, field in self.fields.items() if field.required}
        return {name: value for name, value in data.items() if name in needed or value not in (None, "")}


class CustomerSchema(_Intake):
    """Who complains; every field is personal (R60, R61)."""

    name = fields.String(required=True, validate=[validate.Length(min=1, max=100), says_something])
    id_number = fields.String(validate=validate.Length(max=40))
    phone = fields.String(validate=validate.Length(max=40))
    email = fields.Email(validate=validate.Length(max=200))
    account = fields.String(validate=validate.Length(max=60))
    address = fields.String(validate=validate.Length(max=400))


class IntakeSchema(_Intake):
    """The body of a registration. Everything that grading reads is optional and stays a fact of the case."""

    channel = fields.String(required=True, validate=_is_channel)
    received_at = fields.AwareDateTime(format="iso")
    content = fields.String(required=True, validate=[validate.Length(max=MOST_TEXT), says_something])
    customer = fields.Nested(CustomerSchema, required=True)
    product = fields.String(validate=[validate.Length(max=200), _tells_nobody], allow_none=True)
    category = fields.String(validate=validate.OneOf([str(item) for item in Category]), allow_none=True)
    grade = WholeNumber(validate=validate.OneOf([1, 2, 3]), allow_none=True)
    downgrade_reason = fields.String(validate=[validate.Length(max=MOST_REASON), says_something])
    urgent = fields.Boolean(load_default=False)
    preferred_contact = fields.String(
        validate=validate.OneOf([str(item) for item in PreferredContact]), allow_none=True
    )
    department = fields.String(validate=validate.Length(max=64), allow_none=True)
    handler = fields.String(validate=validate.Length(max=64), allow_none=True)
    amount = fields.Decimal(allow_none=True, validate=validate.Range(min=0, max=10**12))
    legal_risk = fields.Boolean(load_default=False)
    media_risk = fields.Boolean(load_default=False)
    spread_risk = fields.Boolean(load_default=False)
    vulnerable = fields.Boolean(load_default=False)
    read_back = fields.Boolean()
    complainants = WholeNumber(load_default=1, validate=validate.Range(min=1, max=100_000))
    partner = fields.String(validate=[validate.Length(max=100), _tells_nobody], allow_none=True)
    sub_code = fields.String(validate=validate.Length(max=32), allow_none=True)
    accused = fields.String(validate=validate.Length(max=64), allow_none=True)
    representatives = WholeNumber(allow_none=True, validate=validate.Range(min=1, max=1000))
    complainant_is = fields.String(validate=validate.OneOf(COMPLAINANTS), allow_none=True)
    authority = fields.String(validate=validate.Length(max=64), allow_none=True)
    regulator_reference = fields.String(validate=[validate.Length(max=100), _tells_nobody], allow_none=True)
    referred_on = fields.Date(allow_none=True)
    language = fields.String(validate=validate.OneOf(LANGUAGES), allow_none=True)
    source = fields.String(validate=[validate.Length(max=64), _tells_nobody])
    source_ref = fields.String(validate=[validate.Length(max=100), _tells_nobody])

    @validates_schema
    def _authority_for_others(self, data: Mapping[str, Any], **_options: Any) -> None:
        """Who complains for somebody else shows an authority (Art. 14)."""
        if data.get("complainant_is") in ("proxy", "heir") and not data.get("authority"):
            message = "name the document that shows the authority or the inheritance"
            raise ValidationError({"authority": [message]})

    @validates("received_at")
    def _not_in_the_future(self, value: datetime, data_key: str) -> None:
        if value > clock.now() + CLOCK_SKEW:
            raise ValidationError("lies in the future; give the instant at which the complaint reached us")
        if value < EARLIEST:
            raise ValidationError(f"lies before {EARLIEST.date()}; give the instant at which it reached us")


FACTS = (
    "amount",
    "legal_risk",
    "media_risk",
    "spread_risk",
    "vulnerable",
    "complainants",
    "partner",
    "read_back",
    "accused",
    "representatives",
    "complainant_is",
    "authority",
    "regulator_reference",
    "referred_on",
    "language",
)


def read_intake(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked intake, with `received_at` and `preferred_contact` filled in.

    Raises InvalidInput with the messages by field (dotted for those of the customer).
    """
    try:
        intake: dict[str, Any] = dict(IntakeSchema().load(dict(raw)))
    except ValidationError as error:
        errors = flatten(error.messages_dict)
        raise InvalidInput("the complaint cannot be registered: see the fields", errors) from error
    intake.setdefault("received_at", clock.now())
    if not intake.get("preferred_contact"):
        intake["preferred_contact"] = DEFAULT_CONTACT.get(intake["channel"], "phone")
    return intake


def flatten(messages: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return marshmallow's nested messages by dotted field name."""
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        else:
            flat[name] = [str(item) for item in value]
    return flat
