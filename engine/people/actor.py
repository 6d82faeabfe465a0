"""Who acts: a person with their roles, read once a request, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Forbidden
from engine.people.permissions import PERMISSIONS, may
from engine.people.roles import TRAINED


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever carries out a verb. `superior` is a username; `locale` None means the browser's wish;
    `stands_in_for` are the usernames of absent colleagues whose tasks the actor does meanwhile; `is_trained`
    tells whether their training is valid now; `accused_in` are the numbers of the complaints about them, of
    which nothing is theirs to see (Art. 17).
    """

    id: str
    username: str
    display_name: str
    roles: frozenset[str] = frozenset()
    department_id: str | None = None
    superior: str | None = None
    locale: str | None = None
    is_system: bool = False
    stands_in_for: frozenset[str] = frozenset()
    is_trained: bool = True
    accused_in: frozenset[str] = frozenset()

    @property
    def desks(self) -> frozenset[str]:
        """The usernames whose tasks are the actor's to do: the own, and those of absent colleagues."""
        return self.stands_in_for | {self.username}

    @property
    def groups(self) -> frozenset[str]:
        """The candidate groups whose tasks are offered to the actor: their roles, without those that take a
        valid training where they hold none (R67).
        """
        return self.roles if self.is_trained else self.roles - TRAINED

    def may(self, permission: str) -> bool:
        """Whether the table of permissions allows it. Raises LookupError for an undeclared permission."""
        if self.is_system:
            return permission in PERMISSIONS
        return may(self.roles, permission)

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the actor may."""
        if not self.may(permission):
            raise Forbidden(f"{self.username} may not do this: it takes the permission {permission}")


SYSTEM = Actor(id="system", username="system", display_name="Redress", is_system=True)

PORTAL = Actor(id="portal", username="portal", display_name="Portal")
"""A customer at the public pages: nobody who is known here, with no permission at all."""

MAILBOX = Actor(id="mailbox", username="mailbox", display_name="Mailbox")
"""A customer who wrote a mail, taken in by the program; no permission at all."""
