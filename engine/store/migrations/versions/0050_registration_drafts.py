"""Registrations that were begun, sealed under keys of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0050_registration_drafts"
down_revision = "0049_frames_in_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registration_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_registration_draft_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["data_subject.id"], name=op.f("fk_registration_draft_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_draft")),
    )
    op.create_index(op.f("ix_registration_draft_person_id"), "registration_draft", ["person_id"])
    op.create_index(op.f("ix_registration_draft_saved_at"), "registration_draft", ["saved_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_registration_draft_saved_at"), table_name="registration_draft")
    op.drop_index(op.f("ix_registration_draft_person_id"), table_name="registration_draft")
    op.drop_table("registration_draft")
