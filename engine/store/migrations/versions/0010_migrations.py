"""Migrations of all instances of a process, and what they could not migrate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0010_migrations"
down_revision = "0009_two_clocks_and_open_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "migration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("process_id", sa.String(length=200), nullable=False),
        sa.Column("bundle_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mapping", types.Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("migrated", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=32), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_migration_bundle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    with op.batch_alter_table("migration", schema=None) as batch_op:
        batch_op.create_index("ix_migration_state_id", ["state", "id"], unique=False)
    op.create_table(
        "migration_failure",
        sa.Column("migration_id", sa.String(length=32), nullable=False),
        sa.Column("instance_id", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f("fk_migration_failure_migration_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name=op.f("fk_migration_failure_instance_id")
        ),
        sa.PrimaryKeyConstraint("migration_id", "instance_id", name=op.f("pk_migration_failure")),
    )


def downgrade() -> None:
    op.drop_table("migration_failure")
    with op.batch_alter_table("migration", schema=None) as batch_op:
        batch_op.drop_index("ix_migration_state_id")
    op.drop_table("migration")
