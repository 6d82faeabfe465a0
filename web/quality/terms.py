"""The words for what quality files hold: statuses, records, metrics, causes."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import CATEGORIES, CHANNELS, Words

KINDS: Final[Words] = {
    "improvement": _("Improvement measures"),
}
MEANINGS: Final[Words] = {
    "improvement": _("What is to become better: its cause, its target, who does it, and whether it helped."),
}
STATUSES: Final[Words] = {
    "proposed": _("Proposed"),
    "under_way": _("Under way"),
    "done": _("Carried out"),
    "evaluating": _("Being evaluated"),
    "reopened": _("Not effective: analysed again"),
    "effective": _("Effective"),
    "dropped": _("Dropped"),
    "cancelled": _("Cancelled"),
}
RECORDS: Final[Words] = {
    "measure": _("Measure"),
    "measure_approval": _("Approval"),
    "execution": _("Carried out"),
    "quality_entry": _("Entry in the quality system"),
    "evaluation": _("Evaluation"),
}
CAUSES: Final[Words] = {
    "process": _("Process"),
    "staff": _("Staff and service"),
    "system": _("System"),
    "product": _("Product design"),
    "partner": _("Partner"),
    "information": _("Information given"),
    "customer": _("The customer's side"),
    "other": _("Other"),
}
METRICS: Final[Words] = {
    "share": _("Share of such complaints"),
    "cause": _("Share of this root cause"),
    "satisfaction": _("Satisfaction"),
    "timeliness": _("Timeliness"),
    "timeliness-statutory": _("Timeliness by law"),
    "repeats": _("Repeat rate"),
    "extensions": _("Extension rate"),
}
VERDICTS: Final[Words] = {
    "effective": _("Effective"),
    "short_of_target": _("Better, but short of the target"),
    "no_effect": _("No clear effect"),
    "worse": _("Worse"),
    "unclear": _("Nothing to compare"),
}
ENTRIES: Final[Words] = {
    "revised": _("Document revised"),
    "new": _("New document"),
    "model": _("Process model changed"),
    "none": _("None needed"),
}
SCOPE: Final = {
    "scope_category": (_("Category"), CATEGORIES),
    "scope_channel": (_("Channel"), CHANNELS),
    "scope_product": (_("Product"), {}),
}
