"""Open files, figures of a period's files and people's notices are found without reading all years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051_years_of_files"
down_revision = "0050_registration_drafts"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_quality_file_complaint", "quality_file", ("complaint_no", "kind", "opened_at", "no"), None),
    ("ix_quality_file_due", "quality_file", ("kind", "due_at"), None),
    ("ix_quality_file_closed", "quality_file", ("kind", "closed_at"), None),
    ("ix_quality_file_open", "quality_file", ("kind", "opened_at", "no"), "closed_at IS NULL"),
    ("ix_quality_record_kind", "quality_record", ("kind", "id"), None),
    ("ix_quality_record_at", "quality_record", ("kind", "at"), None),
    ("ix_hotline_call_at", "hotline_call", ("at",), None),
    ("ix_notification_person", "notification", ("person_id", "id"), None),
    ("ix_notification_unread", "notification", ("person_id", "id"), "read_at IS NULL"),
)


_BEFORE = (
    ("ix_notification_person_id", "notification", ["person_id"]),
    ("ix_quality_file_complaint_no", "quality_file", ["complaint_no"]),
)
_CHANGED = (
    ("ix_quality_file_parent", "quality_file", ["parent_no", "kind"], ["no"], ["opened_at", "no"]),
    ("ix_quality_record_file", "quality_record", ["file_no"], ["id"], ["kind", "id"]),
)


def upgrade() -> None:
    for name, table, columns, condition in _INDEXES:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
    for name, table, _ in _BEFORE:
        op.drop_index(name, table_name=table)
    for name, table, first, _, after in _CHANGED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, first + after)


def downgrade() -> None:
    for name, table, first, before, _ in _CHANGED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, first + before)
    for name, table, columns in _BEFORE:
        op.create_index(name, table, columns)
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
