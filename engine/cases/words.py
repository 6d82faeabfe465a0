"""What texts of the lifecycle's decision tables are called in other languages: an owner's `[words]`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engine.cases.channels import LIFECYCLE
from engine.errors import NotFound
from engine.runtime.bundles import find_definition
from engine.runtime.runtime import Runtime


def words_in_force(rt: Runtime, session: Session) -> Mapping[str, Mapping[str, str]]:
    """Return each text that has words in `process.toml`, with its words by language."""
    try:
        definition = find_definition(session, LIFECYCLE)
    except NotFound:  # nothing is deployed yet
        return {}
    return rt.bundles.get(session, definition.bundle_id).words
