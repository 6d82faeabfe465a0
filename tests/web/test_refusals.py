"""What is refused, in the language of who is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.people.partners import KINDS
from engine.quality.accountability.measures import MEASURES
from engine.quality.accountability.opening import CAUSES
from engine.quality.accountability.parties import ROLES
from engine.quality.improvement.metrics import METRICS
from engine.quality.supervision.inspections import OCCASIONS
from engine.runtime.commands import claim
from tests.driving import open_tasks
from tests.web.conftest import Browser, Visit
from tests.world import actor, register
from web.messages import message
from web.rarer_refusals import RARER
from web.refusals import REFUSALS

SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}")
CHINESE = re.compile("[\u4e00-\u9fff]")


def filled(template: str) -> tuple[str, list[str]]:
    """Return a refusal with a number for each thing that it tells, and the numbers."""
    names = re.findall(r"\{(\w+)\}", template)
    numbers = [str(1000 + index) for index, _ in enumerate(names)]
    for name, number in zip(names, numbers, strict=True):
        template = template.replace(f"{{{name}}}", number)
    return template, numbers


@pytest.mark.parametrize("language", ["zh-TW", "zh-CN"])
def test_every_refusal_is_told_in_chinese_with_what_it_is_about(app: Flask, language: str) -> None:
    wrong = []
    with app.test_request_context(headers={"Accept-Language": language}):
        for template in (*REFUSALS, *RARER):
            said, numbers = filled(template)
            told = message(said)
            missing = [number for number in numbers if number not in told]
            if not CHINESE.search(told) or (missing and "POST" not in template):
                wrong.append((template, told))
    assert wrong == []


def test_what_a_refusal_is_given_is_told_in_words_too(app: Flask) -> None:
    said = (
        "the job 'printing' failed 3 time(s), at last with: there is no such task. Mend the cause, then retry"
    )
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        assert "沒有" in message(said + " the incident")
        assert "已歸檔" in message(
            "complaint C-1 is archived; this is possible only before the result is sent"
        )
        away = message("no mail server answers at mail.example.test: ConnectionRefusedError")
        assert "mail.example.test" in away
        assert "拒絕連線" in away
        assert "Error" not in away
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert message(said) == said


def test_what_a_field_takes_is_told_by_the_labels_that_it_is_chosen_by(app: Flask) -> None:
    lists = (CAUSES, ROLES, tuple(METRICS), OCCASIONS, KINDS)
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        for each in lists:
            told = message(f"takes one of {', '.join(each)}")
            assert (len(told.split("、")), re.search("[a-z]", told)) == (len(each), None), told
        for said in (
            f"an appeal never makes it worse: choose one of {', '.join(MEASURES)}",
            "nobody is appeal_decider of AC-2026-0001: it is closed, or was not assessed so",
        ):
            assert not re.search("[a-z]", message(said)), message(said)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert message(f"takes one of {', '.join(OCCASIONS)}") == (
            "takes one of Regular inspection, Special inspection"
        )
        assert message("takes one of x, y") == "takes one of x, y"


def requests(engine: Redress) -> dict[str, tuple[str, Any]]:
    """What is refused, by what is asked for: who asks, and the body."""
    no = register(engine, grade=3).complaint_no
    task = open_tasks(engine, no)[0]
    claim(engine.runtime, actor(engine, "handler"), task.id)
    soon = {"begins_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-02T00:00:00Z", "substitute": "handler"}
    instance = task.instance_id
    return {
        f"/tasks/{task.id}/claim": ("handler2", {}),
        f"/tasks/{task.id}/complete": ("handler2", {"variables": {}}),
        f"/tasks/{task.id}/plan": ("handler2", {"priority": 70}),
        f"/tasks/{task.id}/undo": ("supervisor", {}),
        f"/tasks/{task.id}/comments": ("handler", {"text": "@nobody-here"}),
        f"/tasks/{task.id}/assign": ("supervisor", {"username": "agent"}),
        "/absences": ("handler", soon),
        "/absences/none/end": ("handler", {}),
        f"/complaints/{no}/regrade": ("supervisor", {"grade": 3, "reason": "x"}),
        f"/complaints/{no}/extend": ("handler", {"new_date": "2026-03-02", "reason": "x"}),
        f"/complaints/{no}/reviews": ("handler", {"reason": "x"}),
        f"/instances/{instance}/variables": ("admin", {"variables": {"none": 1}, "reason": "x"}),
        f"/instances/{instance}/migrate": ("admin", {"reason": "x"}),
        "/incidents/none/retry": ("admin", {"reason": "x"}),
    }


def test_what_people_are_refused_is_told_in_their_language(engine: Redress, visit: Visit) -> None:
    seated: dict[str, Browser] = {}
    wrong, asked = [], 0
    for path, (who, body) in requests(engine).items():
        browser = seated.setdefault(who, visit(who, "zh-TW")) if who not in seated else seated[who]
        answer = browser.send(f"/api/v1{path}", body)
        told = answer.get_json(silent=True) or {}
        if answer.status_code not in (403, 404, 409, 422):
            wrong.append((path, answer.status_code, told))
            continue
        asked += 1
        texts = [told["detail"], *(each for several in told.get("errors", {}).values() for each in several)]
        wrong += [(path, each) for each in texts if SENTENCE.search(re.sub(r"'[^']*'", "", each))]
    assert wrong == []
    assert asked > 10


def test_what_keeps_an_instance_from_another_version_is_told_item_by_item(app: Flask) -> None:
    said = (
        "the instance cannot be migrated: task 'work' is not in this scope of the new version; name its "
        "counterpart in the mapping; job 'print' is repeated in one of the versions only"
    )
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        told = message(said)
    assert not SENTENCE.search(re.sub(r"'[^']*'", "", told)), told
    assert told.count("；") >= 2
    assert "'work'" in told
    assert "'print'" in told
