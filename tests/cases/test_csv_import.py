"""Importing complaints from a file: once each, companies hidden, bad rows named by line."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.csv_import import CsvImport, ImportReport, pseudonym
from engine.errors import InvalidInput
from engine.people.actor import SYSTEM
from engine.store.tables.cases import Complaint
from tests.driving import drive
from tests.world import ROOT

HEADER = [
    "Date received",
    "Product",
    "Sub-product",
    "Issue",
    "Sub-issue",
    "Consumer complaint narrative",
    "Company public response",
    "Company",
    "State",
    "ZIP code",
    "Tags",
    "Consumer consent provided?",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
    "Complaint ID",
]
SHARED = ROOT.parent / "shared" / "data" / "cfpb_personal_loan_2023.csv"


def row(number: int, **changes: str) -> dict[str, str]:
    values = dict.fromkeys(HEADER, "")
    values |= {
        "Date received": "2023-07-21",
        "Product": "Payday loan, title loan, or personal loan",
        "Issue": "Charged fees or interest you didn't expect",
        "Consumer complaint narrative": "They charged me twice.\nTwo lines.",
        "Company": "Real Lender, Inc.",
        "Submitted via": "Web",
        "Complaint ID": str(number),
    }
    return values | changes


def write(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(redress: Redress, path: Path, *, shift: bool = True) -> ImportReport:
    work = CsvImport(redress.runtime, SYSTEM, path, shift=shift)
    for _ in work.run():
        pass
    return work.report


def complaints(redress: Redress) -> list[Complaint]:
    with redress.sessions.read() as session:
        return list(session.scalars(select(Complaint).order_by(Complaint.source_ref)))


def test_rows_become_complaints_with_category_channel_and_grade_of_the_tables(
    redress: Redress, tmp_path: Path
) -> None:
    rows = [
        row(1),
        row(2, **{"Issue": "Received a loan you didn't apply for", "Submitted via": "Phone"}),
        row(3, **{"Issue": "Can't stop withdrawals from your bank account", "Submitted via": "Web Referral"}),
        row(4, Issue="Something never seen", Tags="Older American"),
    ]
    assert run(redress, write(tmp_path / "a.csv", rows)).registered == 4
    found = [(item.category, item.channel, item.grade) for item in complaints(redress)]
    assert found == [
        ("product", "portal", 3),
        ("other", "hotline", 1),
        ("business", "regulator", 2),
        ("business", "portal", 2),
    ]
    assert all(item.registered_at is not None for item in complaints(redress))


def test_the_newest_row_is_received_today_and_the_others_as_long_before(
    redress: Redress, tmp_path: Path
) -> None:
    rows = [row(1), row(2, **{"Date received": "2023-07-11"})]
    run(redress, write(tmp_path / "a.csv", rows))
    zone = redress.config.timezone
    days = [item.received_at.astimezone(zone).date() for item in complaints(redress)]
    assert days[0] == clock.now().astimezone(zone).date()
    assert (days[0] - days[1]).days == 10
    as_is = run(redress, write(tmp_path / "b.csv", [row(3)]), shift=False)
    assert as_is.registered == 1
    assert complaints(redress)[-1].received_at.astimezone(zone).date().isoformat() == "2023-07-21"


def test_repeating_an_import_registers_nothing_twice(redress: Redress, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [row(number) for number in range(1, 31)])
    assert run(redress, path).registered == 30
    again = run(redress, path)
    assert (again.registered, again.known, again.rejected) == (0, 30, [])


def test_bad_rows_are_named_by_line_and_cost_only_themselves(redress: Redress, tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, **{"Consumer complaint narrative": ""}),
        row(3, **{"Date received": "soon"}),
        row(4),
        row(1),
    ]
    report = run(redress, write(tmp_path / "a.csv", rows))
    assert (report.registered, report.known) == (2, 1)
    # every narrative has two lines, the second is empty: rows begin on lines 2, 4, 5, 7 and 9
    assert [line for line, _ in report.rejected] == [4, 5]
    assert "narrative" in report.rejected[0][1]
    assert "'soon'" in report.rejected[1][1]


def test_company_names_are_replaced(redress: Redress, tmp_path: Path) -> None:
    run(redress, write(tmp_path / "a.csv", [row(1)]))
    assert complaints(redress)[0].facts["partner"] == pseudonym("Real Lender, Inc.")
    assert "Real" not in pseudonym("Real Lender, Inc.")


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_a_wrong_file_is_refused(redress: Redress, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        CsvImport(redress.runtime, SYSTEM, path, shift=True)
    with redress.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 0


def test_an_imported_complaint_goes_to_the_archive(redress: Redress, tmp_path: Path) -> None:
    run(redress, write(tmp_path / "a.csv", [row(1, Issue="Received a loan you didn't apply for")]))
    assert drive(redress, complaints(redress)[0].no, leave=("explain-delay", "urge"))[-1] == "archive"


if SHARED.exists():

    def test_the_published_sample_imports_without_a_rejected_row(redress: Redress, tmp_path: Path) -> None:
        with SHARED.open(newline="", encoding="utf-8") as file:
            sample = list(csv.DictReader(file))[::40]
        report = run(redress, write(tmp_path / "sample.csv", sample))
        assert (report.registered, report.rejected) == (len(sample), [])
        assert {item.grade for item in complaints(redress)} == {1, 2, 3}
