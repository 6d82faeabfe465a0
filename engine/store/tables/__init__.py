"""All tables: importing this package makes `Base.metadata` complete."""

from engine.store.tables import (
    archive,
    audit,
    calendars,
    cases,
    channels,
    documents,
    jobs,
    measures,
    migrations,
    models,
    people,
    policy,
    privacy,
    quality,
    runtime,
    workplace,
)

__all__ = [
    "archive",
    "audit",
    "calendars",
    "cases",
    "channels",
    "documents",
    "jobs",
    "measures",
    "migrations",
    "models",
    "people",
    "policy",
    "privacy",
    "quality",
    "runtime",
    "workplace",
]
