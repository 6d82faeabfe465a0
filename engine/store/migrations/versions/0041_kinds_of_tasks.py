"""The kind of open tasks, which lists are narrowed by, in indexes; and the tasks that are put off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041_kinds_of_tasks"
down_revision = "0040_skills"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")
_PUT_OFF = sa.text("follow_up_at IS NOT NULL")
_FILL = """
UPDATE task SET kind = process_id || '|' || element_id || '|' || COALESCE(
  (SELECT COALESCE(CAST(c.grade AS varchar(2)), '') || '|' || COALESCE(c.category, '')
     || '|' || COALESCE(c.channel, '') || '|'
     || CASE WHEN c.status IN ('registered', 'handling', 'decided') THEN 'runs' ELSE '' END
   FROM complaint c WHERE c.no = task.complaint_no), '|||')
WHERE state = 'open'
"""
_FILL_GROUPS = "UPDATE task_group SET kind = (SELECT t.kind FROM task t WHERE t.id = task_group.task_id)"
_KIND, _STEP = ["kind", "due_at", "id"], ["element_id", "due_at", "id"]
_GROUP_KIND = ["group_name", "kind", "is_free", "due_at", "task_id"]
_GROUP_STEP = ["group_name", "element_id", "is_free", "due_at", "task_id"]


def upgrade() -> None:
    for table in ("task", "task_group"):
        op.add_column(table, sa.Column("kind", sa.Text(), server_default="", nullable=False))
    op.drop_index("ix_task_open_step", table_name="task")
    op.drop_index("ix_task_group_step", table_name="task_group")
    op.execute(_FILL)
    op.execute(_FILL_GROUPS)
    op.create_index("ix_task_open_kind", "task", _KIND, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(
        "ix_task_follow_up", "task", ["follow_up_at", "id"], sqlite_where=_PUT_OFF, postgresql_where=_PUT_OFF
    )
    op.create_index("ix_task_group_kind", "task_group", _GROUP_KIND)


def downgrade() -> None:
    op.drop_index("ix_task_group_kind", table_name="task_group")
    op.drop_index("ix_task_follow_up", table_name="task")
    op.drop_index("ix_task_open_kind", table_name="task")
    op.create_index("ix_task_group_step", "task_group", _GROUP_STEP)
    op.create_index("ix_task_open_step", "task", _STEP, sqlite_where=_OPEN, postgresql_where=_OPEN)
    for table in ("task_group", "task"):
        op.drop_column(table, "kind")
