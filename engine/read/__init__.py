"""Queries for screens and the API: plain rows over the tables, bounded, with keyset cursors.

No object-relational mapping on these paths, no workflow object, no writing. Every list takes `limit` and
`cursor` and gives a `Page`; what the caller may not see is not in it.
"""

from engine.read.archives import archive_list, archive_of
from engine.read.complaints import complaint, complaint_list, concerns, open_counts
from engine.read.history import history
from engine.read.instances import instance, instance_bundle, instance_list
from engine.read.models import bundles, definition, definitions
from engine.read.paging import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from engine.read.tasks import loan_counts, task, task_counts, task_list

__all__ = [
    "DEFAULT_LIMIT",
    "MAXIMUM_LIMIT",
    "Page",
    "archive_list",
    "archive_of",
    "bundles",
    "complaint",
    "complaint_list",
    "concerns",
    "definition",
    "definitions",
    "history",
    "instance",
    "instance_bundle",
    "instance_list",
    "loan_counts",
    "open_counts",
    "task",
    "task_counts",
    "task_list",
]
