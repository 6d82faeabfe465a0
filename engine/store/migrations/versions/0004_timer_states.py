"""States of timers: armed, held while their instance is suspended, failed until they are retried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_timer_states"
down_revision = "0003_workplace"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="armed"))
        batch_op.drop_index("ix_timer_due")
        batch_op.create_index("ix_timer_state_due", ["state", "due_at", "id"], unique=False)
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.alter_column("state", existing_type=sa.String(length=16), server_default=None)
    op.execute(sa.text("UPDATE timer SET state = 'failed' WHERE attempts >= 3"))


def downgrade() -> None:
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.drop_index("ix_timer_state_due")
        batch_op.create_index("ix_timer_due", ["due_at", "id"], unique=False)
        batch_op.drop_column("state")
