"""The files of the quality work, what their forms record, and their running numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0025_quality_files"
down_revision = "0024_sub_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_counter",
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_quality_counter")),
    )
    op.create_table(
        "quality_file",
        sa.Column("no", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=True),
        sa.Column("complaint_no", sa.String(length=24), nullable=True),
        sa.Column("parent_no", sa.String(length=24), nullable=True),
        sa.Column("source_key", sa.String(length=128), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("raiser", sa.String(length=64), nullable=True),
        sa.Column("department_id", sa.String(length=64), nullable=True),
        sa.Column("due_at", types.UtcDateTime(), nullable=True),
        sa.Column("facts", types.Json(), nullable=False),
        sa.Column("personal", types.Json(), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_quality_file_complaint_no")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_quality_file_department_id")
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_quality_file_instance_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["data_subject.id"], name=op.f("fk_quality_file_subject_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_quality_file")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_quality_file_instance_id")),
        sa.UniqueConstraint("source_key", name=op.f("uq_quality_file_source_key")),
    )
    op.create_index("ix_quality_file_complaint_no", "quality_file", ["complaint_no"])
    op.create_index("ix_quality_file_kind", "quality_file", ["kind", "opened_at", "no"])
    op.create_index("ix_quality_file_owner", "quality_file", ["owner", "kind", "opened_at", "no"])
    op.create_index("ix_quality_file_parent", "quality_file", ["parent_no", "kind", "no"])
    op.create_index("ix_quality_file_status", "quality_file", ["kind", "status", "opened_at", "no"])
    op.create_index("ix_quality_file_subject_id", "quality_file", ["subject_id"])

    op.create_table(
        "quality_record",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_no", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("form_id", sa.String(length=200), nullable=True),
        sa.Column("values", types.Json(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["file_no"], ["quality_file.no"], name=op.f("fk_quality_record_file_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_record")),
    )
    op.create_index("ix_quality_record_file", "quality_record", ["file_no", "id"])


def downgrade() -> None:
    op.drop_index("ix_quality_record_file", table_name="quality_record")

    op.drop_table("quality_record")
    op.drop_index("ix_quality_file_subject_id", table_name="quality_file")
    op.drop_index("ix_quality_file_status", table_name="quality_file")
    op.drop_index("ix_quality_file_parent", table_name="quality_file")
    op.drop_index("ix_quality_file_owner", table_name="quality_file")
    op.drop_index("ix_quality_file_kind", table_name="quality_file")
    op.drop_index("ix_quality_file_complaint_no", table_name="quality_file")

    op.drop_table("quality_file")
    op.drop_table("quality_counter")
