"""Deployed model files: bundles, their contents, and the processes that they define."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Bundle(Base):
    """The files of one family under one hash: immutable, with who deployed them, when and why."""

    __tablename__ = "bundle"
    __table_args__ = (
        UniqueConstraint("family", "number"),
        Index("ix_bundle_family_sha256", "family", "sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    family: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")


class ModelBlob(Base):
    """The bytes of a model file, kept once whatever the number of bundles that contain it."""

    __tablename__ = "model_blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class BundleFile(Base):
    """A file of a bundle: its name within the family and what kind of model it is."""

    __tablename__ = "bundle_file"

    bundle_id: Mapped[str] = mapped_column(ForeignKey("bundle.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # bpmn, dmn, form, settings
    sha256: Mapped[str] = mapped_column(ForeignKey("model_blob.sha256"))


class Definition(Base):
    """A process of a bundle; `version` counts the bundles in which the process id was deployed."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("process_id", "version"), UniqueConstraint("bundle_id", "process_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    process_id: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    bundle_id: Mapped[str] = mapped_column(ForeignKey("bundle.id"))
    family: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    labels: Mapped[dict[str, Any]]
    executable: Mapped[bool] = mapped_column(default=True)
