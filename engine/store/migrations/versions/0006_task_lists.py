"""What task lists are sorted and narrowed by, in indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0006_task_lists"
down_revision = "0005_document_key_version"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")
_OWNED = sa.text("owner IS NOT NULL")
_INDEXES = (
    ("ix_task_owner", _OWNED, ["owner", "state", "due_at", "id"]),
    ("ix_task_open_due", _OPEN, ["due_at", "id"]),
    ("ix_task_open_step", _OPEN, ["element_id", "due_at", "id"]),
    ("ix_task_open_priority", _OPEN, ["priority", "created_at", "id"]),
)


def upgrade() -> None:
    op.drop_index("ix_task_state_due", table_name="task")
    for name, condition, columns in _INDEXES:
        op.create_index(name, "task", columns, sqlite_where=condition, postgresql_where=condition)
    op.execute("CREATE TABLE task_group_before AS SELECT task_id, group_name FROM task_group")
    op.drop_table("task_group")
    op.create_table(
        "task_group",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("group_name", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_group_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "group_name", name=op.f("pk_task_group")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO task_group (task_id, group_name, element_id, is_free, due_at)"
        " SELECT g.task_id, g.group_name, t.element_id, t.assignee IS NULL, t.due_at"
        " FROM task_group_before g JOIN task t ON t.id = g.task_id"
    )
    op.drop_table("task_group_before")
    op.create_index("ix_task_group_due", "task_group", ["group_name", "is_free", "due_at", "task_id"])
    op.create_index(
        "ix_task_group_step", "task_group", ["group_name", "element_id", "is_free", "due_at", "task_id"]
    )


def downgrade() -> None:
    op.execute("CREATE TABLE task_group_after AS SELECT task_id, group_name FROM task_group")
    op.drop_table("task_group")
    op.create_table(
        "task_group",
        sa.Column("group_name", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_group_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_name", "task_id", name=op.f("pk_task_group")),
    )
    op.execute("INSERT INTO task_group SELECT group_name, task_id FROM task_group_after")
    op.drop_table("task_group_after")
    op.create_index(op.f("ix_task_group_task_id"), "task_group", ["task_id"])
    for name, _, _ in _INDEXES:
        op.drop_index(name, table_name="task")
    op.create_index("ix_task_state_due", "task", ["state", "due_at", "id"])
