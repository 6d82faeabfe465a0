"""Complaints held against the business: what is entered, corrected, refused, and the rates that follow."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from engine.assembly import Redress
from engine.domain.kpi import Rate, read_period
from engine.errors import Forbidden, InvalidInput
from engine.quality.volumes import enter_volumes, rates, rows_of_file, volume_versions
from tests.world import actor, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = """month,product,accounts,lent,reason
2026-03,消費貸款,"20,000",1500000.50,核心系統
2026-03,信用卡,5000,,
"""


def test_a_rate_has_the_exact_interval_of_its_count() -> None:
    assert Rate(0, 10_000, 10_000).interval == (0.0, pytest.approx(3.6889, abs=1e-4))
    low, high = Rate(10, 20_000, 10_000).interval or (0, 0)
    assert (low, high) == (pytest.approx(2.3977, abs=1e-4), pytest.approx(9.1952, abs=1e-4))
    assert Rate(10, 20_000, 10_000).value == 5
    assert (Rate(3, 0, 10_000).value, Rate(3, 0, 10_000).interval) == (None, None)


def test_numbers_are_entered_by_file_corrected_by_later_ones_and_make_the_rates(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    for each in range(4):
        register(redress, customer={"name": f"客{each}", "phone": f"1370000000{each}"})
    register(redress, product="車貸", customer={"name": "李四", "phone": "13700000009"})
    assert enter_volumes(rt, analyst, rows_of_file(FILE.encode("utf-8-sig"))) == 2
    assert enter_volumes(rt, analyst, rows_of_file(FILE.encode())) == 0
    corrected = {
        "month": "2026-03",
        "product": "消費貸款",
        "accounts": 10_000,
        "lent": "2000000",
        "reason": "更正",
    }
    assert enter_volumes(rt, actor(redress, "compliance"), [corrected]) == 1
    with redress.sessions.read() as session:
        found = rates(session, analyst, read_period("2026-Q1"), SHANGHAI)
        kept = volume_versions(session, analyst).items
        with pytest.raises(Forbidden):
            rates(session, actor(redress, "handler"), read_period("2026-03"), SHANGHAI)
    assert {each.product: each.accounts.value for each in found.products} == {"消費貸款": 4.0, "信用卡": 0.0}
    assert (found.total.accounts.value, found.left_out) == (pytest.approx(4 / 1.5), 1)
    assert (found.total.lent.value, found.total.lent.count) == (2.0, 4)
    assert [(row["accounts"], row["set_by"]) for row in kept if row["product"] == "消費貸款"] == [
        (10_000, "compliance"),
        (20_000, "analyst"),
    ]


def test_wrong_numbers_are_refused_by_row_and_field_and_none_is_kept(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    good = {"month": "2026-02", "product": "車貸", "accounts": 5}
    wrong = [
        good,
        good | {"month": "2026-04"},
        good | {"month": "2026-Q1", "product": ""},
        good | {"accounts": "5.5", "lent": "-1"},
        good | {"accounts": "NaN", "reason": "x" * 501},
    ]
    with pytest.raises(InvalidInput) as refused:
        enter_volumes(rt, analyst, wrong)
    assert set(refused.value.errors) == {
        "rows.1.month", "rows.2.month", "rows.2.product", "rows.3.accounts", "rows.3.lent",
        "rows.4.accounts", "rows.4.reason",
    }  # fmt: skip
    with redress.sessions.read() as session:
        assert volume_versions(session, analyst).items == []
    for content in (b"\xff\xfe", b"month;product\n", b"month,product\n2026-03,x\n"):
        with pytest.raises(InvalidInput):
            rows_of_file(content)
    with pytest.raises(Forbidden):
        enter_volumes(rt, actor(redress, "handler"), [good])
