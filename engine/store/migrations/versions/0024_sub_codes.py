"""The sub-code of a complaint as a column, so that the register is filtered by it (R13)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_sub_codes"
down_revision = "0023_fewer_index_entries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaint", sa.Column("sub_code", sa.String(length=32), nullable=True))
    fact = "json_extract(facts, '$.sub_code')"
    if op.get_bind().dialect.name == "postgresql":
        fact = "facts::json ->> 'sub_code'"
    op.execute(
        f"UPDATE complaint SET sub_code = {fact} WHERE facts LIKE '%\"sub_code\"%'"  # noqa: S608
    )
    op.create_index("ix_complaint_sub_code", "complaint", ["sub_code"])


def downgrade() -> None:
    op.drop_index("ix_complaint_sub_code", table_name="complaint")
    op.drop_column("complaint", "sub_code")
