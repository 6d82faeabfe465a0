"""What people do with tasks beside completing them, in words: handing on, planning, quick actions, texts."""

from __future__ import annotations

from typing import Any, Final

from web.gettext import lazy_gettext as _

HANDS_ON: Final[dict[str, Any]] = {
    "claim": _("Claim it"),
    "release": _("Put it back, or hand it back to its lender"),
    "assign": _("Give it to"),
}
DESK_EVENTS: Final[dict[str, Any]] = {
    "task.claimed": _("Task claimed"),
    "task.released": _("Task put back"),
    "task.assigned": _("Task assigned"),
    "task.delegated": _("Task delegated"),
    "task.rescheduled": _("Task put off"),
    "task.prioritised": _("Priority of the task changed"),
    "task.restored": _("Handover undone"),
    "comment.added": _("Comment written"),
    "absence.arranged": _("Absence arranged"),
    "absence.ended": _("Absence ended"),
    "action.applied": _("Quick action carried out"),
    "action.saved": _("Quick action kept"),
    "action.dropped": _("Quick action deleted"),
    "text.saved": _("Text kept"),
    "text.dropped": _("Text deleted"),
}
