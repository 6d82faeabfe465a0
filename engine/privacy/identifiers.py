"""What identifies a person in China: identity numbers, phones, e-mail addresses, accounts.

Identity numbers: GB 11643-1999, 18 characters of which the last is a check digit (ISO 7064, MOD 11-2); before
1999 they had 15. Bank cards: ISO/IEC 7812 with a Luhn digit.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from engine.errors import InvalidInput

INDEXED_KINDS = ("phone", "email", "id_number", "account")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_ACCOUNT = re.compile(r"[0-9A-Z]{8,40}")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9A-Za-z])[/_#]+(?=[0-9A-Za-z])")
_MASKED = re.compile(r"[*•●×…]")
_SEPARATORS = re.compile(r"[\s\-‐-―·.()]+")


def normalise(kind: str, value: str) -> str:
    """Return the one form under which a value of `kind` is found again, or '' when nothing is left of it.

    Raises InvalidInput for a kind that is not indexed.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "email":
        return text.casefold()
    bare = _SEPARATORS.sub("", text)
    if kind == "phone":
        return _normal_phone(bare)
    if kind == "id_number":
        bare = bare.upper()
        return _lengthened(bare) if is_old_id_number(bare) else bare
    if kind == "account":
        return _normal_account(bare)
    raise InvalidInput(f"{kind!r} is not indexed; what is: {', '.join(INDEXED_KINDS)}")


def is_id_number(text: str) -> bool:
    """Tell whether `text` is an identity number: 18 characters, a real date, the right check digit."""
    text = text.upper()
    return has_id_number_form(text) and text[17] == _check_character(text[:17])


def has_id_number_form(text: str) -> bool:
    """Tell whether `text` could be such a number, perhaps mistyped: 18 characters around a real date."""
    return bool(re.fullmatch(r"[1-9]\d{16}[\dXx]", text, re.ASCII)) and _is_date(text[6:14])


def is_old_id_number(text: str) -> bool:
    """Tell whether `text` could be an identity number of 15 digits, around a real date of 19xx."""
    return bool(re.fullmatch(r"[1-9]\d{14}", text, re.ASCII)) and _is_date("19" + text[6:12])


def is_card_number(text: str) -> bool:
    """Tell whether `text` has 13 to 19 digits of which the last is the right Luhn digit."""
    if not re.fullmatch(r"\d{13,19}", text, re.ASCII):
        return False
    total = 0
    for position, character in enumerate(reversed(text)):
        digit = int(character)
        if position % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def _normal_phone(bare: str) -> str:
    digits = re.sub(r"\D", "", bare)
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits and re.fullmatch(r"1[3-9]\d{9}", rest):
            return rest
    return digits.removeprefix("00") if not bare.startswith("0086") else digits.removeprefix("0086")


def _normal_account(bare: str) -> str:
    """Return the one number in the text, without the bank's name; '' for what many have: the last digits, a
    masked number, one digit repeated.
    """
    found = _ACCOUNT.findall(_BETWEEN_DIGITS.sub("", bare).upper())
    number = found[0] if len(found) == 1 else ""
    digits = re.sub(r"\D", "", number)
    is_own = len(digits) >= 6 and len(set(digits)) > 2 and "XXX" not in number
    return number if is_own and not _MASKED.search(bare) else ""


def _lengthened(old: str) -> str:
    body = old[:6] + "19" + old[6:]
    return body + _check_character(body)


def _check_character(body: str) -> str:
    return _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def _is_date(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2100
    except ValueError:
        return False
