"""What follows in the engine when a form of a file is recorded: by kind of file and kind of record;
and what follows when a file takes a status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.quality.accountability import proceedings
from engine.quality.contest import figures_corrected, objection_decided
from engine.quality.files import MOVED_TO, Recorded
from engine.quality.improvement.measures import measure_defined
from engine.quality.publicity import publication_made, publication_prepared
from engine.quality.regulator.reactions import (
    answer_sent,
    rectification_accepted,
    rectification_confirmed,
    report_drafted,
    report_sent,
)
from engine.quality.supervision.checks import (
    case_checked,
    check_closed,
    customer_called,
    finding_sent_back,
    finding_stands,
)
from engine.quality.supervision.inspections import inspection_planned

Reaction = Callable[[Recorded], None]

REACTIONS: Final[Mapping[tuple[str, str], Reaction]] = {
    ("improvement", "measure"): measure_defined,
    ("publication", "publication"): publication_prepared,
    ("publication", "published"): publication_made,
    ("contest", "contest_decision"): objection_decided,
    ("contest", "correction"): figures_corrected,
    ("major_report", "major_draft"): report_drafted,
    ("major_report", "major_sent"): report_sent,
    ("inquiry", "inquiry_sent"): answer_sent,
    ("rectification", "rectification"): rectification_accepted,
    ("rectification", "rectification_confirmation"): rectification_confirmed,
    ("inspection", "plan"): inspection_planned,
    ("check", "checklist"): case_checked,
    ("check", "call_back"): customer_called,
    ("check", f"{MOVED_TO}completed"): check_closed,
    ("finding", f"{MOVED_TO}confirmed"): finding_stands,
    ("finding", f"{MOVED_TO}sent_back"): finding_sent_back,
    ("accountability", "assessment"): proceedings.assessed,
    ("accountability", f"{MOVED_TO}hearing"): proceedings.hearing_opened,
    ("accountability", "statement"): proceedings.stated,
    ("accountability", "more_time"): proceedings.more_time_decided,
    ("accountability", f"{MOVED_TO}unheard"): proceedings.unheard,
    ("accountability", "proposal"): proceedings.proposed,
    ("accountability", "decision"): proceedings.decided,
    ("accountability", f"{MOVED_TO}decided"): proceedings.decision_told,
    ("accountability", "receipt"): proceedings.received,
    ("accountability", f"{MOVED_TO}appealed"): proceedings.appealed,
    ("accountability", "appeal"): proceedings.appeal_decided,
    ("accountability", f"{MOVED_TO}no_fault"): proceedings.ended,
    ("accountability", f"{MOVED_TO}lifted"): proceedings.ended,
    ("accountability", f"{MOVED_TO}in_force"): proceedings.came_into_force,
}
