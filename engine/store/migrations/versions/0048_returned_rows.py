"""A frozen version keeps the rows that a periodic return is made of, as they were when it was frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0048_returned_rows"
down_revision = "0047_ended_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frozen_case", sa.Column("returned", types.Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("frozen_case", "returned")
