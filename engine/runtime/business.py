"""What the runtime asks of the business record beside an instance; `engine.cases` answers.

The runtime does not know complaints. It tells the record which elements were completed and who took a
task, and asks it for the facts that expressions may read and for the dates that bound every task.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.orm import Session

from engine.models.properties import ElementProperties
from engine.store.kinds import NO_TRAITS

if TYPE_CHECKING:
    from engine.runtime.step import Step


@dataclass(frozen=True, slots=True)
class Limits:
    """Instants (exclusive ends) that bound every task of the case; None where there is none."""

    policy: datetime | None = None
    statute: datetime | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Place:
    """What lists sort and narrow tasks by, of their case: when it was received, its limit, and its part of
    the tasks' kind (`engine.store.kinds`).
    """

    received_at: datetime | None = None
    limit_at: datetime | None = None
    traits: str = NO_TRAITS


NOWHERE = Place()


class BoundCase(Protocol):
    """The business record of one instance, bound to one step."""

    @property
    def complaint_no(self) -> str | None:
        """The number that tasks and messages are known by."""

    @property
    def restricted(self) -> bool:
        """Whether only its parties may know of the record: nobody sees its tasks by overseeing all (R49)."""

    @property
    def limits(self) -> Limits:
        """The dates that bound the open tasks; none once the clocks have stopped."""

    @property
    def place(self) -> Place:
        """Where lists have the open tasks."""

    def facts(self) -> Mapping[str, Any]:
        """Names that expressions may read, such as `case`."""

    def subject_id(self) -> str:
        """The data subject under whose key personal values of this instance are kept."""

    def element_completed(self, element: ElementProperties, scope: Mapping[str, Any]) -> None:
        """An element was completed: milestones and stages act here."""

    def decision_made(self, decision_id: str, value: Any) -> None:
        """A decision of the bundle was evaluated for this instance."""

    def task_taken(self, groups: list[str], username: str) -> None:
        """Somebody claimed or completed a task that was open to `groups`."""

    def record(
        self, kind: str, *, task_id: str, form_id: str | None, values: Mapping[str, Any], username: str
    ) -> None:
        """A form of the case was completed: keep its values as a record of `kind`."""

    def latest_record(self, kind: str) -> Mapping[str, Any]:
        """Return the values of the newest record of `kind`; empty where there is none."""

    def instance_cancelled(self) -> None:
        """The instance is ended by an operator: no clock may run on without a process."""

    def check_move(self, first: Collection[str], ahead: Collection[str]) -> None:
        """A token is about to be moved by hand: `first` are the milestones that come next from there, `ahead`
        all that may. Raises Conflict where the record could not follow.
        """

    def bundle_changed(self) -> None:
        """The instance runs on another bundle from here: count anew what is read from diagrams."""

    def save(self) -> bool:
        """Write what changed; return whether the limits of open tasks changed."""


class Business(Protocol):
    """Finds the business record of an instance."""

    def bind(self, session: Session, step: Step) -> BoundCase | None:
        """Return the record of the step's instance (locked unless the step only reads), or None."""

    def task_taken(self, session: Session, complaint_no: str, groups: list[str], username: str) -> bool:
        """Somebody claimed a task of this complaint that was open to `groups`; whether the case became
        theirs by it.
        """

    def task_given_back(self, session: Session, complaint_no: str, username: str) -> None:
        """The claim by which the case became theirs is undone."""
