"""Forms that were sent after the log-in had run out, sealed under keys of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0056_unsent_forms"
down_revision = "0055_loans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsent_form",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_unsent_form_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["data_subject.id"], name=op.f("fk_unsent_form_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_form")),
    )
    op.create_index(op.f("ix_unsent_form_person_id"), "unsent_form", ["person_id"])
    op.create_index(op.f("ix_unsent_form_kept_at"), "unsent_form", ["kept_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_unsent_form_kept_at"), table_name="unsent_form")
    op.drop_index(op.f("ix_unsent_form_person_id"), table_name="unsent_form")
    op.drop_table("unsent_form")
