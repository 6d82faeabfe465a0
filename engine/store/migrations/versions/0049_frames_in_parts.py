"""The frames of inspections are kept in parts, a line a case; rows are those of the cases drawn alone."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0049_frames_in_parts"
down_revision = "0048_returned_rows"
branch_labels = None
depends_on = None

_CASES_A_PART = 20_000
_FRAME = sa.table(
    "quality_frame",
    sa.column("file_no", sa.String),
    sa.column("complaint_no", sa.String),
    sa.column("weight", sa.Double),
    sa.column("risks", types.Json()),
    sa.column("position", sa.Integer),
    sa.column("call_back", sa.Boolean),
)


def upgrade() -> None:
    part = op.create_table(
        "quality_frame_part",
        sa.Column("file_no", sa.String(length=24), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_no"], ["quality_file.no"], name=op.f("fk_quality_frame_part_file_no")),
        sa.PrimaryKeyConstraint("file_no", "part", name=op.f("pk_quality_frame_part")),
    )
    connection = op.get_bind()
    for file_no in connection.scalars(sa.select(_FRAME.c.file_no).distinct()).all():
        _pack(connection, part, file_no)
    connection.execute(sa.delete(_FRAME).where(_FRAME.c.position.is_(None)))


def _pack(connection: sa.Connection, part: sa.Table, file_no: str) -> None:
    query = sa.select(_FRAME.c.complaint_no, _FRAME.c.weight, _FRAME.c.risks).where(
        _FRAME.c.file_no == file_no
    )
    lines = [[row.complaint_no, float(row.weight), row.risks] for row in connection.execute(query)]
    lines.sort()
    rows: list[dict[str, Any]] = []
    for first in range(0, len(lines), _CASES_A_PART):
        some = lines[first : first + _CASES_A_PART]
        content = gzip.compress(b"\n".join(orjson.dumps(line) for line in some), mtime=0)
        rows.append({"file_no": file_no, "part": len(rows) + 1, "cases": len(some), "content": content})
    connection.execute(sa.insert(part), rows)


def downgrade() -> None:
    connection, drawn = op.get_bind(), sa.select(_FRAME.c.file_no, _FRAME.c.complaint_no)
    known = {(row.file_no, row.complaint_no) for row in connection.execute(drawn)}
    parts = sa.text("SELECT file_no, content FROM quality_frame_part")
    for row in connection.execute(parts).all():
        cases = map(orjson.loads, gzip.decompress(row.content).split(b"\n"))
        rows = [
            {
                "file_no": row.file_no,
                "complaint_no": no,
                "weight": weight,
                "risks": risks,
                "position": None,
                "call_back": False,
            }
            for no, weight, risks in cases
            if (row.file_no, no) not in known
        ]
        if rows:
            connection.execute(sa.insert(_FRAME), rows)
    op.drop_table("quality_frame_part")
