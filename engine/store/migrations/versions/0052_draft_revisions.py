"""A draft has a revision, so that none is kept over one that its writer has not seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052_draft_revisions"
down_revision = "0051_years_of_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_draft", sa.Column("revision", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("task_draft", "revision")
