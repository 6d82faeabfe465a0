"""The register of third-party partners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0037_partners"
down_revision = "0036_archive_supplements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("contract_no", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contact", sa.String(length=400), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_until", sa.Date(), nullable=True),
        sa.Column("department_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_partner_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    op.create_table(
        "partner_name",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("partner_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_name_partner_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_partner_name")),
    )
    op.create_index(op.f("ix_partner_name_partner_id"), "partner_name", ["partner_id"])
    op.create_table(
        "partner_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("partner_id", sa.String(length=64), nullable=False),
        sa.Column("changed", types.Json(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_change_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_change")),
    )
    op.create_index(op.f("ix_partner_change_partner_id"), "partner_change", ["partner_id"])
    op.create_index(op.f("ix_case_measure_partner"), "case_measure", ["partner"])


def downgrade() -> None:
    op.drop_index(op.f("ix_case_measure_partner"), table_name="case_measure")
    op.drop_table("partner_change")
    op.drop_table("partner_name")
    op.drop_table("partner")
