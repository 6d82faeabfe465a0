"""The secret that goes with a complaint number, and the token of its survey.

Both follow from the number and the key of the blind index, which stays when the master key is rotated:
nothing is stored that could leak, a repeated request gives the same answer, and a letter sent again holds the
same secret. Who has only a number learns nothing from it.
"""

from __future__ import annotations

import hmac
from typing import Final

from engine.privacy.keyring import Keyring

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is misread on the phone
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None, "\t": None})
LENGTH: Final = 16  # of 5 bits each
_GROUP: Final = 4
TOKEN_LENGTH: Final = 32  # hexadecimal digits


def tracking_secret(keyring: Keyring, complaint_no: str) -> str:
    """Return the secret that the customer is given with the number: 80 bits, as 7K3M-9QXP-02HA-VD4Z."""
    number = int(keyring.digest("tracking-secret", complaint_no), 16)
    letters = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def looks_like_secret(text: str) -> bool:
    """Tell whether a text could be a secret, however it is spaced and whichever letters were misread."""
    bare = _bare(text)
    return len(bare) == LENGTH and all(letter in _ALPHABET for letter in bare)


def is_tracking_secret(keyring: Keyring, complaint_no: str, text: str) -> bool:
    """Tell whether `text` is the secret of a complaint; takes the same time for every wrong one."""
    expected = _bare(tracking_secret(keyring, complaint_no))
    return hmac.compare_digest(expected.encode(), _bare(text).encode())


def survey_token(keyring: Keyring, complaint_no: str) -> str:
    """Return the token (32 hexadecimal digits) that lets a customer answer the survey of their case."""
    return keyring.digest("survey-token", complaint_no)[:TOKEN_LENGTH]


def survey_digest(keyring: Keyring, token: str) -> str:
    """Return what a token is found by."""
    return keyring.digest("survey-digest", token)


def _bare(text: str) -> str:
    return text.strip().upper().translate(_MISREAD)
