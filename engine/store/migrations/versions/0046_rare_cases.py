"""Cases that were answered late, are urgent or repeat another, found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046_rare_cases"
down_revision = "0045_documents_of_files"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_complaint_answered_late", "due_at", ("due_at <= coalesce(notified_at, closed_at)",) * 2),
    ("ix_complaint_urgent", "received_at", ("urgent = 1", "urgent")),
    ("ix_complaint_repeat", "received_at", ("repeat_of IS NOT NULL",) * 2),
)


def upgrade() -> None:
    for name, column, (on_sqlite, on_postgresql) in _INDEXES:
        op.create_index(
            name,
            "complaint",
            [column, "no"],
            sqlite_where=sa.text(on_sqlite),
            postgresql_where=sa.text(on_postgresql),
        )


def downgrade() -> None:
    for name, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="complaint")
