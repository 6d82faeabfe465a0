"""The devices on which people are told of things, and of what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0021_push_devices"
down_revision = "0020_mail_in_and_dispatches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_device",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(50), nullable=False),
        sa.Column("server_key", sa.String(100), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("told_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_push_device_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_device")),
    )
    op.create_index(op.f("ix_push_device_person_id"), "push_device", ["person_id"])
    with op.batch_alter_table("notice_choice") as choices:
        choices.add_column(sa.Column("push", sa.Boolean(), nullable=False, server_default=sa.true()))
    choice = sa.table("notice_choice", sa.column("kind", sa.String), sa.column("push", sa.Boolean))
    op.execute(choice.update().where(choice.c.kind == "group-task").values(push=False))
    with op.batch_alter_table("notice_choice") as choices:
        choices.alter_column("push", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notice_choice") as choices:
        choices.drop_column("push")
    op.drop_table("push_device")
