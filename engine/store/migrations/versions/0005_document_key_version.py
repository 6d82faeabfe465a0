"""Documents tell which version of the master key wraps theirs, as persons do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_document_key_version"
down_revision = "0004_timer_states"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    with op.batch_alter_table("data_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_subject_key_version"), ["key_version"], unique=False)
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key_version", sa.Integer(), nullable=False, server_default="1"))
    _read_versions()
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("key_version", server_default=None)
        batch_op.create_index(batch_op.f("ix_document_key_version"), ["key_version"], unique=False)


def _read_versions() -> None:
    """The version is the first two bytes of the wrapped key; most are 1, which stands there already."""
    document = sa.table(
        "document",
        sa.column("id", sa.String),
        sa.column("wrapped_key", sa.LargeBinary),
        sa.column("key_version", sa.Integer),
    )
    connection, last = op.get_bind(), ""
    while True:
        query = sa.select(document.c.id, document.c.wrapped_key).where(document.c.id > last)
        rows = connection.execute(query.order_by(document.c.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            version = int.from_bytes(bytes(row.wrapped_key or b"")[:2], "big") or 1
            if version != 1:
                connection.execute(
                    sa.update(document).where(document.c.id == row.id).values(key_version=version)
                )


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_key_version"))
        batch_op.drop_column("key_version")
    with op.batch_alter_table("data_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_subject_key_version"))
