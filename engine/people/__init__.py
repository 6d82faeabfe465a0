"""People: accounts, roles, departments, superiors, and the one table of permissions."""

from engine.people.actor import SYSTEM, Actor

__all__ = ["SYSTEM", "Actor"]
