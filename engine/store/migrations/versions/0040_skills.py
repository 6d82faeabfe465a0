"""The skills of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040_skills"
down_revision = "0039_accountability"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_skill",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_skill_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", "value", name=op.f("pk_person_skill")),
    )


def downgrade() -> None:
    op.drop_table("person_skill")
