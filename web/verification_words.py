"""The words of verifications of the trail."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

SCOPES: Final[Words] = {
    "full": _("The whole trail"),
    "new": _("What is new"),
    "stream": _("One stream"),
}
RESULTS: Final[Words] = {"running": _("Runs"), "passed": _("Holds"), "failed": _("Does not hold")}
