"""What only its parties may know of, and the register of sanctions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0039_accountability"
down_revision = "0038_accused"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("instance", "task"):
        op.add_column(table, sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "sanction",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_no", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("erase_on", sa.Date(), nullable=False),
        sa.Column("erased_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["file_no"], ["quality_file.no"], name=op.f("fk_sanction_file_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
        sa.UniqueConstraint("file_no", name=op.f("uq_sanction_file_no")),
    )
    op.create_index("ix_sanction_decided", "sanction", ["decided_at", "id"])
    op.create_index("ix_sanction_erase", "sanction", ["erased_at", "erase_on"])


def downgrade() -> None:
    op.drop_index("ix_sanction_erase", table_name="sanction")
    op.drop_index("ix_sanction_decided", table_name="sanction")
    op.drop_table("sanction")
    for table in ("task", "instance"):
        op.drop_column(table, "restricted")
