"""The words for what the regulator is told and asks, and for what the check of a return finds."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

KINDS: Final[Words] = {
    "major_report": _("Reports of major events"),
    "inquiry": _("Inquiries"),
    "return": _("Periodic returns"),
    "rectification": _("Rectification"),
}
LEVELS: Final[Words] = {"error": _("Error"), "warning": _("Warning")}
CODES: Final[Words] = {
    "missing": _("is missing"),
    "unknown": _("is no value of the form"),
    "before_receipt": _("lies before the receipt"),
    "negative": _("is less than nothing"),
    "paid_without_ground": _("was paid although the complaint was not substantiated"),
    "twice": _("stands in more than one row"),
    "unchanged": _("the file is the same as the one that it corrects"),
    "total": _("the rows are not as many as the frozen figures count"),
}
FIELDS: Final[Words] = {
    "number": _("Number"),
    "channel": _("Channel"),
    "category": _("Category"),
    "grade": _("Grade"),
    "status": _("Status"),
    "received_on": _("Received"),
    "due_on": _("Limit"),
    "statutory_due_on": _("Limit by law"),
    "answered_on": _("Answered"),
    "finding": _("Finding"),
    "compensation_cny": _("Compensation"),
}
