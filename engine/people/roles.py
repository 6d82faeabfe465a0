"""The roles. A role is a candidate group of the diagrams: who has it may claim the group's tasks."""

from __future__ import annotations

AGENTS = "agents"
HANDLERS = "handlers"
SUPERVISORS = "supervisors"
MANAGEMENT = "management"
SUPERVISION_GROUP = "supervision-group"
COMPLIANCE = "compliance"
COMPLAINT_MANAGEMENT = "complaint-management"
AUDITORS = "auditors"
PROCESS_OWNERS = "process-owners"
ADMINISTRATORS = "administrators"

TRAINED = frozenset({HANDLERS})
"""The groups whose tasks go only to who holds a valid training (R67)."""

ROLES: tuple[str, ...] = (
    AGENTS,
    HANDLERS,
    SUPERVISORS,
    MANAGEMENT,
    SUPERVISION_GROUP,
    COMPLIANCE,
    COMPLAINT_MANAGEMENT,
    AUDITORS,
    PROCESS_OWNERS,
    ADMINISTRATORS,
)

STAFF: tuple[str, ...] = tuple(
    role for role in ROLES if role not in (AUDITORS, PROCESS_OWNERS, ADMINISTRATORS)
)
"""Who works on complaints and on what follows from them; the others look, draw, or keep the system going."""
