"""Documents: the row about a file; the encrypted bytes lie on disk under their own name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Document(Base):
    """A file that somebody handed in, addressed by id and proven by the hash of its clear bytes."""

    __tablename__ = "document"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)  # the file's name, encrypted under wrapped_key
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(index=True)  # of the master key that wraps it
    complaint_no: Mapped[str | None] = mapped_column(String(24), index=True)
    instance_id: Mapped[str | None] = mapped_column(
        String(32), index=True
    )  # of the quality file it belongs to
    uploaded_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
