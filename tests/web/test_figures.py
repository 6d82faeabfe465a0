"""The page of the figures, and the lists behind them."""

from __future__ import annotations

import pytest

from engine.assembly import Redress
from tests.driving import drive
from tests.web.conftest import Visit, page, text
from tests.world import register


def test_each_number_leads_to_its_cases(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    drive(engine, number)
    browser = visit("supervisor")
    shown = browser.get("/reports/figures?period=2026-03")
    assert "Timeliness by law" in text(shown)
    assert "100.0 %" in text(shown)
    (link,) = page(shown).xpath(
        "//a[contains(@href, 'figures/timeliness?') and contains(@href, 'part=hits')]/@href"
    )
    assert number in text(browser.get(link))
    broken = browser.get("/reports/figures?period=2026-Q1&by=handler")
    assert "too few to compare" in text(broken)
    (link, *_) = page(broken).xpath(
        "//a[contains(@href, 'by=handler') and contains(@href, 'part=all')]/@href"
    )
    assert number in text(browser.get(link))
    assert "No case here" in text(browser.get("/reports/figures/timeliness?period=2025-01"))


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans", "en"])
def test_the_figures_are_read_in_every_language(visit: Visit, language: str) -> None:
    for path in ("/reports/figures", "/reports/figures?by=grade", "/reports/figures/repeats?part=all"):
        assert visit("supervisor", language).get(path).status_code == 200


def test_a_wrong_period_or_figure_is_told(visit: Visit) -> None:
    browser = visit("analyst")
    assert "month, a quarter or a year" in text(browser.get("/reports/figures?period=soon"))
    assert browser.get("/reports/figures/happiness").status_code == 404
    assert "—" in text(browser.get("/reports/figures?period=2025-01"))
