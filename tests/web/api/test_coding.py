"""The second coding by API: as blind, as once, and as much in the trail as on the page."""

from __future__ import annotations

from sqlalchemy import select

from engine.assembly import Redress
from engine.store.tables.audit import History
from tests.driving import drive
from tests.web.api.conftest import Calling
from tests.world import register


def test_a_program_draws_codes_and_closes_a_sample_and_reads_how_far_both_codings_agree(
    engine: Redress, calling: Calling
) -> None:
    content = "王小明CANARY 還款當日重複扣款，請致電 13912345678。"
    number = register(engine, content=content, category="service", grade=3).complaint_no
    drive(engine, number)
    analyst, monitor = calling("analyst"), calling("monitor")
    assert analyst.read("/second-codings") == {"items": [], "next": None}
    for wrong in (
        {"period": "March", "size": 5},
        {"period": "2026-03", "size": 0},
        {"period": "2025", "size": 1},
    ):
        assert analyst.post("/second-codings", wrong).status_code == 422
    sample = f"/second-codings/{analyst.do('/second-codings', {'period': '2026-03', 'size': 5})['id']}"
    assert analyst.post(f"{sample}/close").status_code == 409  # nothing is coded yet
    found = monitor.read(sample)
    assert (found["size"], found["frame_cases"], found["waiting"], found["own"]) == (1, 1, [1], [])
    assert (found["same"], analyst.read(sample, again="true")["same"]) == (None, True)
    shown = monitor.do(f"{sample}/1/read")
    assert "重複扣款" in shown["content"]
    assert not any(each in str(shown) for each in ("王小明CANARY", "13912345678", number))
    assert shown["codes"] == {}
    assert calling("agent").post(f"{sample}/1/read").status_code == 403  # registered it
    for nowhere in ("0", "2", "first"):
        assert monitor.post(f"{sample}/{nowhere}/read").status_code == 404
    codes = {"category": "product", "grade": 3}
    refused = monitor.post(f"{sample}/1", codes | {"category": "mood"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["category"])
    assert monitor.do(f"{sample}/1", codes | {"grade": 2}) == {"corrected": False}
    assert monitor.do(f"{sample}/1", codes) == {"corrected": True}
    assert calling("monitor2").post(f"{sample}/1", codes).status_code == 409
    assert analyst.read("/agreement", period="2026-03")["pending"] == 1
    analyst.do(f"{sample}/close")
    assert monitor.post(f"{sample}/1", codes).status_code == 409
    told = analyst.read("/agreement", period="2026-03")
    agreed = {each["code"]: each for each in told["agreements"]}
    assert (agreed["category"]["pairs"], agreed["category"]["silent"]) == (
        [{"first": "service", "second": "product", "cases": 1}],
        "few",
    )
    assert (agreed["grade"]["cases"], agreed["grade"]["alike"], agreed["grade"]["kappa"]) == (1, 1, None)
    (apart,) = told["apart"]
    assert (apart["complaint_no"], apart["apart"], told["pending"]) == (number, ["category"], 0)
    with engine.sessions.read() as session:
        revealed = select(History.actor).where(History.kind == "personal.revealed")
        assert session.scalars(revealed).all() == ["monitor"]
