"""The log-ins that count at this moment, so that people see and end them one by one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0057_log_ins"
down_revision = "0056_unsent_forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.Column("began_at", types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_log_in_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in")),
    )
    op.create_index(op.f("ix_log_in_person_id"), "log_in", ["person_id"])
    op.create_index(op.f("ix_log_in_began_at"), "log_in", ["began_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_log_in_began_at"), table_name="log_in")
    op.drop_index(op.f("ix_log_in_person_id"), table_name="log_in")
    op.drop_table("log_in")
