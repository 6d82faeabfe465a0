"""THE table of the kinds of quality files: their process, their numbers, who sees all of them, how they end.

Process owners draw what happens to a file; what may not be drawn away stands here as a guard, which is asked
whenever an element gives the file a status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Conflict
from engine.quality.accountability.measures import SANCTIONS

NUMBER = re.compile(r"(?:IM|IN|CK|FD|AC|MR|RI|RT|RC|RR|AR|CF|PB)-\d{4}-\d{4,}", re.ASCII)
"""RC were the rectification items of earlier releases; complaints begin alike (RC-20261124-000123)."""
CANCELLED = "cancelled"
"""The status of every file whose instance an operator ended."""

Records = Mapping[str, Any]
Guard = Callable[[str, Records], None]


def no_guard(status: str, records: Records) -> None:
    """Let a file have any status of its kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `read_all` is the permission that shows every file of it; `defining` are the kinds of
    record whose plain fields become facts of the file; `final` are the statuses that close it.
    """

    name: str
    series: str
    process_id: str
    read_all: str
    first: str
    under_way: tuple[str, ...]
    final: tuple[str, ...]
    defining: frozenset[str] = field(default_factory=frozenset)
    guard: Guard = no_guard
    restricted: bool = False
    """Whether its parties alone may know of a file: its tasks and its trail are nobody else's, whatever their
    role, and its texts are kept under a key of its own (R49)."""

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status, in the order in which a file passes them."""
        return (self.first, *self.under_way, *self.final, CANCELLED)

    def check(self, status: str, records: Records) -> None:
        """Raise Conflict where a file of this kind cannot have this status now."""
        if status not in self.statuses:
            raise Conflict(f"a file of the kind {self.name} is never {status!r}: {', '.join(self.statuses)}")
        self.guard(status, records)


def _effect_is_proven(status: str, records: Records) -> None:
    """A measure ends as effective only where the last comparison shows it (R58, R59)."""
    if status == "effective" and (records.get("comparison") or {}).get("verdict") != "effective":
        raise Conflict(
            "the figures do not show that the measure was effective; analyse the cause again (R59)"
        )


def _sample_was_drawn(status: str, records: Records) -> None:
    """An inspection is concluded over the sample that was drawn for it (R42)."""
    if status == "concluded" and not records.get("sample"):
        raise Conflict("no sample was drawn: an inspection without one cannot be concluded (R42)")


def _checklist_is_filled(status: str, records: Records) -> None:
    """A drawn case counts as checked only with its checklist (R41)."""
    if status != "drawn" and not records.get("checklist"):
        raise Conflict("the checklist of this case is not filled in (R41)")


def _ends_by_somebody_else(status: str, records: Records) -> None:
    """A finding is lifted by the decision on its dispute, closed or sent back by the verification of its
    follow-up.
    """
    lifted = (records.get("dispute") or {}).get("dispute_decision") == "lift"
    verified = (records.get("verification") or {}).get("verification_decision")
    asked = {"lifted": lifted, "closed": verified == "confirm", "sent_back": verified == "return"}
    if not asked.get(status, True):
        raise Conflict(f"the finding cannot be {status}: nobody decided its dispute or verified it so (R40)")


IMPROVEMENT: Final = Kind(
    "improvement",
    "IM",
    "improvement",
    "improvement.read_all",
    "proposed",
    ("under_way", "done", "evaluating", "reopened"),
    ("effective", "dropped"),
    frozenset({"measure"}),
    _effect_is_proven,
)


def _was_received(status: str, records: Records) -> None:
    """A report is done once the final version was sent, with its receipt, or once somebody else than who
    drafted it has approved that the case is not to be reported (R63).
    """
    timing = records.get("major_timing") or {}
    receipt = (records.get("major_sent") or {}).get("receipt")
    waives = (records.get("major_draft") or {}).get("report_kind") == "none"
    refused = (records.get("major_approval") or {}).get("report_decision", "return") == "return"
    if status == "waived" and (refused or not waives):
        raise Conflict("nobody has approved that this is not to be reported (R63)")
    if status == "closed" and not (receipt and timing.get("report_kind") == "final"):
        raise Conflict("the final report was not sent yet, or without a receipt (R63)")


def _late_is_late(status: str, records: Records) -> None:
    """An answer that was sent after its date never counts as given in time (R64)."""
    timing = records.get("inquiry_timing")
    if status in ("answered", "answered_late") and timing is None:
        raise Conflict("the answer was not sent yet (R64)")
    if status == "answered" and timing is not None and timing["late"]:
        raise Conflict("the answer was sent after its date: it is answered late (R64)")


def _was_filed(status: str, records: Records) -> None:
    """A return is filed only as generated without errors, and with the regulator's receipt (R65)."""
    if status == "filed" and (records.get("generated") or {}).get("errors") != 0:
        raise Conflict("the return still has errors: mend them and generate it again (R65)")
    if status == "filed" and not (records.get("return_sent") or {}).get("receipt"):
        raise Conflict("the return was not sent yet, or without a receipt (R65)")


MAJOR_REPORT: Final = Kind(
    "major_report",
    "MR",
    "major-report",
    "regulator.read",
    "due",
    ("sent",),
    ("closed", "waived"),
    guard=_was_received,
)
INQUIRY: Final = Kind(
    "inquiry",
    "RI",
    "regulator-inquiry",
    "regulator.read",
    "received",
    (),
    ("answered", "answered_late"),
    frozenset({"inquiry_assignment"}),
    _late_is_late,
)
RECTIFICATION: Final = Kind(
    "rectification",
    "RT",
    "rectification",
    "regulator.read",
    "received",
    ("under_way",),
    ("closed",),
    frozenset({"rectification"}),
)
RETURN: Final = Kind(
    "return", "RR", "periodic-return", "regulator.read", "due", ("generated",), ("filed",), guard=_was_filed
)

REPORT: Final = Kind("report", "AR", "analysis-report", "report.read", "drafted", ("commented",), ("signed",))
CONTEST: Final = Kind(
    "contest",
    "CF",
    "figure-contest",
    "contest.read",
    "raised",
    ("accepted",),
    ("upheld", "rejected"),
)
PUBLICATION: Final = Kind(
    "publication",
    "PB",
    "publication",
    "publicity.read",
    "planned",
    ("published",),
    ("taken_down",),
    frozenset({"publication"}),
)
INSPECTION: Final = Kind(
    "inspection",
    "IN",
    "inspection",
    "supervision.read_all",
    "planned",
    ("checking",),
    ("concluded",),
    frozenset({"plan"}),
    _sample_was_drawn,
)
CHECK: Final = Kind(
    "check",
    "CK",
    "case-check",
    "supervision.read_all",
    "drawn",
    ("checked",),
    ("completed",),
    guard=_checklist_is_filled,
)
FINDING: Final = Kind(
    "finding",
    "FD",
    "finding",
    "supervision.read_all",
    "found",
    ("confirmed", "followed_up", "sent_back"),
    ("closed", "lifted"),
    guard=_ends_by_somebody_else,
)


def _due_process(status: str, records: Records) -> None:
    """Nobody is held to account unheard or by one person alone; that nobody is at fault is said why (R49)."""
    decision = records.get("decision") or {}
    appeal = records.get("appeal") or {}
    if status == "no_fault" and not _nobody_at_fault(records, decision):
        raise Conflict("that nobody is at fault was not decided with its reasons (R49)")
    if status == "lifted" and appeal.get("appeal_outcome") != "lift":
        raise Conflict("no appeal lifted the decision (R49)")
    if status not in ("decided", "in_force"):
        return
    if "silence" not in records and (records.get("statement") or {}).get("statement_decision") != "answered":
        raise Conflict("the person concerned was neither heard nor let the time pass (R49)")
    if decision.get("matter_decision") != "confirm":
        raise Conflict("nobody decided that the person is to be held to account (R49)")
    seconded = (records.get("co_decision") or {}).get("sanction_decision") == "confirm"
    if decision.get("measure") in SANCTIONS and not seconded:
        raise Conflict("a sanction takes a second decider (R50)")
    appealed = (records.get("receipt") or {}).get("receipt_decision") == "appeal"
    if status == "in_force" and appealed and appeal.get("appeal_outcome") not in ("confirm", "lighten"):
        raise Conflict("the appeal is not decided yet, or lifted the decision (R49)")


def _nobody_at_fault(records: Records, decision: Mapping[str, Any]) -> bool:
    assessed = (records.get("assessment") or {}).get("assess_decision") == "no_fault"
    confirmed = (records.get("no_fault") or {}).get("no_fault_decision") == "confirm"
    return (assessed and confirmed) or decision.get("matter_decision") == "no_fault"


ACCOUNTABILITY: Final = Kind(
    "accountability",
    "AC",
    "accountability",
    "accountability.read_all",
    "opened",
    ("investigating", "hearing", "unheard", "decided", "appealed"),
    ("no_fault", "lifted", "in_force"),
    frozenset({"assessment", "proposal"}),
    _due_process,
    restricted=True,
)

KINDS: Final[Mapping[str, Kind]] = {
    each.name: each
    for each in (
        INSPECTION,
        CHECK,
        FINDING,
        IMPROVEMENT,
        MAJOR_REPORT,
        INQUIRY,
        RECTIFICATION,
        RETURN,
        REPORT,
        CONTEST,
        PUBLICATION,
        ACCOUNTABILITY,
    )
}


def kind_of(name: str) -> Kind:
    """Return a kind by its name. Raises LookupError for one that is not in the table."""
    return KINDS[name]
