"""All tables: importing this package makes `Base.metadata` complete."""

from engine.store.tables import (
    audit,
    calendars,
    cases,
    documents,
    jobs,
    models,
    people,
<<<<<<< HEAD
    privacy,
    runtime,
    workplace,
=======
    policy,
    privacy,
    runtime,
>>>>>>> 7e5838f (Run the law's clock beside the policy's, and tell every day of both)
)

__all__ = [
    "audit",
    "calendars",
    "cases",
    "documents",
    "jobs",
    "models",
    "people",
<<<<<<< HEAD
    "privacy",
    "runtime",
    "workplace",
=======
    "policy",
    "privacy",
    "runtime",
>>>>>>> 7e5838f (Run the law's clock beside the policy's, and tell every day of both)
]
