"""The words for what is published and where."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

PLACES: Final[Words] = {
    "website": _("Web site"),
    "app": _("App"),
    "premises": _("Premises"),
    "contract": _("Contracts"),
    "hotline": _("Hotline announcement"),
    "other": _("Other"),
}
SUBJECTS: Final[Words] = {
    "both": _("Channels and process"),
    "channels": _("Channels"),
    "process": _("Process"),
    "campaign": _("Campaign"),
}
