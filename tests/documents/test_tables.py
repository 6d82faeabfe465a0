"""A report as PDF and workbook: a row stays on one page, a sheet is called as its table."""

from __future__ import annotations

import io
import re
import zipfile

from lxml import etree

from engine.documents.tables import Table, pdf_of_tables, workbook_of_tables

CASES = ", ".join(f"RC-20261127-{number:06}" for number in range(8))


def table(title: str, rows: int) -> Table:
    lines = [(f"keyword · {number}", 8, CASES) for number in range(rows)]
    return Table(title, "", ("Keywords", "Cases", "Among them"), ("text", "count", "text"), lines, drawn=1)


def test_a_row_of_several_lines_is_not_torn_apart_at_the_end_of_a_page() -> None:
    empty = Table("無", "", ("指標", *"至自件率"), ("text", *["share"] * 4), [])
    many = Table(
        "多", "", ("x" * 40, *"至自件率至自件率"), ("text", *["share"] * 8), [("x" * 90, *[1.0] * 8)]
    )
    assert pdf_of_tables("報告", ["評述"], [empty, many], "zh-Hant").startswith(b"%PDF")
    content = pdf_of_tables("Report", [], [table("Alike", 12)], "en")
    # A page holds five or six rows of seven lines; one that was torn cost two pages with a line each.
    assert len(re.findall(rb"/Type /Page\b", content)) <= 3


def test_paper_has_the_first_rows_and_the_others_in_one_the_workbook_all() -> None:
    rows = [(f"partner {number}", number) for number in range(200)]
    many = Table("Partners", "", ("Partner", "Cases"), ("text", "count"), rows, drawn=1, rest=("others", 9))
    assert [row[0] for row in many.printed] == [*(f"partner {number}" for number in range(15)), "others"]
    assert len(re.findall(rb"/Type /Page\b", pdf_of_tables("Report", [], [many], "en"))) == 1
    book = zipfile.ZipFile(io.BytesIO(workbook_of_tables("Report", [], [many])))
    texts = book.read("xl/sharedStrings.xml").decode()
    assert ("partner 199" in texts, "others" in texts) == (True, False)


def test_sheets_are_called_as_their_tables_as_far_as_excel_takes_it() -> None:
    titles = ["分布：渠道", "Grade [1/2]: all?", "History", "x" * 40, "x" * 40, ""]
    content = workbook_of_tables("投訴分析報告 2026-11", [], [table(each, 1) for each in titles])
    book = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml"))
    names = [sheet.get("name") for sheet in book.iter("{*}sheet")]
    assert names == [
        "投訴分析報告 2026-11",
        "分布：渠道",
        "Grade  1 2  all",
        "History 2",
        "x" * 31,
        f"{'x' * 29} 2",
        "6",
    ]
