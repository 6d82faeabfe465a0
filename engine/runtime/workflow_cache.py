"""Recently used workflows in memory. A workflow has one holder: taken out for a step, put back after
COMMIT.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from engine.metrics import CACHE
from engine.runtime.spiff import Workflow

DEFAULT_SIZE = 2_000
_HIT, _MISS = (CACHE.labels("workflow", result) for result in ("hit", "miss"))


class WorkflowCache:
    """Workflows by instance and version; the least recently used go first. Safe between threads."""

    def __init__(self, size: int = DEFAULT_SIZE) -> None:
        self._size = size
        self._held: OrderedDict[str, tuple[int, Workflow]] = OrderedDict()
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def take(self, instance_id: str, version: int) -> Workflow | None:
        """Remove and return the workflow of exactly this version; an older one is dropped."""
        with self._lock:
            found = self._held.pop(instance_id, None)
            if found is not None and found[0] == version:
                self.hits += 1
                _HIT.inc()
                return found[1]
            self.misses += 1
            _MISS.inc()
            return None

    def put(self, instance_id: str, version: int, workflow: Workflow) -> None:
        """Keep a workflow whose state was committed under `version`."""
        with self._lock:
            known = self._held.get(instance_id)
            if known is not None and known[0] >= version:
                return
            self._held[instance_id] = (version, workflow)
            self._held.move_to_end(instance_id)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def drop(self, instance_id: str) -> None:
        """Forget an instance."""
        with self._lock:
            self._held.pop(instance_id, None)
