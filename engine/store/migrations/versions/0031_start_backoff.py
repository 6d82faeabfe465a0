"""Start events that failed are tried again after a while, longer each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0031_start_backoff"
down_revision = "0030_analysis_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("start_trigger", sa.Column("run_at", types.UtcDateTime(length=27), nullable=True))


def downgrade() -> None:
    op.drop_column("start_trigger", "run_at")
