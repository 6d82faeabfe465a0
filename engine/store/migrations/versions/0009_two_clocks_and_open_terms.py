"""Two clocks and open terms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0009_two_clocks_and_open_terms"
down_revision = "0008_workplace_more"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parameter_decision",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_decision")),
    )
    with op.batch_alter_table("parameter_decision", schema=None) as batch_op:
        batch_op.create_index("ix_parameter_decision_name", ["name", "id"], unique=False)

    op.create_table(
        "policy_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("label", name=op.f("uq_policy_version_label")),
    )
    op.create_table(
        "statutory_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("told_at", types.UtcDateTime(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("old_due_at", types.UtcDateTime(), nullable=False),
        sa.Column("new_due_at", types.UtcDateTime(), nullable=False),
        sa.Column("reason_ref", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_statutory_change_complaint_no")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statutory_change")),
    )
    with op.batch_alter_table("statutory_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statutory_change_complaint_no"), ["complaint_no"], unique=False)

    # Plain additions: SQLite takes them without writing the table anew.
    op.add_column("complaint", sa.Column("extension_valid", sa.Boolean(), nullable=True))
    op.add_column("complaint", sa.Column("original_statutory_due_at", types.UtcDateTime(), nullable=True))
    op.add_column("complaint", sa.Column("statutory_step", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("complaint", sa.Column("statutory_from", types.UtcDateTime(), nullable=True))
    op.add_column("complaint", sa.Column("policy_version", sa.String(length=32), nullable=True))
    op.add_column("complaint", sa.Column("last_contact_at", types.UtcDateTime(), nullable=True))
    op.add_column("complaint", sa.Column("repeat_of", sa.String(length=24), nullable=True))
    op.create_index(op.f("ix_complaint_repeat_of"), "complaint", ["repeat_of"], unique=False)
    _fill()


def _fill() -> None:
    """Existing cases: both clocks as they ran; a later date holds where the customer was told in time."""
    op.execute(
        "UPDATE complaint SET original_statutory_due_at = statutory_due_at, statutory_from = received_at, "
        "policy_version = '1'"
    )
    op.execute(
        "UPDATE complaint SET last_contact_at = COALESCE((SELECT MAX(contact.at) FROM contact WHERE "
        "contact.complaint_no = complaint.no AND contact.reached), received_at)"
    )
    op.execute(
        "UPDATE complaint SET extension_valid = EXISTS (SELECT 1 FROM extension WHERE "
        "extension.complaint_no = complaint.no AND extension.new_due_at = complaint.extended_until "
        "AND NOT extension.late) WHERE extended_until IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_complaint_repeat_of"), table_name="complaint")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        for name in (
            "repeat_of",
            "last_contact_at",
            "policy_version",
            "statutory_from",
            "statutory_step",
            "original_statutory_due_at",
            "extension_valid",
        ):
            batch_op.drop_column(name)

    with op.batch_alter_table("statutory_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statutory_change_complaint_no"))

    op.drop_table("statutory_change")
    op.drop_table("policy_version")
    with op.batch_alter_table("parameter_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_parameter_decision_name")

    op.drop_table("parameter_decision")
