"""A delegated task says since when it is lent, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.types import UtcDateTime

revision = "0055_loans"
down_revision = "0054_registration_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("lent_at", UtcDateTime(), nullable=True))
    op.add_column("task", sa.Column("lent_until", UtcDateTime(), nullable=True))
    lent = sa.text("lent_until IS NOT NULL")
    op.create_index(
        "ix_task_lent_until",
        "task",
        ["lent_until", "state"],
        sqlite_where=lent,
        postgresql_where=lent,
    )


def downgrade() -> None:
    op.drop_index("ix_task_lent_until", "task")
    op.drop_column("task", "lent_until")
    op.drop_column("task", "lent_at")
