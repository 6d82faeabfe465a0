"""The blind index has versions of its key; persons from before are indexed again, by their account too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061_versions_of_the_index"
down_revision = "0060_shortcuts"
branch_labels = None
depends_on = None

_INDEX = "ix_data_subject_index_version"


def upgrade() -> None:
    op.add_column("subject_index", sa.Column("key_version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("data_subject", sa.Column("index_version", sa.Integer, nullable=False, server_default="0"))
    op.create_index(_INDEX, "data_subject", ["index_version"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="data_subject")
    op.drop_column("data_subject", "index_version")
    op.drop_column("subject_index", "key_version")
