"""What the register and the trail of somebody who may not see everything are read by, in indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0018_register_ranges"
down_revision = "0017_public_pages"
branch_labels = None
depends_on = None

_OF_CASE = sa.text("complaint_no IS NOT NULL")
_GROUP_INDEXES = (
    ("ix_task_group_received", _OF_CASE, ["group_name", "received_at", "complaint_no"]),
    ("ix_task_group_limit", _OF_CASE, ["group_name", "limit_at", "complaint_no"]),
    ("ix_task_group_instance", None, ["group_name", "instance_id"]),
)
_COMPLAINT_INDEXES = (
    ("ix_complaint_status_received", ["status", "received_at", "no"]),
    ("ix_complaint_handler_received", ["handler", "received_at", "no"]),
    ("ix_complaint_handler_due", ["handler", "due_at", "no"]),
    ("ix_complaint_handler_instance", ["handler", "instance_id"]),
    ("ix_complaint_creator_received", ["created_by", "received_at", "no"]),
    ("ix_complaint_creator_due", ["created_by", "due_at", "no"]),
    ("ix_complaint_creator_instance", ["created_by", "instance_id"]),
)
_BEFORE = ("task_id", "group_name", "element_id", "is_free", "due_at")


def upgrade() -> None:
    _rebuild(
        [
            sa.Column("instance_id", sa.String(length=32), nullable=False),
            sa.Column("complaint_no", sa.String(length=24), nullable=True),
            sa.Column("received_at", types.UtcDateTime(), nullable=True),
            sa.Column("limit_at", types.UtcDateTime(), nullable=True),
        ],
        ", t.instance_id, t.complaint_no, c.received_at, c.due_at",
    )
    for name, condition, columns in _GROUP_INDEXES:
        given: dict[str, Any] = (
            {"sqlite_where": condition, "postgresql_where": condition} if condition is not None else {}
        )
        op.create_index(name, "task_group", columns, **given)
    op.drop_index("ix_complaint_handler", table_name="complaint")
    for name, columns in _COMPLAINT_INDEXES:
        op.create_index(name, "complaint", columns)
    op.create_index("ix_instance_starter", "instance", ["started_by", "id"])
    op.create_index("ix_instance_process", "instance", ["process_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_instance_process", table_name="instance")
    op.drop_index("ix_instance_starter", table_name="instance")
    for name, _ in _COMPLAINT_INDEXES:
        op.drop_index(name, table_name="complaint")
    op.create_index("ix_complaint_handler", "complaint", ["handler"])
    _rebuild([], "")


def _rebuild(added: list[sa.Column[object]], selected: str) -> None:
    """Make the table anew with what is added; its rows are made from those of tasks and complaints."""
    op.execute(
        "CREATE TABLE task_group_before AS"
        " SELECT task_id, group_name, element_id, is_free, due_at FROM task_group"
    )
    op.drop_table("task_group")
    op.create_table(
        "task_group",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("group_name", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=True),
        *added,
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_group_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "group_name", name=op.f("pk_task_group")),
        sqlite_with_rowid=False,
    )
    names = ", ".join([*_BEFORE, *(column.name for column in added)])
    op.execute(
        f"INSERT INTO task_group ({names})"  # noqa: S608 - our own names
        f" SELECT {', '.join(f'g.{name}' for name in _BEFORE)}{selected}"
        " FROM task_group_before g JOIN task t ON t.id = g.task_id"
        " LEFT JOIN complaint c ON c.no = t.complaint_no"
    )
    op.drop_table("task_group_before")
    op.create_index("ix_task_group_due", "task_group", ["group_name", "is_free", "due_at", "task_id"])
    op.create_index(
        "ix_task_group_step", "task_group", ["group_name", "element_id", "is_free", "due_at", "task_id"]
    )
