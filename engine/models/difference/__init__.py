"""What a new version of a family's files changes, told by element, rule and field for who deploys it."""

from engine.models.difference.changes import Change, FactChange, FileDifference, Row, Table
from engine.models.difference.compare import compare

__all__ = ["Change", "FactChange", "FileDifference", "Row", "Table", "compare"]
