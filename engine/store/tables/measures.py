"""What figures are made of beside the register, and how far their gathering has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class CaseMeasure(Base):
    """What the records and contacts of a case come to in numbers. Derived: it can be made again (R44)."""

    __tablename__ = "case_measure"

    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), primary_key=True)
    finding: Mapped[str | None] = mapped_column(String(16))
    root_cause: Mapped[str | None] = mapped_column(String(16))
    partner: Mapped[str | None] = mapped_column(String(100), index=True)  # an id, else as written
    vulnerable: Mapped[bool]
    identified: Mapped[bool]  # known by more than a name, so that a repeat would be noticed
    plans: Mapped[int]
    returns: Mapped[int]  # plans sent back by whoever had to approve them
    planned_cents: Mapped[int | None] = mapped_column(BigInteger)
    paid_cents: Mapped[int | None] = mapped_column(BigInteger)
    downgraded_at: Mapped[datetime | None]
    downgraded_late: Mapped[bool]
    second_review: Mapped[bool]
    first_told_at: Mapped[datetime | None]
    urged: Mapped[int]  # times the customer came back to us before the answer
    silent_days: Mapped[int]  # the longest silence before the answer, in working days
    working_days: Mapped[int | None]  # from receipt to the answer
    warned_at: Mapped[datetime | None]  # when its limit was first warned of
    call_tries: Mapped[int] = mapped_column(server_default="0")  # to call the customer back, by non-handlers
    call_reached: Mapped[bool] = mapped_column(server_default=false())
    call_score: Mapped[int | None]  # the last one given in a call-back
    called_at: Mapped[datetime | None]  # when it was given


class MeasureCursor(Base):
    """Up to where a kind of row was looked through for what figures are made of."""

    __tablename__ = "measure_cursor"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[str] = mapped_column(String(32))


class MonthSummary(Base):
    """The figures of a month as last summed up: what overviews read instead of counting cases (R52)."""

    __tablename__ = "month_summary"

    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[dict[str, Any]]
    totals: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # `body` without its groups


class FrozenPeriod(Base):
    """A version of the figures of a month that no longer changes (R44). Later ones correct, none replaces."""

    __tablename__ = "frozen_period"
    __table_args__ = (UniqueConstraint("period", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))  # building until all its cases are written, then frozen
    reason: Mapped[str] = mapped_column(String(16))  # closed, window, correction
    reason_text: Mapped[str] = mapped_column(String(500))
    frozen_by: Mapped[str] = mapped_column(String(64))
    frozen_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]


class FrozenCase(Base):
    """A case as a frozen version counted it: bit n of `asked` and `hit` is the n-th figure of its body.

    `returned` is its row of a periodic return, where it was received in the month; versions frozen before
    rows were kept have none.
    """

    __tablename__ = "frozen_case"
    __table_args__ = (Index("ix_frozen_case_handler", "frozen_id", "handler"),)

    frozen_id: Mapped[str] = mapped_column(ForeignKey("frozen_period.id"), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(String(24), primary_key=True)
    asked: Mapped[int] = mapped_column(BigInteger)
    hit: Mapped[int] = mapped_column(BigInteger)
    handler: Mapped[str | None] = mapped_column(String(64))
    groups: Mapped[dict[str, Any]]
    amounts: Mapped[dict[str, Any]]
    returned: Mapped[dict[str, Any] | None]


class BusinessVolume(Base):
    """How much business there was in a month: what complaints are held against. Of a product, whoever has a
    hand in it (`partner` is empty), or of a partner, with all its products (`product` is empty) or one of
    them. Rows are only added; the newest of a month, product and partner holds, the others show what was
    believed before.
    """

    __tablename__ = "business_volume"
    __table_args__ = (Index("ix_business_volume_month", "month", "product", "partner", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    product: Mapped[str] = mapped_column(String(200))
    partner: Mapped[str] = mapped_column(String(64), server_default="")  # the id in the register of partners
    accounts: Mapped[int] = mapped_column(BigInteger)  # active in the month
    lent_cents: Mapped[int | None] = mapped_column(BigInteger)  # lent in the month, where it was told
    reason: Mapped[str] = mapped_column(String(500))  # where the numbers are from, or why they are corrected
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime]


class AnalysisReport(Base):
    """The draft of a period's report, as it was made from frozen figures; its file carries what people do."""

    __tablename__ = "analysis_report"

    no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), unique=True)
    drafted_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]


class CodingSample(Base):
    """Closed cases of a period drawn to be coded a second time (R14), so that anybody can draw them again."""

    __tablename__ = "coding_sample"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    seed: Mapped[str] = mapped_column(String(100))
    algorithm: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # drawn
    frame_cases: Mapped[int]
    frame_sha256: Mapped[str] = mapped_column(String(64))
    frame: Mapped[bytes] = mapped_column(LargeBinary)  # the numbers, sorted, a line each, as gzip
    drawn_by: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]  # from then on its codings count and nobody changes one


class SecondCoding(Base):
    """A case that was drawn: its place, the first coding, and the second once somebody who does not know the
    first has entered it. No case is drawn twice.
    """

    __tablename__ = "second_coding"
    __table_args__ = (
        UniqueConstraint("complaint_no"),
        Index("ix_second_coding_closed", "closed_at"),
    )

    sample_id: Mapped[str] = mapped_column(ForeignKey("coding_sample.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1 was drawn first
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"))
    closed_at: Mapped[datetime]
    first_category: Mapped[str] = mapped_column(String(20))
    first_sub_code: Mapped[str] = mapped_column(String(32))
    first_grade: Mapped[int]
    category: Mapped[str | None] = mapped_column(String(20))
    sub_code: Mapped[str | None] = mapped_column(String(32))
    grade: Mapped[int | None]
    coder: Mapped[str | None] = mapped_column(String(64))
    coded_at: Mapped[datetime | None]
