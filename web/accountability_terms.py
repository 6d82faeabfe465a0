"""The words for accountability: causes, conduct, measures, outcomes."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

CAUSES: Final[Words] = {
    "late": _("Deadline breached"),
    "urgent": _("Urgent report not acknowledged"),
    "repeat": _("Repeat complaint"),
    "regulator": _("Referred by the regulator"),
    "inquiry": _("Asked about by the regulator"),
    "media": _("Taken up by the media"),
    "court": _("Taken to court or mediation"),
    "finding": _("Serious finding of an inspection"),
    "manual": _("Opened by hand"),
}
CONDUCT: Final[Words] = {
    "shirk": _("Shirking"),
    "delay": _("Delay"),
    "perfunctory": _("Perfunctory handling"),
    "other": _("Other"),
}
SEVERITIES: Final[Words] = {
    "minor": _("Minor circumstances"),
    "serious": _("Serious circumstances"),
    "grave": _("Grave circumstances"),
}
MEASURES: Final[Words] = {
    "talk": _("Talk"),
    "training": _("Training"),
    "criticism": _("Criticism"),
    "warning": _("Warning"),
    "demerit": _("Demerit"),
    "demotion": _("Demotion"),
    "dismissal": _("Dismissal"),
}
AUTHORITIES: Final[Words] = {
    "management": _("Management"),
    "hr": _("Human resources"),
    "board": _("Board"),
}
OUTCOMES: Final[Words] = {
    "no_fault": _("Nobody at fault"),
    "lifted": _("Decision lifted"),
    "in_force": _("Decision in force"),
}
STANDING: Final[Words] = {"under_way": _("Under way"), **OUTCOMES}
"""How the files of an overview stand."""
STATUSES: Final[Words] = {
    "opened": _("To be assessed"),
    "investigating": _("Being investigated"),
    "hearing": _("Person is heard"),
    "unheard": _("No statement in time"),
    "decided": _("Decided, appeal possible"),
    "appealed": _("Appealed"),
    "cancelled": _("Cancelled"),
    **OUTCOMES,
}
ROLES: Final[Words] = {
    "investigator": _("Investigator"),
    "decider": _("Decider"),
    "co_decider": _("Second decider"),
    "appeal_decider": _("Decider of an appeal"),
}
FIGURES: Final = {
    "cause": (_("By cause"), CAUSES),
    "conduct": (_("By conduct"), CONDUCT),
    "outcome": (_("By outcome"), OUTCOMES),
    "measure": (_("By measure"), MEASURES),
}
FIELDS: Final[Words] = {
    "charge": _("Charge"),
    "conduct": _("Conduct"),
    "evidence_list": _("Evidence"),
    "evidence_shown": _("Documents of the evidence"),
    "statement_decision": _("Response"),
    "statement": _("Statement"),
    "statement_files": _("Documents of the statement"),
    "time_reason": _("Why more time is needed"),
    "more_time_decision": _("Decision"),
    "more_days": _("Further working days"),
    "due_at": _("Limit"),
    "receipt_decision": _("Response"),
    "appeal_grounds": _("Grounds of the appeal"),
    "matter_decision": _("Decision"),
    "measure": _("Measure"),
    "milder_measure": _("Milder measure"),
    "authority": _("Disciplinary authority"),
    "effective_from": _("Effective from"),
    "effective_until": _("Effective until"),
    "decision_reason": _("Reasons"),
    "appeal_outcome": _("Decision on the appeal"),
    "appeal_reason": _("Reasons"),
}
"""What the person concerned is shown of their matter."""
RESPONSES: Final[Words] = {
    "answered": _("Statement given"),
    "more_time": _("More time asked for"),
    "approve": _("Granted"),
    "refuse": _("Refused"),
}
RECEIPTS: Final[Words] = {"confirm": _("Accepted"), "appeal": _("Appealed")}
DECISIONS: Final[Words] = {"confirm": _("Held to account"), "no_fault": _("Not at fault")}
APPEALS: Final[Words] = {
    "confirm": _("Upheld"),
    "lighten": _("A milder measure"),
    "lift": _("Decision lifted"),
}
