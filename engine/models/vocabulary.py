"""The words that models may use beyond BPMN: extension properties, milestones, functions."""

from __future__ import annotations

from typing import Final

#: What the completion of an element may do to a complaint.
MILESTONES: Final = (
    "registered",
    "handling",
    "decided",
    "notified",
    "archived",
    "withdrawn",
    "not_a_complaint",
)
#: Milestones that every complaint passes before its process ends (Art. 21: the result is notified) ...
REQUIRED_MILESTONES: Final = ("registered", "notified", "archived")
#: ... unless one of these ended it.
CLOSING_MILESTONES: Final = ("withdrawn", "not_a_complaint")
STAGES: Final = ("investigated", "planned", "approved", "reviewed", "carried_out")
#: Grades of a complaint, each with a limit of its own (R36-R38).
GRADES: Final = ("1", "2", "3")

MILESTONE: Final = "redress:milestone"
STAGE: Final = "redress:stage"
RECORD: Final = "redress:record"
LIMIT: Final = "redress:limit"
FOUR_EYES: Final = "redress:four-eyes"
SKIP_IF_PAST: Final = "redress:skip-if-past"
#: On completion the file that the instance carries (a measure, an inspection ...) has this status.
STATUS: Final = "redress:status"
#: Who may not do a task, beside whoever did certain elements: whoever worked on the complaint, whoever has to
#: do what the file demands, whose judgement it follows.
FOUR_EYES_WHO: Final = ("@case", "@owner", "@raiser")
#: On a user task with four eyes: the groups that may take it where these leave nobody of its own groups.
DEPUTIES: Final = "redress:deputies"
#: On a user task: the field of its form whose value one instance of the process alone may have.
ONCE: Final = "redress:once"
#: On a lane: the groups that may take its tasks, where these name nobody themselves.
GROUP: Final = "redress:group"
#: Every extension property that the engine understands.
PROPERTIES: Final = (
    MILESTONE,
    STAGE,
    RECORD,
    LIMIT,
    FOUR_EYES,
    SKIP_IF_PAST,
    STATUS,
    GROUP,
    DEPUTIES,
    ONCE,
)
#: Before a language: a property that gives the name, or the documentation, of the element in that language.
LABEL: Final = "label:"
DOCUMENTATION: Final = "documentation:"
#: Languages of both beside the drawn name and documentation, which are in zh-Hant.
LABEL_LANGUAGES: Final = ("zh-Hans", "en")

#: Our own functions in FEEL; what stands behind them is handed in when a step runs.
FUNCTIONS: Final = (
    "deadline",
    "statutory deadline",
    "partial deadline",
    "setting",
    "working days after",
    "working days between",
    "is working day",
    "now",
    "today",
)
