"""The hotline's roster, calls and figures; chats and how quickly they were answered (R6, R8)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0032_channel_records"
down_revision = "0031_start_backoff"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hotline_shift",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("begins_at", types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", types.UtcDateTime(), nullable=False),
        sa.Column("removed_by", sa.String(length=64), nullable=True),
        sa.Column("removed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_shift")),
    )
    op.create_index("ix_hotline_shift_ends", "hotline_shift", ["ends_at", "begins_at"])
    op.create_table(
        "call_figures",
        sa.Column("begins_at", types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("wait_s", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("begins_at", name=op.f("pk_call_figures")),
    )
    op.create_table(
        "hotline_call",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("is_complaint", sa.Boolean(), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=True),
        sa.Column("recording", sa.String(length=200), nullable=True),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_no"], ["complaint.no"], name=op.f("fk_hotline_call_complaint_no")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_call")),
    )
    op.create_index("ix_hotline_call_open", "hotline_call", ["is_complaint", "complaint_no", "at"])
    op.create_table(
        "chat",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("began_at", types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("first_response_s", sa.Integer(), nullable=True),
        sa.Column("longest_gap_s", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_no", sa.String(length=24), nullable=True),
        sa.Column("call_back_instance", sa.String(length=32), nullable=True),
        sa.Column("called_back_at", types.UtcDateTime(), nullable=True),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_chat_document_id")),
        sa.ForeignKeyConstraint(["complaint_no"], ["complaint.no"], name=op.f("fk_chat_complaint_no")),
        sa.ForeignKeyConstraint(
            ["call_back_instance"], ["instance.id"], name=op.f("fk_chat_call_back_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
    )
    op.create_index("ix_chat_began_at", "chat", ["began_at"])


def downgrade() -> None:
    op.drop_table("chat")
    op.drop_table("hotline_call")
    op.drop_table("call_figures")
    op.drop_table("hotline_shift")
