"""How a case stands, in words that tell a customer what comes next and nothing about anybody (R28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.domain.complaint import Status
from web.gettext import lazy_gettext as _

STANDING: Final[Mapping[Status, tuple[Any, Any]]] = {
    Status.REGISTERED: (
        _("We have your complaint"),
        _("Next we look at what it is about and give it to somebody who examines it."),
    ),
    Status.HANDLING: (
        _("We are examining your complaint"),
        _("Next we decide what to do. We may ask you for more; you need not send again what we have."),
    ),
    Status.DECIDED: (
        _("We have decided what to do"),
        _("Next we carry it out and tell you the result, the way that you asked for."),
    ),
    Status.NOTIFIED: (
        _("We have answered you"),
        _("If you do not agree, you may ask for a review within 30 days of our answer."),
    ),
    Status.ARCHIVED: (
        _("Your complaint is closed"),
        _("If you do not agree, you may ask for a review within 30 days of our answer."),
    ),
    Status.WITHDRAWN: (
        _("The complaint was withdrawn"),
        _("Nothing more follows. If that is not what you wanted, send us a new complaint."),
    ),
    Status.NOT_A_COMPLAINT: (
        _("We answered this as a question, not as a complaint"),
        _("If you see that otherwise, send us a new complaint and say why."),
    ),
}
"""Status -> what it means, and what follows."""
