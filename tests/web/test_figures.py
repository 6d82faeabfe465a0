"""The page of the figures, and the lists behind them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import select, update
from werkzeug.http import parse_options_header

from engine import clock
from engine.assembly import Redress
from engine.cases.incoming.hotline import take_call
from engine.jobs.passes import run_until_quiet
from engine.people.partners import save_partner
from engine.quality.facts import gather
from engine.quality.freezing import correct, freeze_due
from engine.quality.kinds import ACCOUNTABILITY, CHECK, FINDING, INSPECTION
from engine.quality.opening import open_file
from engine.quality.regulator.opening import open_inquiry
from engine.quality.regulator.returns import open_return
from engine.quality.report.keep import draft_due
from engine.quality.sheets import check_file, check_signed, public_key
from engine.quality.volumes import enter_volumes
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import AnalysisReport, SecondCoding
from engine.store.tables.quality import QualityFile
from tests.driving import do, drive, open_tasks_of
from tests.web.conftest import Visit, page, text
from tests.world import MONDAY, actor, register
from web.saved_file import saved_file

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    for path in (
        "/reports/figures",
        "/reports/figures?by=grade",
        "/reports/figures/repeats?part=all",
        "/reports/records",
        "/reports/volumes",
        "/reports/coding",
        "/second-coding",
    ):
        assert visit("analyst", language).get(path).status_code == 200


def test_a_wrong_period_or_figure_is_told(visit: Visit) -> None:
    browser = visit("analyst")
    assert "month, a quarter or a year" in text(browser.get("/reports/figures?period=soon"))
    assert browser.get("/reports/figures/happiness").status_code == 404
    assert "—" in text(browser.get("/reports/figures?period=2025-01"))


def test_a_month_of_long_ago_names_itself_and_one_that_lies_ahead_is_refused(visit: Visit) -> None:
    browser = visit("analyst")
    old = page(browser.get("/reports?period=2019-01"))
    assert old.xpath("//select[@name='period']/option[@selected]/text()") == ["2019-01"]
    (head,) = old.xpath("//div[@class='page-head']")  # on paper the choice is left out
    assert "2019-01" in head.text_content()
    for address in ("/reports", "/reports/figures", "/reports/records"):
        ahead = page(browser.get(f"{address}?period=2099-01"))
        assert "2099-01 has not begun yet" in ahead.text_content(), address
        assert ahead.xpath("//select[@name='period']/option[@selected]/text()") == ["2026-03"], address


def test_the_overview_draws_each_figure_and_leads_to_its_cases(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    drive(engine, number)
    gather(engine.runtime)
    browser = visit("management")
    shown = browser.get("/reports")
    assert len(page(shown).xpath("//*[local-name()='svg' and @class='chart']")) == 5
    assert "Target ≥ 98 %" in text(shown)
    assert page(shown).xpath("//*[@class='figure-value']/text()")[:3] == ["1", "0", "0"]
    links = {
        link
        for link in page(shown).xpath("//main//a[contains(@href, '/reports/figures/')]/@href")
        if "period=2026-03" in link and "part=misses" not in link
    }
    found = {link: text(browser.get(link)) for link in links if "part=all" in link}
    assert len(found) >= 6
    assert [link for link, shown in found.items() if number not in shown and "overdue" not in link] == []
    assert browser.get("/reports?period=2025-02").status_code == 200
    assert "left open" not in text(shown)
    with engine.sessions.step() as session:
        earlier = datetime(2026, 1, 5, tzinfo=UTC)
        session.execute(update(Complaint).where(Complaint.no == number).values(received_at=earlier))
    drawn = browser.get("/reports")
    assert "Not summed up yet, so left open: 2026-01, 2026-02" in text(drawn)
    known = len(page(shown).xpath("//*[contains(@class, 'chart-column')]"))
    assert len(page(drawn).xpath("//*[contains(@class, 'chart-column')]")) == known - 4
    assert "month, a quarter or a year" in text(browser.get("/reports?period=soon"))


def test_records_behind_a_figure_lead_only_where_the_reader_may_go(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    asked = {"reference": "函 7", "question": "請說明。", "received_on": MONDAY.date()}
    inquiry = open_inquiry(engine.runtime, actor(engine, "compliance"), **asked).no
    call = {"id": "K-1", "at": MONDAY, "answered": True, "wait_s": 5, "is_complaint": True}
    with engine.sessions.step() as session:
        take_call(session, call | {"recording": None, "complaint_no": number})
        row = {"kind": "return", "closed_at": MONDAY, "due_at": MONDAY + timedelta(days=1)}
        session.execute(update(QualityFile).where(QualityFile.no == inquiry).values(row))
    told, called = (
        f"/reports/records/{name}?period=2026-03" for name in ("regulator-in-time", "calls-with-case")
    )
    found = visit("supervisor").get(told)
    assert inquiry in text(found)
    assert "compliance, complaint management, the management and auditors" in text(found)
    assert page(found).xpath(f"//main//a[contains(., '{inquiry}')]") == []
    found = visit("compliance").get(told)
    (link,) = page(found).xpath(f"//main//a[contains(., '{inquiry}')]/@href")
    assert visit("compliance").get(link).status_code == 200
    (link,) = page(visit("supervisor").get(called)).xpath(f"//main//a[contains(., '{number}')]/@href")
    assert link == f"/complaints/{number}"


def test_frozen_figures_are_shown_with_cases_versions_and_sheets(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    drive(engine, number)
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    browser = visit("analyst")
    assert "2026-03" in text(browser.get("/reports/frozen"))
    month = browser.get("/reports/frozen/2026-03")
    assert "100.0 %" in text(month)
    (link,) = page(month).xpath(
        "//a[contains(@href, 'cases/timeliness?') and contains(@href, 'part=hits')]/@href"
    )
    assert number in text(browser.get(link))
    refused = browser.post("/reports/frozen", {"period": "2026-03", "reason": "again"})
    assert refused.status_code == 409
    assert "nothing has changed" in text(refused)
    for missing in ("/reports/frozen/2026-03?version=9", "/reports/frozen/2025-01"):
        assert browser.get(missing).status_code == 404
    own = visit("handler")
    mine = own.get("/reports/mine")
    assert number in text(mine)
    (waits,) = page(mine).xpath("//tr[contains(., 'Repeats after the answer') and ./th]")
    assert "Had to wait until" in waits.text_content()
    assert "too few to compare" not in waits.text_content()
    sheet = own.get("/reports/frozen/2026-03/sheet")
    assert check_signed(sheet.get_data(), public_key(engine.keyring))["about"] == {"person": "handler"}
    printed = own.get("/reports/frozen/2026-03/sheet?format=pdf")
    assert printed.mimetype == "application/pdf"
    check_file(printed.get_data(), public_key(engine.keyring))
    assert b"score-sheet.json" in printed.get_data()
    assert own.get("/reports/frozen/2026-03/sheet?subject=handler2").status_code == 403
    assert "No frozen figures about you yet" in text(visit("handler2").get("/reports/mine"))


def test_a_report_is_read_as_page_pdf_and_workbook_and_figures_are_contested(
    engine: Redress, visit: Visit
) -> None:
    number = register(engine, product="=1+1").complaint_no
    drive(engine, number)
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    browser = visit("analyst")
    (button,) = page(browser.get("/reports/analyses")).xpath("//button[@name='period']/@value")
    drafted = browser.post("/reports/analyses", {"period": button})
    assert (button, drafted.status_code) == ("2026-03", 303)
    assert "is drafted; it waits" in text(browser.get(drafted.headers["Location"]))
    assert "2026-03" in text(browser.get("/reports/analyses"))
    assert browser.post("/reports/analyses", {"period": "2026-03"}).status_code == 422
    shown = text(browser.get("/reports/analyses/AR-2026-0001"))
    assert "Complaint analysis report 2026-03" in shown
    assert "not signed yet" in shown
    assert browser.get("/reports/analyses/AR-2026-0001/pdf").get_data().startswith(b"%PDF-")
    saved = browser.get("/reports/analyses/AR-2026-0001/xlsx")
    assert (saved.mimetype, saved.headers["Cache-Control"]) == (WORKBOOK, "no-store")
    assert saved.headers["Content-Disposition"] == "attachment; filename=AR-2026-0001.xlsx"
    book = zipfile.ZipFile(io.BytesIO(saved.get_data()))
    assert any(name.startswith("xl/charts/") for name in book.namelist())
    assert not any(b"<f>1+1" in book.read(name) for name in book.namelist() if "worksheets" in name)
    filed = open_return(engine.runtime, actor(engine, "compliance"), "2026-03").no
    run_until_quiet(engine.runtime)
    rows = visit("compliance").get(f"/regulator/{filed}/attempts/1.csv")
    assert (rows.mimetype, rows.headers["Content-Disposition"]) == (
        "text/csv",
        f"attachment; filename={filed}-1.csv",
    )
    assert number in rows.get_data().decode("utf-8-sig")
    rows = visit("compliance").get(f"/regulator/{filed}/attempts/1.xlsx")
    assert (rows.mimetype, zipfile.is_zipfile(io.BytesIO(rows.get_data()))) == (WORKBOOK, True)
    own = visit("handler")
    given = {"period": "2026-03", "version": "1", "figure": "timeliness", "complaint_no": number}
    refused = own.post("/reports/mine", {**given, "reason": ""})
    assert refused.status_code == 422
    assert "say why" in text(refused)
    assert (
        own.post("/reports/mine", {**given, "reason": "Answered 13800001234 on the day."}).status_code == 303
    )
    mine = page(own.get("/reports/mine"))
    (link,) = mine.xpath("//main//a[starts-with(@href, '/contests/')]/@href")
    assert "With the superiors" in mine.text_content()
    no = link.rpartition("/")[2]
    (task,) = open_tasks_of(engine, no)
    for who, address in (("handler", link), ("supervisor", f"/tasks/{task.id}"), ("auditor", link)):
        shown = page(visit(who).get(address))
        panel = shown.xpath("//section[@aria-labelledby='contested-title']")[0].text_content()
        assert ("Timeliness" in panel, number in panel, "Counted" in panel) == (True, True, True), who
    assert visit("agent").get(link).status_code == 404
    assert visit("agent").get("/contests").status_code == 403
    do(engine, task, "supervisor", contest_decision="reject", decision_reason="Sent a day later.")
    shown = text(own.get(link))
    assert ("Sent a day later." in shown, "Answered 138" in shown, "13800001234" in shown) == (
        True,
        True,
        False,
    )
    assert "Objection rejected" in text(visit("auditor").get("/contests"))
    assert "Your objection to a figure was decided" in text(own.get("/notices"))
    with engine.sessions.step() as session:
        session.get_one(Complaint, number).repeat_of = register(engine).complaint_no
    correct(engine.runtime, actor(engine, "analyst"), "2026-03", "The link to the case before was missing.")
    newest = page(browser.get("/reports/frozen/2026-03"))
    (row,) = newest.xpath("//tr[./th[normalize-space(text()[1])='Repeats']]")
    assert "changed" in row.text_content()
    for part in ("version=1", "version=2"):
        (link,) = row.xpath(f".//a[contains(@href, 'part=hits') and contains(@href, '{part}')]/@href")
        assert (number in text(browser.get(link))) == (part == "version=2")
    for old in ("/reports/frozen/2026-03?version=1", "/reports/analyses/AR-2026-0001"):
        assert page(browser.get(old)).xpath("//p[contains(@class, 'alert')]//a[contains(@href, 'version=2')]")
    assert "frozen again" not in text(browser.get("/reports/frozen/2026-03"))
    again = own.post("/reports/mine", {**given, "reason": "Answered on the day."})
    assert (again.status_code, f"{no} says how and why" in text(again)) == (422, True)


def test_a_problem_of_a_report_leads_to_its_cases_and_to_the_measure_that_is_opened_for_it(
    engine: Redress, visit: Visit
) -> None:
    numbers = [
        register(engine, customer={"name": f"客戶{each}", "phone": f"1390000000{each}"}).complaint_no
        for each in range(6)
    ]
    drive(engine, numbers[0])
    days = {"kind": "collector", "active_from": "2025-01-01", "contract_no": "C-1", "contact": "-"}
    with engine.sessions.step() as session:
        save_partner(session, actor(engine, "compliance"), "collector", {**days, "name": "迅收催收"})
    named = register(engine, partner="迅收催收", customer={"name": "客戶6", "phone": "13900000006"})
    numbers.append(named.complaint_no)
    held = [
        {"month": "2026-03", "product": "消費貸款", "accounts": 20_000, "lent": "3000000"},
        {"month": "2026-03", "partner": "collector", "accounts": 500},
    ]
    enter_volumes(engine.runtime, actor(engine, "analyst"), held)
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    draft_due(engine.runtime)
    browser = visit("analyst")
    rated = page(browser.get("/reports/records?period=2026-03&state=frozen"))
    ways = rated.xpath("//section[@aria-labelledby='rates']//td/a")
    assert [each.text for each in ways] == ["7", "7", "1"]
    for each in ways:
        listed = page(browser.get(each.get("href"))).xpath("//main//a[@class='number']/text()")
        assert len(listed) == int(each.text)
    assert listed == [named.complaint_no]
    (partner,) = browser.get("/api/v1/rates?period=2026-03&state=frozen").get_json()["partners"]
    assert (partner["partner"], partner["per_10000_accounts"]["value"]) == ("collector", 20.0)
    address = "/reports/analyses/AR-2026-0001"
    shown = page(browser.get(address))
    (problem, *_) = shown.xpath("//button[@name='problem']/@value")
    (link,) = shown.xpath("//td[@id='2026-03-P1']/..//a[contains(@href, 'part=misses')]/@href")
    assert numbers[1] in text(browser.get(link))
    links = shown.xpath(f"//main//table//a[contains(@href, '{address}/cases/')]")
    assert len(links) > 10
    for each in links:
        listed = page(browser.get(each.get("href"))).xpath("//main//a[@class='number']/text()")
        assert (len(listed), set(listed) <= set(numbers)) == (int(each.text.split()[0]), True), each.get(
            "href"
        )
    opened = browser.post(f"{address}/measures", {"problem": problem})
    assert opened.status_code == 303
    measure = text(browser.get(opened.headers["Location"]))
    assert "2026-03-P1 Target missed: Timeliness" in measure
    assert "1 of 7 cases in the report · 2026-03, version 1" in measure
    again = browser.post(f"{address}/measures", {"problem": problem})
    assert again.headers["Location"] == opened.headers["Location"]
    no = opened.headers["Location"].rpartition("/")[2]
    shown = page(browser.get(address))
    (row,) = shown.xpath("//td[@id='2026-03-P1']/..")
    assert f"{no} Proposed" in " ".join(row.text_content().split())
    book = tables_of_workbook(browser.get(f"{address}/xlsx").get_data())
    on_page = [
        [cells_of(row) for row in table.xpath(".//tr")]
        for table in shown.xpath("//main//section[.//table]//table")
    ]
    assert len(on_page) == len(book) > 8
    assert [table[0] for table in on_page] == [table[0] for table in book]
    assert [table[1:] for table in on_page[1:]] == [table[1:] for table in book[1:]]
    assert [[row[0], *row[2:4]] for row in on_page[0][1:]] == [[row[0], *row[2:4]] for row in book[0][1:]]
    (task,) = open_tasks_of(engine, no)
    of_task = page(browser.get(f"/tasks/{task.id}"))
    assert of_task.xpath(f"//nav[@class='crumbs']//a[@href='/improvement/{no}']")
    assert browser.post(f"{address}/measures", {"problem": "2026-03-P99"}).status_code == 404

    with engine.sessions.step() as session:
        kept = session.get_one(AnalysisReport, address.rpartition("/")[2])
        lines = {"count": range(20), "before": (None,) * 20, "p": (None,) * 20}
        kept.body = {
            **kept.body,
            "distribution": {"partner": {"p": None, "rows": many_partners(**lines)[::-1]}},
            "rates": {
                **kept.body["rates"],
                "partners": many_partners(
                    accounts=[[each, 100] for each in range(20)],
                    lent=[[0, 0]] * 20,
                    months=[["2026-03"]] * 20,
                ),
            },
        }
    shown = page(browser.get(address))
    folded = shown.xpath("//main//details[.//table]")
    assert [each.find("summary").text for each in folded] == [
        "The other 5 · This period: 10",
        "The other 5 · Complaints: 10",
    ]
    for each in folded:
        first, others = each.xpath("./preceding-sibling::div//tbody/tr"), each.xpath(".//tbody/tr")
        names = [row.find("th").text for row in (*first, *others)]
        assert (len(first), names) == (15, [f"partner-{number:02}" for number in range(19, -1, -1)])
        (link,) = others[0].xpath("./td/a/@href")
        assert "value=partner-04" in link
    sheets = tables_of_workbook(browser.get(f"{address}/xlsx").get_data())
    assert [len(each) for each in sheets if each[0][0] == "Partner"] == [21, 21]


def many_partners(**columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of as many partners as the columns tell of."""
    rows = zip(*columns.values(), strict=True)
    return [
        {"value": f"partner-{number:02}", **dict(zip(columns, row, strict=True))}
        for number, row in enumerate(rows)
    ]


def cells_of(row: Any) -> list[str]:
    """The cells of a row of a page, without the bars and what is folded."""
    cells = row.xpath("./th[not(contains(@class, 'share'))] | ./td[not(@class='share')]")
    seen = ".//text()[not(ancestor::details) or ancestor::summary]"
    return [" ".join("".join(each.xpath(seen)).split()) for each in cells]


def tables_of_workbook(content: bytes) -> list[list[list[str]]]:
    """The tables of a workbook that have rows, each cell as a page writes it."""
    book = zipfile.ZipFile(io.BytesIO(content))
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    texts = [
        "".join(each.itertext())
        for each in etree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{name}si")
    ]
    styles = etree.fromstring(book.read("xl/styles.xml"))
    formats = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{name}numFmt")}
    formats["2"] = "0.00"  # built in
    kinds = [formats.get(each.get("numFmtId")) for each in styles.find(f"{name}cellXfs")]
    found = []
    for number in range(1, sum(each.startswith("xl/worksheets/sheet") for each in book.namelist()) + 1):
        rows = [
            {
                re.sub(r"\d", "", cell.get("r")): texts[int(cell.find(f"{name}v").text)]
                if cell.get("t") == "s"
                else number_of(float(cell.find(f"{name}v").text), kinds[int(cell.get("s"))])
                for cell in row
            }
            for row in etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{name}row")
            if int(row.get("r")) >= 4
        ]
        if len(rows) > 1:
            found.append([[row.get(column, "—") for column in rows[0]] for row in rows])
    return found


def number_of(value: float, code: str | None) -> str:
    if code == "0.0%":
        return f"{value * 100:.1f} %"
    if code == "0.0000":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    return f"{value:.2f}" if code == "0.00" else f"{value:.0f}"


def test_a_file_keeps_its_name_whatever_is_in_it(app: Flask) -> None:
    with app.test_request_context():
        for name in ("a.csv", "客戶.pdf", 'a "b"; c.txt', "résumé, 2.zip"):
            header = saved_file(iter([b"x"]), "text/plain", name).headers["Content-Disposition"]
            assert header.isascii()
            value, options = parse_options_header(header)
            assert (value, options["filename"]) == ("attachment", name)
        header = saved_file(b"x", "text/plain", "客戶.pdf").headers["Content-Disposition"]
    assert header == "attachment; filename=file.pdf; filename*=UTF-8''%E5%AE%A2%E6%88%B6.pdf"


def test_accounts_are_entered_and_records_are_shown_with_the_way_to_each(
    engine: Redress, visit: Visit
) -> None:
    number = register(engine).complaint_no
    browser = visit("analyst")
    assert "No numbers of accounts are entered" in text(browser.get("/reports/records?period=2026-03"))
    refused = browser.post("/reports/volumes", {"month": "2026-13", "product": "消費貸款", "accounts": "x"})
    assert refused.status_code == 422
    assert len(page(refused).xpath("//*[@aria-invalid='true']")) == 2
    wrong = {"file": (io.BytesIO(b"month,product,accounts\n2026-03,x,1\n2026-03,y,-1\n"), "a.csv")}
    assert "line 3, Active accounts: takes a whole number from 0 on" in text(
        browser.post("/reports/volumes", wrong)
    )
    wrong = {"file": (io.BytesIO(b"month,partner,accounts\n2026-03,nobody,1\n"), "a.csv")}
    told = text(visit("analyst", "zh-Hant").post("/reports/volumes", wrong))
    assert "第 2 行，合作機構：合作機構名冊中沒有這個名稱" in told
    right = {"file": (io.BytesIO("month,product,accounts,lent\n2026-03,消費貸款,5000,\n".encode()), "a.csv")}
    assert browser.post("/reports/volumes", right).status_code == 303
    assert "5,000" in text(browser.get("/reports/volumes"))
    shown = browser.get("/reports/records?period=2026-03")
    assert "2.00" in text(shown)
    (link,) = page(shown).xpath("//a[contains(@href, 'by=product')]/@href")
    assert number in text(browser.get(link))
    links = page(shown).xpath("//a[contains(@href, '/reports/records/')]/@href")
    assert links
    assert {browser.get(each).status_code for each in links} == {200}
    assert browser.get("/reports/records/happiness").status_code == 404
    assert visit("auditor").post("/reports/volumes", {"month": "2026-03"}).status_code == 403


def test_the_rows_of_a_return_and_conformance_in_total_open_at_their_addresses(
    engine: Redress, visit: Visit
) -> None:
    number = register(engine).complaint_no
    drive(engine, number)
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    no = open_return(engine.runtime, actor(engine, "compliance"), "2026-03").no
    run_until_quiet(engine.runtime)
    browser = visit("compliance")
    links = page(browser.get(f"/regulator/{no}")).xpath("//a[contains(@href, '/attempts/')]/@href")
    rows, book = (browser.get(link) for link in links)
    assert number in rows.get_data(as_text=True)
    assert f"{no}-1.csv" in rows.headers["Content-Disposition"]
    assert number in zipfile.ZipFile(io.BytesIO(book.get_data())).read("xl/sharedStrings.xml").decode()
    total = visit("monitor").get("/conformance?period=2026-03&total=1")
    assert "1.0000" in text(total)
    empty = visit("monitor").get("/conformance?period=2025-01&total=1")
    assert page(empty).xpath("//dt[. = 'Fitness']/following-sibling::dd[1]/text()") == ["n/a"]


def place_of(engine: Redress, number: str) -> str:
    """The end of the address at which a drawn case is read."""
    drawn = select(SecondCoding.position).where(SecondCoding.complaint_no == number)
    with engine.sessions.read() as session:
        return f"/{session.scalars(drawn).one()}/read"


def test_a_coder_is_shown_the_content_and_nothing_of_the_first_coding(engine: Redress, visit: Visit) -> None:
    content = "王小明CANARY 還款當日重複扣款，請致電 13912345678。"
    number = register(engine, content=content, category="service", sub_code="collection").complaint_no
    for each in (number, register(engine, customer={"name": "李四", "phone": "13700000009"}).complaint_no):
        drive(engine, each)
    analyst, monitor = visit("analyst"), visit("monitor")
    assert "No sample was drawn yet" in text(monitor.get("/second-coding"))
    refused = analyst.post("/second-coding", {"period": "March", "size": "5"})
    assert refused.status_code == 422
    drawn = analyst.post("/second-coding", {"period": "2026-03", "size": "5"})
    sample = drawn.headers["Location"]
    assert "Read and code" not in text(analyst.get(sample))
    shown = monitor.get(sample)
    (reading,) = page(shown).xpath("//form[contains(@action, '/read')]/@action")
    (another,) = page(monitor.post(reading)).xpath("//form[contains(@action, '/read')]/@action")
    assert another != reading
    reading = reading if reading.endswith(place_of(engine, number)) else another
    asked = monitor.post(reading)
    for answer in (shown, asked):
        assert number not in answer.get_data(as_text=True)
    said = text(asked)
    assert "重複扣款" in said
    assert not any(each in said for each in ("王小明CANARY", "13912345678"))
    assert page(asked).xpath("//select//option[@selected]") == []
    assert "Design of products, interest, fees" in said
    assert "Legal dispute likely" in said
    assert visit("agent").post(reading).status_code == 403  # registered it
    assert visit("handler").post(reading).status_code == 403
    entering = reading.removesuffix("/read")
    codes = {"category": "product", "grade": "3"}
    assert monitor.post(entering, {"grade": "3"}).status_code == 422
    assert monitor.post(entering, codes).status_code == 303
    assert "The coding is kept" in text(monitor.get(sample))
    other = visit("monitor2")
    assert other.post(entering, codes).status_code == 303
    assert "somebody has coded this case already" in text(other.get(sample))
    (own,) = page(monitor.get(sample)).xpath("//form[contains(., 'Case')]/@action")
    before = page(monitor.post(own)).xpath("//select[@name='category']/option[@selected]/@value")
    assert (own, before) == (reading, ["product"])
    pending = analyst.get("/reports/coding?period=2026-03")
    assert "count once their sample is closed: 1" in text(pending)
    assert not page(pending).xpath(f"//td/a[@href='/complaints/{number}']")
    assert analyst.post(f"{sample}/close").status_code == 303
    assert "The same cases as drawn" in text(analyst.get(f"{sample}?again=1"))
    told = analyst.get("/reports/coding?period=2026-03")
    assert page(told).xpath(f"//td/a[@href='/complaints/{number}']")
    assert "Service → Product" in text(told)
    assert "fewer than 30 coded" in text(analyst.get("/reports/records?period=2026-03"))
    (link,) = page(told).xpath("//a[contains(@href, 'coded-alike-category')]/@href")
    assert number in text(analyst.get(link))
    with engine.sessions.read() as session:
        revealed = select(History.actor).where(History.kind == "personal.revealed")
        assert set(session.scalars(revealed)) == {"monitor"}


def test_a_file_leads_to_where_it_came_from_only_who_may_open_that(
    engine: Redress, visit: Visit, complaint_no: str
) -> None:
    monitor = actor(engine, "monitor")
    with engine.sessions.step() as session:
        inspection = open_file(engine.runtime, session, monitor, INSPECTION).no
        check = open_file(
            engine.runtime, session, monitor, CHECK, complaint_no=complaint_no, parent_no=inspection
        ).no
        finding = open_file(
            engine.runtime,
            session,
            monitor,
            FINDING,
            complaint_no=complaint_no,
            owner="handler",
            parent_no=check,
        ).no
        facts = {"cause": "finding", "finding_no": finding, "happened_at": clock.now()}
        account = open_file(
            engine.runtime,
            session,
            actor(engine, "compliance"),
            ACCOUNTABILITY,
            facts=facts,
            personal={"reason": ""},
            complaint_no=complaint_no,
        ).no
    account_page = page(visit("compliance").get(f"/accountability/{account}"))
    assert account_page.xpath(f"//dd/a[.='{finding}']/@href") == [f"/findings/{finding}"]
    for who, links in (("handler", []), ("monitor", [f"/checks/{check}"])):
        told = visit(who).get(f"/findings/{finding}")
        assert check in text(told)
        assert page(told).xpath(f"//a[contains(@href, '{check}')]/@href") == links
    crumbs = page(visit("monitor").get(f"/checks/{check}")).xpath("//nav[@class='crumbs']//a/@href")
    assert crumbs == ["/quality", "/supervision", f"/supervision/{inspection}"]
