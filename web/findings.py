"""What checks found in model files, in the language of who deploys them."""

from __future__ import annotations

from typing import Any

from engine.errors import Finding
from web.messages import message


def told(finding: Finding) -> dict[str, Any]:
    """Return a finding as the API tells it.

    `message` is in the reader's language, `template` what it is known by, `params` what it is about.
    """
    return {
        "file": finding.file,
        "element_id": finding.element_id,
        "line": finding.line,
        "code": finding.code,
        "severity": finding.severity,
        "message": message(finding.message),
        "template": finding.message.msgid,
        "params": {name: message(each) for name, each in finding.message.params.items()},
    }


def line(finding: Finding) -> str:
    """Return a finding in one line: where, how grave, what."""
    return message(finding.told)
