"""What verifications of the trail saw, how far each stream is verified, and reveals by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0059_verifications"
down_revision = "0058_presence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verification",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("stream", sa.String(length=64), nullable=True),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("began_at", types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("position", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("values", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("problems", types.Json(), nullable=False),
        sa.Column("upto_seq", sa.Integer(), nullable=True),
        sa.Column("upto_seal", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_state", "verification", ["state", "id"])
    op.create_index("ix_verification_ended", "verification", ["ended_at"])
    op.create_table(
        "verified_head",
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_verified_head")),
    )
    revealed = sa.text("kind = 'personal.revealed'")
    op.create_index(
        "ix_history_revealed", "history", ["at"], sqlite_where=revealed, postgresql_where=revealed
    )


def downgrade() -> None:
    op.drop_index("ix_history_revealed", "history")
    op.drop_table("verified_head")
    op.drop_table("verification")
