"""Quick actions and text modules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.types import Json, UtcDateTime

revision = "0060_shortcuts"
down_revision = "0059_verifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, of_its_own in (
        ("quick_action", [sa.Column("name", sa.String(80), nullable=False)]),
        ("text_module", [sa.Column("word", sa.String(40), nullable=False)]),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.String(32), nullable=False),
            sa.Column("person_id", sa.String(32), nullable=False),
            *of_its_own,
            sa.Column("role", sa.String(64), nullable=True),
            sa.Column("steps", Json(), nullable=False)
            if table == "quick_action"
            else sa.Column("text", sa.Text(), nullable=False),
            sa.Column("kept_at", UtcDateTime(), nullable=False),
            sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])
        op.create_index(f"ix_{table}_role", table, ["role"])


def downgrade() -> None:
    op.drop_table("text_module")
    op.drop_table("quick_action")
