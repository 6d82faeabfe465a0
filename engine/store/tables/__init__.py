"""All tables: importing this package makes `Base.metadata` complete."""

from engine.store.tables import (
    audit,
    calendars,
    cases,
    documents,
    jobs,
    migrations,
    models,
    people,
    policy,
    privacy,
    runtime,
    workplace,
)

__all__ = [
    "audit",
    "calendars",
    "cases",
    "documents",
    "jobs",
    "migrations",
    "models",
    "people",
    "policy",
    "privacy",
    "runtime",
    "workplace",
]
