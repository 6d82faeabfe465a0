"""Documents that belong to a quality file are seen by whom the file is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045_documents_of_files"
down_revision = "0044_second_codings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.add_column(sa.Column("instance_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_document_instance_id"), ["instance_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_instance_id"))
        batch_op.drop_column("instance_id")
