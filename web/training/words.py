"""The words for what is trained, how it is covered, and where a record comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from web.gettext import lazy_gettext as _

CONTENTS: Final[Mapping[str, Any]] = {
    "process": _("Complaint process"),
    "communication": _("Communication"),
    "law": _("Law and regulation"),
}
COVERED: Final[Mapping[str, Any]] = {
    "valid": _("covered"),
    "soon": _("runs out soon"),
    "expired": _("ran out"),
    "missing": _("not covered"),
}
SOURCES: Final[Mapping[str, Any]] = {
    "session": _("Session"),
    "entered": _("Held elsewhere"),
    "transition": _("Before the register began"),
}
