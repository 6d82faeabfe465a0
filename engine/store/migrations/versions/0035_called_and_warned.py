"""Of each case the call-backs and the warning of its limit; filled by a chore, for old cases too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0035_called_and_warned"
down_revision = "0034_inspection_frames"
branch_labels = None
depends_on = None

_ADDED = ("warned_at", "call_tries", "call_reached", "call_score", "called_at")
_WARNED = sa.text("kind = 'deadline-warning'")


def upgrade() -> None:
    for column in (
        sa.Column("warned_at", types.UtcDateTime(), nullable=True),
        sa.Column("call_tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("call_reached", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("call_score", sa.Integer(), nullable=True),
        sa.Column("called_at", types.UtcDateTime(), nullable=True),
    ):
        op.add_column("case_measure", column)
    op.create_index(
        "ix_notification_warned",
        "notification",
        ["complaint_no"],
        sqlite_where=_WARNED,
        postgresql_where=_WARNED,
    )


def downgrade() -> None:
    op.drop_index("ix_notification_warned", table_name="notification")
    for name in reversed(_ADDED):
        op.drop_column("case_measure", name)
