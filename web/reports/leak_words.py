"""The words of personal data that was found in clear texts."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

KINDS: Final[Words] = {
    "phone": _("Telephone number"),
    "id_number": _("Identity number"),
    "account": _("Bank account or card"),
    "email": _("E-mail address"),
    "name": _("Name"),
    "address": _("Address"),
    "chat": _("WeChat ID"),
    "qq": _("QQ number"),
    "passport": _("Passport or permit"),
    "hongkong": _("Hong Kong identity card"),
}
DECISIONS: Final[Words] = {"masked": _("Masked since"), "not_personal": _("No personal data")}
