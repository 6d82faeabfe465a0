"""The business that complaints are held against, by partner, too; what was entered is of all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053_volumes_of_partners"
down_revision = "0052_draft_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("business_volume", sa.Column("partner", sa.String(64), nullable=False, server_default=""))
    op.drop_index("ix_business_volume_month", "business_volume")
    op.create_index("ix_business_volume_month", "business_volume", ["month", "product", "partner", "id"])


def downgrade() -> None:
    op.drop_index("ix_business_volume_month", "business_volume")
    op.execute(sa.text("DELETE FROM business_volume WHERE partner <> ''"))  # would pass for all partners'
    op.drop_column("business_volume", "partner")
    op.create_index("ix_business_volume_month", "business_volume", ["month", "product", "id"])
