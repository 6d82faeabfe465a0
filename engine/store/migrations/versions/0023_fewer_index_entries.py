"""No entries for tasks that nobody has, or of no case: nothing is found by them, every step wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_fewer_index_entries"
down_revision = "0022_frozen_figures"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_task_assignee_state_due", ["assignee", "state", "due_at", "id"]),
    ("ix_task_complaint_no", ["complaint_no"]),
)


def upgrade() -> None:
    for name, columns in _INDEXES:
        held = sa.text(f"{columns[0]} IS NOT NULL")
        op.drop_index(name, table_name="task")
        op.create_index(name, "task", columns, sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    for name, columns in _INDEXES:
        op.drop_index(name, table_name="task")
        op.create_index(name, "task", columns)
