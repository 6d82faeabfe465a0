"""All calls of the API, a module for each resource."""

from web.api import (
    absences,
    complaints,
    definitions,
    deployments,
    desk,
    documents,
    instances,
    jobs,
    messages,
    operating,
    policy,
    publicity,
    quality,
    regulator,
    tasks,
    training,
)

__all__ = [
    "absences",
    "complaints",
    "definitions",
    "deployments",
    "desk",
    "documents",
    "instances",
    "jobs",
    "messages",
    "operating",
    "policy",
    "publicity",
    "quality",
    "regulator",
    "tasks",
    "training",
]
