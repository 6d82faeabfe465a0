"""Staff: departments, persons, their roles and access tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Department(Base):
    """A unit of the company, or of an outsourced partner; `names` by language."""

    __tablename__ = "department"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    active: Mapped[bool] = mapped_column(default=True)


class Person(Base):
    """Somebody who works with Redress and can log in."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"), index=True)
    superior_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None] = mapped_column(String(16))
    email: Mapped[str | None] = mapped_column(String(200))
    training_valid_until: Mapped[datetime | None]
    credential_version: Mapped[int] = mapped_column(default=1)
    password_expired: Mapped[bool] = mapped_column(default=False)  # handed over: to be changed at the login
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PersonRole(Base):
    """A role that a person has; the roles are the candidate groups of the diagrams."""

    __tablename__ = "person_role"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class PersonSkill(Base):
    """What a person is good at: a product line, a language or a category (R19)."""

    __tablename__ = "person_skill"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)


class ApiToken(Base):
    """A bearer token: only its SHA-256 is kept."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class EndedSession(Base):
    """A browser session that was logged out before its cookie is too old to count."""

    __tablename__ = "ended_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    over_at: Mapped[datetime] = mapped_column(index=True)  # real time: the cookie is refused for its age then


class LogIn(Base):
    """A browser that is logged in, for the list that its owner ends it from; times are real."""

    __tablename__ = "log_in"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # the number that the cookie carries
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_version: Mapped[int]
    browser: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(100))
    began_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]


class UnsentForm(Base):
    """A form that came after its writer's log-in had run out, sealed whole under a key that goes with it."""

    __tablename__ = "unsent_form"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(index=True)  # real time, as the cookies'


class SecondFactor(Base):
    """The code generator of a person (RFC 6238). The secret is wrapped by the master key."""

    __tablename__ = "second_factor"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(index=True)  # of the master key that wraps it
    confirmed_at: Mapped[datetime | None]  # None until a first code was right
    last_step: Mapped[int]  # the newest time step whose code was used: none is taken twice
    recovery: Mapped[list[str]]  # SHA-256 of the recovery codes that are left


class Passkey(Base):
    """A passkey of a person (WebAuthn): public data only."""

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Notification(Base):
    """A notice in the page for one person; its text is made from `kind` and `data` when it is shown."""

    __tablename__ = "notification"
    __table_args__ = (
        Index(
            "ix_notification_warned",
            "complaint_no",
            sqlite_where=text("kind = 'deadline-warning'"),
            postgresql_where=text("kind = 'deadline-warning'"),
        ),
        Index("ix_notification_person", "person_id", "id"),
        Index(
            "ix_notification_unread",
            *("person_id", "id"),
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    complaint_no: Mapped[str | None] = mapped_column(String(24))
    task_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    source_key: Mapped[str] = mapped_column(String(128), unique=True)
