"""What follows in the engine when a form of a file is recorded: by kind of file and kind of record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from engine.quality.files import BoundFile
from engine.quality.improvement.measures import measure_defined
from engine.quality.publicity import publication_made
from engine.quality.regulator.reactions import (
    answer_sent,
    rectification_accepted,
    rectification_confirmed,
    report_sent,
)
from engine.runtime.step import Step

Reaction = Callable[[Session, Step, BoundFile, Mapping[str, Any]], None]

REACTIONS: Final[Mapping[tuple[str, str], Reaction]] = {
    ("improvement", "measure"): measure_defined,
    ("publication", "published"): publication_made,
    ("major_report", "major_sent"): report_sent,
    ("inquiry", "inquiry_sent"): answer_sent,
    ("rectification", "rectification"): rectification_accepted,
    ("rectification", "rectification_confirmation"): rectification_confirmed,
}
