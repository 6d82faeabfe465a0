"""The channels by which complaints arrive (R4): ours, and those that an owner added to `process.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engine.domain.complaint import Channel
from engine.errors import NotFound
from engine.runtime.bundles import find_definition
from engine.runtime.runtime import Runtime

OURS = frozenset(map(str, Channel))
LIFECYCLE = "complaint"
"""The process id of the lifecycle that a registration starts."""


def channels_in_force(rt: Runtime, session: Session) -> Mapping[str, Mapping[str, str]]:
    """Return every channel in the order of lists, with what an owner calls it by language (ours: nothing)."""
    try:
        definition = find_definition(session, LIFECYCLE)
        added = rt.bundles.get(session, definition.bundle_id).channels
    except NotFound:  # nothing is deployed yet
        added = {}
    return {**{str(channel): {} for channel in Channel}, **added}
