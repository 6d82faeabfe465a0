"""What is published, held against the channels of the software (R69, Art. 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.assembly import Redress
from engine.errors import Forbidden, FormRefused, InvalidInput
from engine.quality.publicity import open_publication, publication_check
from engine.runtime.deploy import deploy
from tests.driving import do, open_tasks_of
from tests.world import ROOT, actor, pass_time


def check(redress: Redress) -> dict[str, dict[str, Any]]:
    with redress.sessions.read() as session:
        rows = publication_check(redress.runtime, session, actor(redress, "agent"))
    return {row["place"]: row for row in rows}


def publish(redress: Redress, **answers: Any) -> str:
    no = open_publication(redress.runtime, actor(redress, "analyst"), "投訴專頁").no
    prepared = {"material": "V1", "due_date": "2026-06-30", **answers}
    listed = prepared.pop("lists_all_channels", True)
    do(redress, open_tasks_of(redress, no)[0], "analyst", **prepared)
    do(redress, open_tasks_of(redress, no)[0], "compliance")
    do(
        redress,
        open_tasks_of(redress, no)[0],
        "analyst",
        lists_all_channels=listed,
        published_on="2026-03-02",
    )
    return no


def test_a_place_is_complete_with_all_channels_and_the_process_until_it_runs_out_or_a_channel_is_added(
    redress: Redress,
) -> None:
    before = check(redress)
    assert [place for place, row in before.items() if row["asks_channels"]] == [
        "website", "app", "premises", "contract",
    ]  # fmt: skip
    assert not before["contract"]["asks_process"]
    assert not any(row["channels"]["hotline"] for row in before.values())
    assert {"regulator", "sms"}.isdisjoint(before["website"]["channels"])
    redress.runtime.config = replace(redress.config, sms_secret="s" * 32)
    assert "sms" in check(redress)["website"]["channels"]
    redress.runtime.config = redress.config

    first = publish(redress, place="website", subject="channels")
    assert check(redress)["website"]["channels"]["hotline"]
    assert not check(redress)["website"]["complete"]
    second = publish(redress, place="website", subject="process", lists_all_channels=False)
    website = check(redress)["website"]
    assert (website["complete"], website["publications"]) == (True, [first, second])
    assert not check(redress)["app"]["complete"]

    settings = (ROOT / "processes/complaint/process.toml").read_text()
    kiosk = "[channels.kiosk]\nzh-Hant = '自助機'\nzh-Hans = '自助机'\nen = 'Kiosk'\n"
    files = {"process.toml": f"{settings}\n{kiosk}".encode()}
    deploy(redress.runtime, actor(redress, "owner"), files, family="complaint", note_text="test")
    website = check(redress)["website"]
    assert (website["channels"]["kiosk"], website["complete"]) == (False, False)

    pass_time(redress, days=125)
    assert check(redress)["website"]["publications"] == []


def test_nothing_is_published_that_has_run_out_or_on_a_day_to_come(redress: Redress) -> None:
    no = open_publication(redress.runtime, actor(redress, "analyst"), "投訴專頁").no
    (task,) = open_tasks_of(redress, no)
    for refused, day in (("due_date", "2026-03-01"), ("published_on", "2026-03-03")):
        with pytest.raises(FormRefused) as error:
            do(redress, task, "analyst", **{refused: day})
        assert set(error.value.errors) == {refused}
        do(redress, task, "analyst", due_date="2026-03-02", published_on="2026-03-02")
        if refused == "due_date":
            do(redress, open_tasks_of(redress, no)[0], "compliance")
            (task,) = open_tasks_of(redress, no)


def test_only_who_may_begins_to_publish_and_says_what(redress: Redress) -> None:
    with pytest.raises(Forbidden):
        open_publication(redress.runtime, actor(redress, "agent"), "x")
    with pytest.raises(InvalidInput):
        open_publication(redress.runtime, actor(redress, "analyst"), " ")
