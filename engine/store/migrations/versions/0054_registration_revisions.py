"""A begun registration has a revision, too: of two windows none overwrites what the other kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054_registration_revisions"
down_revision = "0053_volumes_of_partners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "registration_draft", sa.Column("revision", sa.String(32), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("registration_draft", "revision")
