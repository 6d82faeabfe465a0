"""When a pass looks at a timer, keys of job locks, chores, and indexes for what tidies up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0007_dispatch"
down_revision = "0006_task_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("run_at", types.UtcDateTime(), nullable=True))
        batch_op.drop_index("ix_timer_state_due")
        batch_op.create_index("ix_timer_due", ["due_at", "id"], unique=False)
        batch_op.create_index("ix_timer_state_run", ["state", "run_at", "id"], unique=False)
    op.execute("UPDATE timer SET run_at = due_at")
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.alter_column("run_at", existing_type=types.UtcDateTime(), nullable=False)
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lock_key", sa.String(length=32), nullable=True))
    with op.batch_alter_table("buffered_message", schema=None) as batch_op:
        batch_op.create_index("ix_buffered_message_state", ["state", "id"], unique=False)
        batch_op.create_index("ix_buffered_message_expires", ["expires_at"], unique=False)
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_created_at"), ["created_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_created_at"))
    with op.batch_alter_table("buffered_message", schema=None) as batch_op:
        batch_op.drop_index("ix_buffered_message_expires")
        batch_op.drop_index("ix_buffered_message_state")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_column("lock_key")
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.drop_index("ix_timer_state_run")
        batch_op.drop_index("ix_timer_due")
        batch_op.create_index("ix_timer_state_due", ["state", "due_at", "id"], unique=False)
        batch_op.drop_column("run_at")
    op.drop_table("chore")
