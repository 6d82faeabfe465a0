"""The pages of accountability, and the files that they show: one being heard, one that ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.assembly import Redress
from engine.quality.accountability.opening import open_by_hand
from tests.browser.place import Ids, Place, send, submit
from tests.driving import do, open_tasks_of
from tests.world import actor

PARTIES = {"decider": "management", "co_decider": "management2", "appeal_decider": "management3"}
CHARGE = {
    "person": "agent2",
    "investigator": "monitor2",
    "conduct": "delay",
    "consequence": "both",
    "charge": "客戶三次來電詢問進度，均未記錄，也未轉交處理人。",
}
FACTS = {
    "facts_found": "三次來電均由當事人接聽；系統內沒有聯絡記錄。",
    "evidence_list": "1. 話務系統的通話清單（三月二日至四日）。\n2. 投訴的聯絡記錄。",
}
SANCTION = {
    "measure": "warning",
    "authority": "management",
    "effective_from": "2026-04-01",
    "effective_until": "2026-12-31",
    "decision_reason": "三次未記錄來電，致客戶向監管部門反映。",
}
PROPOSAL = {"conduct": "delay", "consequence": "both", "severity": "grave"}


def populate_accountability(redress: Redress, ids: dict[str, str]) -> None:
    """Two files about the same agent: the hearing of one is open, the other ended with a warning."""
    heard: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("compliance", CHARGE | PARTIES),
        ("monitor2", FACTS),
    )
    decided = (
        ("agent2", {}),
        ("monitor2", PROPOSAL),
        ("management", SANCTION),
        ("management2", {}),
        ("agent2", {}),
    )
    for name, steps in (("sanctioned", (*heard, *decided)), ("heard", heard)):
        ids[name] = _opened(redress, ids["case"])
        for who, answers in steps:
            do(redress, open_tasks_of(redress, ids[name])[0], who, **answers)
    ids["statement"] = open_tasks_of(redress, ids["heard"])[0].id


def _opened(redress: Redress, no: str) -> str:
    reason = "客戶反映多次來電無人跟進。"
    return open_by_hand(redress.runtime, actor(redress, "compliance"), no, reason=reason).no


def accountability_places(ids: Ids) -> list[Place]:
    """Return every page of accountability, in the states that look different."""
    by_hand = submit(complaint_no="C-1", reason="x")
    return [
        Place("accountability", "quality.accountability", "compliance", "/accountability"),
        Place("accountability-empty", "quality.accountability", "agent", "/accountability"),
        Place("accountability-refused", "quality.account", "compliance", "/accountability", by_hand),
        Place("account-file", "quality.account_file", "compliance", f"/accountability/{ids['sanctioned']}"),
        Place("account-file-heard", "quality.account_file", "compliance", f"/accountability/{ids['heard']}"),
        Place(
            "account-file-refused",
            "quality.replace_account_party",
            "compliance",
            f"/accountability/{ids['heard']}",
            send("/party"),
        ),
        Place("sanctions", "quality.sanctions", "compliance", "/accountability/register"),
        Place("own-matters", "quality.own_matters", "agent2", "/my-matters"),
        Place("own-matters-empty", "quality.own_matters", "auditor", "/my-matters"),
        Place("own-matter", "quality.own_matter", "agent2", f"/my-matters/{ids['sanctioned']}"),
        Place("own-matter-heard", "quality.own_matter", "agent2", f"/my-matters/{ids['heard']}"),
        Place("task-statement", "tasks.show", "agent2", f"/tasks/{ids['statement']}"),
    ]
