"""Put the browser bundle into the wheel, so that installing it needs neither Node.js nor a registry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface[Any]):
    """Builds the bundle before a wheel is made; an editable installation reads it from the source tree."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run tools/bundle.py and name its output, which git ignores, as part of the wheel."""
        if version == "editable":
            return
        subprocess.run([sys.executable, str(Path(self.root, "tools", "bundle.py"))], check=True)
        build_data["artifacts"].append("/web/static/build/**")
