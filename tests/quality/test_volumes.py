"""Complaints held against the business: what is entered, corrected, refused, and the rates that follow."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.domain.kpi import Rate, read_period
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.people.partners import save_partner
from engine.quality.facts import gather_cases
from engine.quality.freezing import freeze_due
from engine.quality.rates import BusinessRate, frozen_rates, rates
from engine.quality.volumes import enter_volumes, rows_of_file, volume_versions
from engine.store.tables.cases import Complaint
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
    assert {each.value: each.accounts.value for each in found.products} == {"消費貸款": 4.0, "信用卡": 0.0}
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
        good | {"partner": "無此機構"},
    ]
    with pytest.raises(InvalidInput) as refused:
        enter_volumes(rt, analyst, wrong)
    assert set(refused.value.errors) == {
        "rows.1.month", "rows.2.month", "rows.2.product", "rows.3.accounts", "rows.3.lent",
        "rows.4.accounts", "rows.4.reason", "rows.5.partner",
    }  # fmt: skip
    with redress.sessions.read() as session:
        assert volume_versions(session, analyst).items == []
    misspelt = b"month,product,partners,accounts\n"
    for content in (b"\xff\xfe", b"month;product\n", b"month,product\n2026-03,x\n", misspelt):
        with pytest.raises(InvalidInput):
            rows_of_file(content)
    with pytest.raises(Forbidden):
        enter_volumes(rt, actor(redress, "handler"), [good])


PARTNERS = """month,product,partner,accounts,lent,reason
2026-03,,迅收催收,5000,1000000,
2026-03,消費貸款,迅收催收,900,,
2026-03,消費貸款,cooperator,2000,3000000,
2026-03,車貸,cooperator,500,,
2026-02,,cooperator,4000,,
2026-03,消費貸款,,20000,,
"""


def test_complaints_are_held_against_the_business_of_each_partner(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    days = {"kind": "collector", "active_from": "2025-01-01", "contract_no": "C-1", "contact": "-"}
    with redress.sessions.step() as session:
        for partner, name in {"collector": "迅收催收", "cooperator": "合貸平台", "silent": "無數字"}.items():
            save_partner(session, actor(redress, "compliance"), partner, {**days, "name": name})
    named = ["迅收催收", "collector", "迅 收催收", "合貸平台", "無數字", "不在名冊"]
    for place, partner in enumerate(named):
        customer = {"name": f"客{place}", "phone": f"1370000000{place}"}
        register(redress, partner=partner, customer=customer)
    gather_cases(rt, select(Complaint.no))
    assert enter_volumes(rt, analyst, rows_of_file(PARTNERS.encode())) == 6
    with redress.sessions.read() as session:
        found = rates(session, analyst, read_period("2026-Q1"), SHANGHAI)
    by_id = {each.value: each for each in found.partners}
    assert by_id["collector"].accounts == Rate(2, 5_000, 10_000), "all its products at once hold"
    assert by_id["collector"].lent == Rate(2, 100_000_000, 100_000_000)
    assert by_id["cooperator"].accounts == Rate(1, 6_500, 10_000), "its products are added up"
    assert (by_id["cooperator"].lent.exposure, by_id["cooperator"].months) == (0, ("2026-02", "2026-03"))
    assert (found.partners_left_out, by_id["collector"].accounts.may_rank) == (3, False)
    assert [(each.value, each.accounts.count, each.accounts.exposure) for each in found.products] == [
        ("消費貸款", 6, 20_000)
    ]
    assert [BusinessRate.of_plain(each) for each in found.plain()["partners"]] == found.partners

    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(rt)
    late = datetime(2026, 3, 5, tzinfo=UTC)
    register(redress, partner="collector", received_at=late, customer={"name": "遲"})
    gather_cases(rt, select(Complaint.no))
    march = read_period("2026-03")
    with redress.sessions.read() as session:
        now, then = rates(session, analyst, march, SHANGHAI), frozen_rates(session, analyst, march)
        with pytest.raises(NotFound):
            frozen_rates(session, analyst, read_period("2026-04"))
    counts = [{each.value: each.accounts.count for each in rated.partners} for rated in (now, then)]
    assert counts == [{"collector": 3, "cooperator": 1}, {"collector": 2, "cooperator": 1}]
    assert (now.versions, then.versions, then.partners_left_out) == ({}, {"2026-03": 1}, 3)
