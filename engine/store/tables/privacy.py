"""Personal data: one encrypted store, a key per person, and nothing of it anywhere else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class DataSubject(Base):
    """A person whose data we hold. Destroying `wrapped_key` erases all that was stored under it."""

    __tablename__ = "data_subject"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(index=True)  # of the master key that wraps it
    index_version: Mapped[int] = mapped_column(
        index=True
    )  # of the blind index's key, under which they are found
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class PersonalValue(Base):
    """One encrypted value; elsewhere only its reference `personal:<id>` appears."""

    __tablename__ = "personal_value"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"), index=True)
    field: Mapped[str] = mapped_column(String(100))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class SubjectIndex(Base):
    """A blind index: a keyed digest of a normalised phone, e-mail, identity or account number, to find a
    person by it. While its key is rotated, everybody has digests under each version that is held.
    """

    __tablename__ = "subject_index"
    __table_args__ = (Index("ix_subject_index_subject", "subject_id"),)

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"), primary_key=True)
    key_version: Mapped[int]
