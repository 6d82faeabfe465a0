"""What is sealed of a complaint after its archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0036_archive_supplements"
down_revision = "0035_called_and_warned"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_supplement",
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("follows_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("sealed_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["archive.complaint_no"], name=op.f("fk_archive_supplement_complaint_no")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_archive_supplement_document_id")
        ),
        sa.PrimaryKeyConstraint("complaint_no", "number", name=op.f("pk_archive_supplement")),
        sa.UniqueConstraint("document_id", name=op.f("uq_archive_supplement_document_id")),
    )


def downgrade() -> None:
    op.drop_table("archive_supplement")
