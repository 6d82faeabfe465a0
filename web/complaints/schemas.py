"""The registration form: fields of a page on the way to the intake that `engine.cases` checks and keeps."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from engine.errors import InvalidInput
from web import words
from web.language import LANGUAGES
from web.times import parse_local

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_CUSTOMER = ("name", "id_number", "phone", "email", "account", "address")


class _LocalTime(fields.Field[Any]):
    """A local date and time, as `<input type="datetime-local">` sends it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return parse_local(str(value), str(attr)).isoformat()
        except InvalidInput as error:
            raise ValidationError(str(error)) from error


class _Amount(fields.Decimal):
    """An amount of money as people write it down: 1234.5, 1,234.50, or in full-width digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = unicodedata.normalize("NFKC", str(value)).replace(" ", "")
        plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
        return super()._deserialize(plain, attr, data, **kwargs)


class RegistrationSchema(Schema):
    """What an agent enters. Empty fields count as not given."""

    class Meta:
        """The form's token and the like are none of the intake's fields."""

        unknown = EXCLUDE

    channel = fields.String(required=True)
    received_at = _LocalTime(required=True)
    content = fields.String(required=True)
    name = fields.String(required=True)
    id_number = fields.String()
    phone = fields.String()
    email = fields.Email()
    account = fields.String()
    address = fields.String()
    product = fields.String()
    category = fields.String(validate=validate.OneOf([*words.CATEGORIES]))
    sub_code = fields.String(validate=validate.OneOf([*words.SUB_CODES]))
    grade = fields.Integer(validate=validate.OneOf([1, 2, 3]))
    preferred_contact = fields.String(validate=validate.OneOf([*words.CONTACT_CHANNELS]))
    department = fields.String()
    amount = _Amount(
        as_string=True, error_messages={"invalid": "write the amount in digits, such as 1234.50"}
    )
    complainants = fields.Integer()
    partner = fields.String()
    representatives = fields.Integer()
    complainant_is = fields.String(validate=validate.OneOf([*words.COMPLAINANTS]))
    authority = fields.String()
    regulator_reference = fields.String()
    referred_on = fields.Date()
    handler = fields.String()
    accused = fields.String()
    language = fields.String(validate=validate.OneOf([*LANGUAGES]))
    urgent = fields.Boolean()
    legal_risk = fields.Boolean()
    media_risk = fields.Boolean()
    spread_risk = fields.Boolean()
    vulnerable = fields.Boolean()
    read_back = fields.Boolean()

    @pre_load
    def _drop_empty(self, data: Any, **_: Any) -> Any:
        return {key: value.strip() for key, value in data.items() if value.strip()}

    @post_load
    def as_intake(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the body of a registration, as `engine.cases.intake` takes it."""
        customer = {key: data.pop(key) for key in _CUSTOMER if key in data}
        if "amount" in data:
            data["amount"] = str(data["amount"])
        if "referred_on" in data:
            data["referred_on"] = data["referred_on"].isoformat()
        return {**data, "customer": customer}
