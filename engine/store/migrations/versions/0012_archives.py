"""Sealed archives and legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0012_archives"
down_revision = "0011_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("sealed_at", types.UtcDateTime(), nullable=False),
        sa.Column("retention_class", sa.String(length=32), nullable=False),
        sa.Column("retain_until", types.UtcDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", types.UtcDateTime(), nullable=True),
        sa.Column("disposed_by", sa.String(length=64), nullable=True),
        sa.Column("disposed_at", types.UtcDateTime(), nullable=True),
        sa.Column("certificate", types.Json(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_no"], ["complaint.no"], name=op.f("fk_archive_complaint_no")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_archive_document_id")),
        sa.PrimaryKeyConstraint("complaint_no", name=op.f("pk_archive")),
        sa.UniqueConstraint("document_id", name=op.f("uq_archive_document_id")),
    )
    with op.batch_alter_table("archive", schema=None) as batch_op:
        batch_op.create_index(
            "ix_archive_retain", ["disposed_at", "retain_until", "complaint_no"], unique=False
        )
        batch_op.create_index("ix_archive_sealed", ["sealed_at", "complaint_no"], unique=False)

    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("placed_by", sa.String(length=64), nullable=False),
        sa.Column("placed_at", types.UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_no"], ["complaint.no"], name=op.f("fk_legal_hold_complaint_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_complaint_no"), ["complaint_no"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_hold_complaint_no"))

    op.drop_table("legal_hold")
    with op.batch_alter_table("archive", schema=None) as batch_op:
        batch_op.drop_index("ix_archive_sealed")
        batch_op.drop_index("ix_archive_retain")

    op.drop_table("archive")
