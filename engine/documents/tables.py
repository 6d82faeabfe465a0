"""Tables with charts as files: a PDF to read and sign, a workbook to reckon with (R51)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.documents.pdf import FACES, find_font

Cell = str | int | float | None
FORMATS: Final = {
    "count": "#,##0",
    "share": "0.0%",
    "p": "0.0000",
    "money": "#,##0.00",
    "rate": "0.00",
    "text": "@",
}
"""What the numbers of a column are, and how a workbook writes them."""
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
_LONGEST_SHEET_NAME: Final = 31
FIRST: Final = 15
"""So many rows stand in a page or print where a table has `rest`; a workbook has them all."""
_BAR_MM: Final = 40.0
_LINE_MM: Final = 6.0
_LEAST_TEXT_MM: Final = 26.0
_LEAST_NUMBER_MM: Final = 10.0


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, what it says in words, its columns with what their numbers are, and its rows.

    `drawn` is the column that is drawn as bars; `links` are the addresses of what stands behind each row, for
    pages alone. `rest` is a row that tells of those behind the `FIRST`, where there are any and it may.
    """

    title: str
    note: str
    head: Sequence[str]
    kinds: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    drawn: int | None = None
    links: Sequence[str | None] = ()
    rest: Sequence[Cell] = ()

    @property
    def printed(self) -> Sequence[Sequence[Cell]]:
        """The rows as paper holds them: those behind the first ones in one row, where they may be."""
        return [*self.rows[:FIRST], self.rest] if self.rest else self.rows


def written(value: Cell, kind: str) -> str:
    """Return a cell as people read it; nothing is a dash."""
    if value is None:
        return "—"
    if kind == "share" and not isinstance(value, str):
        return f"{value * 100:.1f} %"
    if kind == "p" and not isinstance(value, str):
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    if kind == "rate" and not isinstance(value, str):
        return f"{value:.2f}"
    return str(value)


def pdf_of_tables(
    title: str,
    lead: Iterable[str],
    tables: Iterable[Table],
    language: str,
    attached: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a PDF: title, paragraphs, then each table with its bars; `attached` are files within it by name.

    Raises ConfigurationError where the font is not installed.
    """
    from fpdf import FPDF  # 0.5 s to import, for the few who write reports

    class Numbered(FPDF):
        def footer(self) -> None:
            self.set_xy(self.l_margin, -13)
            self.set_font("report", size=8)
            self.cell(0, 5, f"{title} · {self.page_no()} / {{nb}}", align="R")

    pdf = Numbered(format="A4")
    pdf.set_title(title)
    pdf.set_margins(18, 18)
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.add_font("report", fname=find_font(), collection_font_number=FACES.get(language, 3))
    pdf.add_page()
    pdf.set_font("report", size=17)
    pdf.multi_cell(0, 10, title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("report", size=10)
    for paragraph in lead:
        pdf.multi_cell(0, _LINE_MM, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
    for table in tables:
        _draw(pdf, table)
    for name, content in (attached or {}).items():
        pdf.embed_file(basename=name, bytes=content, compress=False)
    return bytes(pdf.output())


def _draw(pdf: Any, table: Table) -> None:
    if pdf.will_page_break(8 * _LINE_MM):
        pdf.add_page()
    pdf.ln(4)
    pdf.set_font("report", size=13)
    pdf.multi_cell(0, 8, table.title, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("report", size=9)
    if table.note:
        pdf.multi_cell(0, 5, table.note, align="L", new_x="LMARGIN", new_y="NEXT")
    room = pdf.epw - (_BAR_MM if table.drawn is not None else 0)
    widths = _widths(pdf, table, room)
    _row(pdf, table.head, widths, table.kinds)
    top = max((_number(row[table.drawn]) for row in table.rows), default=0) if table.drawn is not None else 0
    for row in table.printed:
        cells = [written(value, kind) for value, kind in zip(row, table.kinds, strict=True)]
        if pdf.will_page_break(_height(pdf, cells, widths)):
            pdf.add_page()
            pdf.set_font("report", size=9)
            _row(pdf, table.head, widths, table.kinds)
        y = pdf.get_y()
        lines = _row(pdf, cells, widths, table.kinds)
        if table.drawn is not None and top and pdf.get_y() > y and row is not table.rest:
            pdf.set_fill_color(15, 92, 99)
            wide = (_BAR_MM - 4) * _number(row[table.drawn]) / top
            pdf.rect(pdf.l_margin + room + 2, y + 1.5 + (lines - 1), max(wide, 0.1), _LINE_MM - 3, style="F")


def _height(pdf: Any, cells: Sequence[str], widths: Sequence[float]) -> float:
    """Return how high a row is: as high as the cell that takes the most lines. A row stays on one page."""
    return max(
        _LINE_MM * len(pdf.multi_cell(wide, _LINE_MM, cell, dry_run=True, output="LINES"))
        for cell, wide in zip(cells, widths, strict=True)
    )


def _row(pdf: Any, cells: Sequence[str], widths: Sequence[float], kinds: Sequence[str]) -> int:
    """Write a row whose first column may take several lines; return how many it took."""
    x, y, deepest = pdf.l_margin, pdf.get_y(), pdf.get_y()
    for cell, wide, kind in zip(cells, widths, kinds, strict=True):
        pdf.set_xy(x, y)
        pdf.multi_cell(
            wide, _LINE_MM, cell, align="L" if kind == "text" else "R", new_x="RIGHT", new_y="NEXT"
        )
        deepest = max(deepest, pdf.get_y())
        x += wide
    pdf.set_draw_color(200, 205, 205)
    pdf.line(pdf.l_margin, deepest, x, deepest)
    pdf.set_xy(pdf.l_margin, deepest)
    return int((deepest - y) / _LINE_MM + 0.5)


def _widths(pdf: Any, table: Table, room: float) -> list[float]:
    """Give each column of numbers the room of its widest one and half its heading, texts what is left.

    Where that leaves texts too little they have three times the room of a number.
    """
    wanted = [
        0.0 if kind == "text" else _wanted(pdf, table, place, kind) for place, kind in enumerate(table.kinds)
    ]
    texts = list(table.kinds).count("text")
    left = (room - sum(wanted)) / max(texts, 1)
    if left < _LEAST_TEXT_MM:
        parts = [3.0 if kind == "text" else 1.0 for kind in table.kinds]
        return [room * part / sum(parts) for part in parts]
    return [wide or left for wide in wanted]


def _wanted(pdf: Any, table: Table, place: int, kind: str) -> float:
    cells = (pdf.get_string_width(written(row[place], kind)) for row in table.printed)
    widest: float = max((pdf.get_string_width(table.head[place]) / 2, *cells))
    return max(widest + 2 * float(pdf.c_margin) + 1.5, _LEAST_NUMBER_MM)


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def workbook_of_tables(title: str, lead: Iterable[str], tables: Sequence[Table]) -> bytes:
    """Return a workbook (XLSX): a sheet of text, then one a table with a chart of what is drawn."""
    import xlsxwriter  # for the few who write reports

    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    names = _sheet_names([title, *(table.title for table in tables)])
    first = book.add_worksheet(names[0])
    first.set_column(0, 0, 100)
    for line, text in enumerate([title, *lead]):
        first.write_string(line, 0, text, wrap if line else bold)
    for name, table in zip(names[1:], tables, strict=True):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(table.head), 14)
        sheet.write_string(0, 0, table.title, bold)
        sheet.write_string(1, 0, table.note)
        for place, (head, kind) in enumerate(zip(table.head, table.kinds, strict=True)):
            sheet.write_string(3, place, head, bold)
            for line, row in enumerate(table.rows, 4):
                _write(sheet, line, place, row[place], formats[kind])
        if table.drawn is not None and table.rows:
            sheet.insert_chart(3, len(table.head) + 1, _chart(book, name, table))
    book.close()
    return content.getvalue()


def _sheet_names(titles: Iterable[str]) -> list[str]:
    """Return what the sheets are called: their titles as far as Excel takes them, each once."""
    found: list[str] = []
    for title in titles:
        plain = _NO_SHEET_NAME.sub(" ", title).strip(" '")[:_LONGEST_SHEET_NAME].rstrip(" '")
        name, number = plain or str(len(found)), 1
        while name.lower() in map(str.lower, found) or name.lower() == "history":
            number += 1
            end = f" {number}"
            name = plain[: _LONGEST_SHEET_NAME - len(end)] + end
        found.append(name)
    return found


def _write(sheet: Any, line: int, place: int, value: Cell, form: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(line, place, value)
    elif value is not None:
        sheet.write_number(line, place, value, form)


def _chart(book: Any, name: str, table: Table) -> Any:
    chart = book.add_chart({"type": "bar"})
    last = 3 + len(table.rows)
    chart.add_series(
        {
            "name": [name, 3, table.drawn],
            "categories": [name, 4, 0, last, 0],
            "values": [name, 4, table.drawn, last, table.drawn],
            "fill": {"color": "#0F5C63"},
        }
    )
    chart.set_title({"name": table.title})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    return chart
