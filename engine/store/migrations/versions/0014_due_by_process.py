"""Due by process: timers and failed starts know their process, ended jobs are found by their end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_due_by_process"
down_revision = "0013_notice_ways"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timer", sa.Column("process_id", sa.String(200), nullable=False, server_default=""))
    op.execute(
        "UPDATE timer SET process_id ="
        " (SELECT instance.process_id FROM instance WHERE instance.id = timer.instance_id)"
    )
    op.create_index("ix_timer_state_process", "timer", ["state", "process_id", "run_at", "id"])
    op.drop_index("ix_timer_due", "timer")
    ended = sa.text("ended_at IS NOT NULL")
    op.create_index("ix_job_ended", "job", ["ended_at", "id"], sqlite_where=ended, postgresql_where=ended)
    op.create_index("ix_instance_process_state", "instance", ["process_id", "state", "id"])
    op.drop_index("ix_instance_process_id", "instance")
    op.add_column("incident", sa.Column("process_id", sa.String(200)))


def downgrade() -> None:
    op.drop_column("incident", "process_id")
    op.create_index("ix_instance_process_id", "instance", ["process_id"])
    op.drop_index("ix_instance_process_state", "instance")
    op.drop_index("ix_job_ended", "job")
    op.create_index("ix_timer_due", "timer", ["due_at", "id"])
    op.drop_index("ix_timer_state_process", "timer")
    op.drop_column("timer", "process_id")
