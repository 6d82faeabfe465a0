"""THE table of who may do what: a permission and the roles that carry it.

Nothing else in Redress decides by role. What is not in the table is allowed to nobody: asking for a name
that is not here is a mistake in the program and raises, so that a misspelt permission cannot pass unseen.
Need-to-know (R60): `*.read_all` sees every row, the plain `read` only what the caller has to do with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.people.roles import (
    ADMINISTRATORS,
    AGENTS,
    AUDITORS,
    COMPLAINT_MANAGEMENT,
    COMPLIANCE,
    HANDLERS,
    MANAGEMENT,
    PROCESS_OWNERS,
    ROLES,
    SUPERVISION_GROUP,
    SUPERVISORS,
)

_EVERYONE = frozenset(ROLES)
_LINE = frozenset({SUPERVISORS, COMPLAINT_MANAGEMENT})
_OVERSIGHT = frozenset({MANAGEMENT, SUPERVISION_GROUP, COMPLIANCE, AUDITORS}) | _LINE
_TECHNICAL = frozenset({PROCESS_OWNERS, ADMINISTRATORS})

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    # tasks: own ones and those of one's groups are everybody's; the rest is the line's
    "task.read": _EVERYONE,
    "task.read_all": _OVERSIGHT | _TECHNICAL,
    "task.work": _EVERYONE - {AUDITORS},
    "task.assign": _LINE | {ADMINISTRATORS},
    # quick actions and text modules are kept by whoever uses them; sharing them with a role is the line's
    "desk.share": _LINE | {ADMINISTRATORS},
    # complaints
    "complaint.read": _EVERYONE,
    "complaint.read_all": _OVERSIGHT | {AGENTS},
    "complaint.register": frozenset({AGENTS, HANDLERS, COMPLAINT_MANAGEMENT}),
    "complaint.import": frozenset({COMPLAINT_MANAGEMENT, ADMINISTRATORS}),
    "complaint.contact": frozenset({AGENTS, HANDLERS, SUPERVISION_GROUP}) | _LINE,
    "complaint.regrade": frozenset({AGENTS, HANDLERS}) | _LINE,
    "complaint.extend": frozenset({HANDLERS}) | _LINE,
    "complaint.statute": frozenset({HANDLERS, COMPLIANCE}) | _LINE,  # time that does not count, new facts
    "complaint.review": frozenset({AGENTS, HANDLERS, COMPLIANCE}) | _LINE,  # the second instance (Art. 20)
    "complaint.withdraw": frozenset({AGENTS, HANDLERS}) | _LINE,
    # personal data of the cases that one may see; every reveal is noted in the trail (R60, R61)
    "personal.read": frozenset({AGENTS, HANDLERS, SUPERVISION_GROUP, COMPLIANCE}) | _LINE,
    "personal.erase": frozenset({COMPLIANCE}),
    # where clear texts hold personal data that no guard caught; the place, never the text
    "leak.read": frozenset({COMPLIANCE, AUDITORS}),
    "leak.decide": frozenset({COMPLIANCE}),
    "document.read": frozenset({AGENTS, HANDLERS, MANAGEMENT, SUPERVISION_GROUP, COMPLIANCE, AUDITORS})
    | _LINE,
    "document.add": frozenset({AGENTS, HANDLERS, MANAGEMENT, SUPERVISION_GROUP, COMPLIANCE}) | _LINE,
    # what comes in by every channel: mails before a person, rosters, calls, chats, the daily checks (R6-R8)
    "channel.read": frozenset({AGENTS, AUDITORS, MANAGEMENT, COMPLIANCE, ADMINISTRATORS}) | _LINE,
    "channel.manage": _LINE,
    "channel.work": frozenset({AGENTS, COMPLAINT_MANAGEMENT}),
    # archives: sealed ones leave the system only with a reason; holding and disposing takes two (R33-R35)
    "archive.read": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE, AUDITORS}),
    "archive.export": frozenset({COMPLIANCE, AUDITORS}),
    "archive.hold": frozenset({COMPLIANCE, AUDITORS}),
    "archive.dispose": frozenset({COMPLIANCE, COMPLAINT_MANAGEMENT}),
    # instances and their trail
    "instance.read": _EVERYONE,
    "instance.read_all": _OVERSIGHT | _TECHNICAL,
    "instance.start": frozenset({COMPLAINT_MANAGEMENT}) | _TECHNICAL,
    "instance.operate": _TECHNICAL,
    "message.send": frozenset({COMPLAINT_MANAGEMENT}) | _TECHNICAL,
    "audit.verify": frozenset({AUDITORS, COMPLIANCE, ADMINISTRATORS}),
    "audit.export": frozenset({AUDITORS, COMPLIANCE}),
    # models
    "model.read": _OVERSIGHT | _TECHNICAL,
    "model.deploy": frozenset({PROCESS_OWNERS}),
    # running the system
    "operation.read": _TECHNICAL | {AUDITORS},
    "job.work": _TECHNICAL,
    "calendar.import": frozenset({COMPLAINT_MANAGEMENT, ADMINISTRATORS}),
    "report.read": _OVERSIGHT,
    # figures: freezing a month again with a reason; score sheets of others leave the system signed (R44, R48)
    "figures.freeze": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE}),
    "report.draft": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE}),
    "volumes.enter": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE}),
    "contest.read": frozenset({SUPERVISORS, COMPLAINT_MANAGEMENT, MANAGEMENT, SUPERVISION_GROUP, AUDITORS}),
    "figures.export": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE, MANAGEMENT}),
    # the policy: everybody may read it, its owners decide the terms that it leaves open
    "policy.read": _EVERYONE,
    "policy.decide": frozenset({PROCESS_OWNERS, COMPLIANCE}),
    # quality: who does what a file demands sees that file; the rest by permission (R40-R43, R54-R59)
    "quality.read": _EVERYONE,
    "supervision.read": _EVERYONE,
    "supervision.read_all": _OVERSIGHT,
    "supervision.plan": frozenset({SUPERVISION_GROUP, MANAGEMENT}),
    # coding closed cases a second time without seeing the first coding (R14)
    "coding.read": frozenset({SUPERVISION_GROUP, AGENTS, COMPLAINT_MANAGEMENT, AUDITORS}),
    "coding.draw": frozenset({SUPERVISION_GROUP, COMPLAINT_MANAGEMENT}),
    "coding.work": frozenset({SUPERVISION_GROUP, AGENTS}),
    "improvement.read": _EVERYONE,
    "improvement.read_all": _OVERSIGHT,
    "improvement.propose": frozenset({SUPERVISION_GROUP, MANAGEMENT, COMPLIANCE}) | _LINE,
    # accountability: its parties alone, whatever their role; figures name nobody (R49, R50)
    "accountability.read": _EVERYONE,
    "accountability.read_all": frozenset({COMPLIANCE}),
    "accountability.open": frozenset({COMPLIANCE}),
    "accountability_figures.read": _OVERSIGHT - {SUPERVISORS},
    # the regulator: reports, inquiries, returns, rectification; packs leave with a reason (R63-R66)
    "regulator.read": frozenset({COMPLIANCE, MANAGEMENT, COMPLAINT_MANAGEMENT, AUDITORS}),
    "regulator.open": frozenset({COMPLIANCE, COMPLAINT_MANAGEMENT}),
    "regulator.produce": frozenset({COMPLIANCE}),
    # what customers are told of the channels and the process: everybody may look it up (R69)
    "publicity.read": _EVERYONE,
    "publicity.open": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE}),
    # training: one's own is everybody's; the register is for those who arrange and oversee it (R67, R68)
    "training.read": _EVERYONE,
    "training.read_all": _OVERSIGHT | {ADMINISTRATORS},
    "training.keep": frozenset({COMPLAINT_MANAGEMENT}),
    # third parties that work for the company: who registers chooses among them (Art. 10)
    "partner.read": _OVERSIGHT | {AGENTS, HANDLERS, ADMINISTRATORS},
    "partner.manage": frozenset({COMPLAINT_MANAGEMENT, COMPLIANCE}),
    "people.read": frozenset({ADMINISTRATORS, AUDITORS}),
    "people.manage": frozenset({ADMINISTRATORS}),
}


def may(roles: Iterable[str], permission: str) -> bool:
    """Whether any of `roles` carries `permission`. Raises LookupError for one that is not declared."""
    return not PERMISSIONS[permission].isdisjoint(roles)
