"""Training sessions and who passed them; who handles complaints already gets three months to be trained."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from engine import clock
from engine.store import types
from engine.store.ids import new_id

revision = "0026_training"
down_revision = "0025_quality_files"
branch_labels = None
depends_on = None

_TRANSITION = timedelta(days=90)


def upgrade() -> None:
    op.create_table(
        "training_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("contents", types.Json(), nullable=False),
        sa.Column("trainer", sa.String(length=64), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("planned_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
    )
    op.create_index("ix_training_session_planned", "training_session", ["planned_on", "id"])
    record = op.create_table(
        "training_record",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=32), nullable=True),
        sa.Column("contents", types.Json(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("valid_until", types.UtcDateTime(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_training_record_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_session.id"], name=op.f("fk_training_record_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_record")),
    )
    op.create_index(op.f("ix_training_record_session_id"), "training_record", ["session_id"])
    op.create_index("ix_training_record_person", "training_record", ["person_id", "held_on", "id"])
    _carry_over(record)


def _carry_over(record: sa.Table) -> None:
    """Keep the dates that people have; give those who handle complaints without one three months."""
    person = sa.table(
        "person",
        sa.column("id", sa.String),
        sa.column("training_valid_until", types.UtcDateTime()),
    )
    role = sa.table("person_role", sa.column("person_id", sa.String), sa.column("role", sa.String))
    connection, now = op.get_bind(), clock.now()
    handlers = set(connection.scalars(sa.select(role.c.person_id).where(role.c.role == "handlers")))
    rows = []
    for each in connection.execute(sa.select(person.c.id, person.c.training_valid_until)).all():
        until = each.training_valid_until
        if until is None and each.id in handlers:
            until = now + _TRANSITION
            connection.execute(
                sa.update(person).where(person.c.id == each.id).values(training_valid_until=until)
            )
        if until is not None:
            rows.append(
                {
                    "id": new_id(),
                    "person_id": each.id,
                    "contents": ["process", "communication", "law"],
                    "held_on": now.date(),
                    "passed": True,
                    "valid_until": until,
                    "source": "transition",
                    "recorded_by": "system",
                    "at": now,
                }
            )
    if rows:
        connection.execute(sa.insert(record), rows)


def downgrade() -> None:
    op.drop_table("training_record")
    op.drop_table("training_session")
