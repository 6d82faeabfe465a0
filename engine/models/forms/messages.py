"""What a form says about a value, as an English text that the web can translate.

Where form-js says the same thing in the browser, the text is the same, so that one catalogue serves both.
"""

from __future__ import annotations

from typing import Final

REQUIRED: Final = "Field is required."
PATTERN: Final = "Field must match pattern {value}."
MINIMUM: Final = "Field must have minimum value of {value}."
MAXIMUM: Final = "Field must have maximum value of {value}."
MINIMUM_INVALID: Final = "Min validation value is not a valid number."
MAXIMUM_INVALID: Final = "Max validation value is not a valid number."
MINIMUM_LENGTH: Final = "Field must have minimum length of {value}."
MAXIMUM_LENGTH: Final = "Field must have maximum length of {value}."
PHONE: Final = "Field must be a valid international phone number. (e.g. +4930664040900)"
EMAIL: Final = "Field must be a valid email."
NOT_A_NUMBER: Final = "Value is not a number."
NOT_AN_INTEGER: Final = "Value is expected to be an integer."
ONE_DECIMAL: Final = "Value is expected to have at most 1 decimal digit."
DECIMALS: Final = "Value is expected to have at most {value} decimal digits."
STEP: Final = "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}."

NOT_A_TEXT: Final = "Value is not a text."
TOO_LONG: Final = "Text is longer than {value} characters."
NOT_A_CHECK: Final = "Value is neither true nor false."
NOT_A_DATE: Final = "Value is not a date such as 2026-03-31."
NOT_A_TIME: Final = "Value is not a time such as 14:30."
NOT_A_DATETIME: Final = "Value is not a date and time such as 2026-03-31T14:30."
IN_THE_FUTURE: Final = "Value lies in the future: it tells when something was done."
STANDS_TWICE: Final = "Value stands in another row already."
NOT_AN_OPTION: Final = "Value is not one of the options."
NOT_A_CHOICE_LIST: Final = "Value is not a list of options."
NOT_DOCUMENTS: Final = "Value is not the id of an uploaded document."
ONE_DOCUMENT: Final = "Only one document may be given here."
NOT_ROWS: Final = "Value is not a list of rows."
TOO_MANY_ROWS: Final = "There may be at most {value} rows."
NOT_AN_OBJECT: Final = "Value is not a group of fields."
UNKNOWN_FIELD: Final = "There is no field {value} in this form."

#: Every text above: what a translation of the server's form messages has to contain.
CATALOGUE: Final = tuple(
    text for name, text in sorted(globals().items()) if name.isupper() and isinstance(text, str)
)
