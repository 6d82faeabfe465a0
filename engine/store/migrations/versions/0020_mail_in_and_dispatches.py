"""Mailboxes, what came in by mail and became of it, and the proof that messages left the house."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0020_mail_in_and_dispatches"
down_revision = "0019_case_measures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", types.UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("checked_at", types.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "received_mail",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("mailbox", sa.String(length=200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("sender_key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", types.UtcDateTime(), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("complaint_no", sa.String(length=24), nullable=True),
        sa.Column("document_id", sa.String(length=32), nullable=True),
        sa.Column("marked_at", types.UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["mailbox"], ["mailbox.name"], name=op.f("fk_received_mail_mailbox")),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_received_mail_complaint_no")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_received_mail_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mail")),
        sa.UniqueConstraint("mailbox", "validity", "uid", name=op.f("uq_received_mail_mailbox_validity_uid")),
    )
    for name, columns in (
        ("ix_received_mail_waiting", ["outcome", "id"]),
        ("ix_received_mail_unmarked", ["mailbox", "validity", "marked_at"]),
        ("ix_received_mail_sender", ["sender_key", "taken_at"]),
        ("ix_received_mail_identity", ["identity"]),
        ("ix_received_mail_message_key", ["message_key"]),
        ("ix_received_mail_complaint_no", ["complaint_no"]),
    ):
        op.create_index(name, "received_mail", columns)
    op.create_table(
        "dispatch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reply", sa.String(length=200), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["complaint_no"], ["complaint.no"], name=op.f("fk_dispatch_complaint_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index("ix_dispatch_complaint_no", "dispatch", ["complaint_no"])


def downgrade() -> None:
    op.drop_table("dispatch")
    op.drop_table("received_mail")
    op.drop_table("mailbox")
