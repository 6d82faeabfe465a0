"""Browser sessions that were logged out are refused, whoever holds a copy of their cookie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0047_ended_sessions"
down_revision = "0046_rare_cases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("over_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_session")),
    )
    op.create_index(op.f("ix_ended_session_over_at"), "ended_session", ["over_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ended_session_over_at"), table_name="ended_session")
    op.drop_table("ended_session")
