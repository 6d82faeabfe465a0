"""Dates that figures ask for are looked up, not scanned."""

from __future__ import annotations

from alembic import op

revision = "0015_figures"
down_revision = "0014_due_by_process"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_due", ["due_at"], unique=False)
        batch_op.create_index("ix_complaint_notified", ["notified_at"], unique=False)
        batch_op.create_index("ix_complaint_statutory_due", ["statutory_due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_statutory_due")
        batch_op.drop_index("ix_complaint_notified")
        batch_op.drop_index("ix_complaint_due")
