"""What the register is narrowed by, in its orders: grade, category and channel."""

from __future__ import annotations

from alembic import op

revision = "0033_facts_in_order"
down_revision = "0032_channel_records"
branch_labels = None
depends_on = None

_BEFORE = ("category", "channel")
_ORDERS = {"received": "received_at", "due": "due_at"}


def upgrade() -> None:
    for name in _BEFORE:
        op.drop_index(f"ix_complaint_{name}", table_name="complaint")
    for name in ("grade", *_BEFORE):
        for order, column in _ORDERS.items():
            op.create_index(f"ix_complaint_{name}_{order}", "complaint", [name, column, "no"])


def downgrade() -> None:
    for name in ("grade", *_BEFORE):
        for order in _ORDERS:
            op.drop_index(f"ix_complaint_{name}_{order}", table_name="complaint")
    for name in _BEFORE:
        op.create_index(f"ix_complaint_{name}", "complaint", [name])
