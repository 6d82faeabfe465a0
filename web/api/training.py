"""`/training`: coverage by the three contents, sessions, and what people attended (R67, R68)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quality.training import reading
from engine.quality.training.records import Attended
from engine.quality.training.records import enter_training as enter
from engine.quality.training.sessions import plan_session as plan
from web.access import requires
from web.api.operation import operation
from web.api.schemas import training as schemas
from web.api.schemas.base import page_of
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "training"


@operation(TAG, "GET", "/training", requires("training.read"), answer=schemas.PersonTrainingSchema)
def own_training() -> Any:
    """Tell the caller's own training: until when it counts, and what covers it."""
    return reading.training_of(db.session(), current_actor())


@operation(
    TAG,
    "GET",
    "/training/people/<username>",
    requires("training.read"),
    answer=schemas.PersonTrainingSchema,
)
def training_of_person(username: str) -> Any:
    """Tell the training of somebody; 404 where the caller may not see it."""
    return reading.training_of(db.session(), current_actor(), username)


@operation(
    TAG,
    "GET",
    "/training/coverage",
    requires("training.read_all"),
    query=schemas.CoverageQuery,
    answer=page_of(schemas.CoverageSchema),
)
def training_coverage(query: Mapping[str, Any]) -> Any:
    """List who is covered by which of the three contents."""
    return reading.coverage(db.session(), current_actor(), **query)


@operation(
    TAG,
    "GET",
    "/training/sessions",
    requires("training.read"),
    query=schemas.SessionQuery,
    answer=page_of(schemas.TrainingSessionSchema),
)
def training_sessions(query: Mapping[str, Any]) -> Any:
    """List sessions, the latest planned first."""
    return reading.session_list(db.session(), current_actor(), **query)


@operation(
    TAG,
    "POST",
    "/training/records",
    requires("training.keep"),
    body=schemas.TrainingBody,
    answer=schemas.TrainingRecordSchema,
    status=201,
    errors=(404, 409),
)
def enter_training(body: Mapping[str, Any]) -> Any:
    """Enter a training that was held elsewhere."""
    return enter(runtime(), current_actor(), Attended(**{**body, "contents": tuple(body["contents"])}))


@operation(
    TAG,
    "POST",
    "/training/sessions",
    requires("training.keep"),
    body=schemas.SessionBody,
    answer=schemas.PlannedSchema,
    status=201,
)
def plan_session(body: Mapping[str, Any]) -> Any:
    """Plan a session beside the plan of the year; it is in the register once its first job is done."""
    return {"instance_id": plan(runtime(), current_actor(), **body)}
