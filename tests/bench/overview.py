"""The overview of 200,000 cases beside that of 2,000: the page's 95th percentile, a month summed up; and the
quality work of the same registers.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from engine import clock
from engine.assembly import Redress, assemble
from engine.quality.summary import MONTHS, months_back, sum_up_month
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey, SurveyAnswer
from engine.store.tables.measures import CaseMeasure
from tests.bench.figures import Figure, seconds, size
from tests.bench.lists import Filled
from tests.bench.quality import quality_figures
from tests.driving import drive
from tests.world import MONDAY, furnish, register, settings
from web import create_app

SMALL, LARGE = 2_000, size("OVERVIEW", 200_000)
ROUNDS = 60
AT_MOST = 3
PAGE = "/reports"
BATCH = 5_000
SPREAD_MINUTES = 730 * 24 * 60
CHANNELS = ("hotline", "email", "chat", "portal", "counter", "regulator")
CATEGORIES = ("business", "service", "product", "other")
CAUSES = ("process", "staff", "system", "partner", "information")


def fill(redress: Redress, count: int) -> None:
    """Copy one archived case so often, spread over two years; one of fifty is open, a third has a score."""
    number = register(redress).complaint_no
    drive(redress, number)
    with redress.sessions.read() as session:
        complaint = dict(
            session.execute(select(table_of(Complaint)).where(Complaint.no == number)).one()._mapping
        )
    for first in range(0, count, BATCH):
        rows = [_case(complaint, n) for n in range(first, min(first + BATCH, count))]
        answered = [row for row in rows if row["notified_at"]]
        with redress.sessions.step_engine.begin() as connection:
            connection.execute(insert(table_of(Complaint)), rows)
            connection.execute(
                insert(table_of(CaseMeasure)), [_measure(row, n) for n, row in enumerate(rows)]
            )
            connection.execute(insert(table_of(Survey)), [_survey(row) for row in answered])
            connection.execute(insert(table_of(SurveyAnswer)), [_answer(row) for row in answered[::3]])
    with redress.sessions.step_engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    for month in months_back(MONDAY.date(), MONTHS):
        sum_up_month(redress.runtime, month)


def _case(complaint: dict[str, Any], n: int) -> dict[str, Any]:
    received = MONDAY - timedelta(minutes=n * 7919 % SPREAD_MINUTES)
    is_open, late = n % 50 == 0, n % 17 == 0
    due = received + timedelta(days=5)
    told = None if is_open else due + timedelta(hours=30 if late else -40)
    return complaint | {
        "no": f"RC-X{n:08d}",
        "instance_id": None,
        "status": "handling" if is_open else "archived",
        "channel": CHANNELS[n % len(CHANNELS)],
        "category": CATEGORIES[n % 7 % len(CATEGORIES)],
        "grade": 1 + (n % 10 > 0) + (n % 10 > 2),
        "received_at": received,
        "registered_at": received + timedelta(minutes=n % 90),
        "due_at": due,
        "original_due_at": due,
        "statutory_due_at": received + timedelta(days=15),
        "notified_at": told,
        "closed_at": told,
        "archived_at": told,
        "repeat_of": f"RC-X{n - 1:08d}" if n % 23 == 22 else None,
    }


def _measure(row: dict[str, Any], n: int) -> dict[str, Any]:
    return {
        "complaint_no": row["no"],
        "finding": ("substantiated", "partly", "unsubstantiated")[n % 3],
        "root_cause": CAUSES[n * n % 11 % len(CAUSES)],
        "partner": f"partner-{n % 40}",
        "vulnerable": n % 12 == 0,
        "identified": True,
        "plans": 1,
        "returns": int(n % 9 == 0),
        "planned_cents": 0,
        "paid_cents": 0,
        "downgraded_at": None,
        "downgraded_late": False,
        "second_review": False,
        "first_told_at": row["registered_at"],
        "urged": n % 4 // 3,
        "silent_days": n % 7,
        "working_days": 3 + n % 3,
    }


def _survey(row: dict[str, Any]) -> dict[str, Any]:
    told = row["notified_at"]
    return {
        "complaint_no": row["no"],
        "token_digest": row["no"],
        "asked_at": told,
        "closes_at": told + timedelta(days=60),
    }


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    score = 5 - int(row["no"][-2:]) % 11 // 4 - (int(row["no"][-3:]) % 13 == 0)
    return {
        "id": row["no"],
        "complaint_no": row["no"],
        "score": score,
        "comment_ref": None,
        "source": "self",
        "at": row["notified_at"],
    }


def overview_figures(
    name: str, small: tuple[Path, str | None], large: tuple[Path, str | None]
) -> Iterator[list[Figure]]:
    """Give the page of both registers, interleaved, how long a month of the large one takes to sum up, and
    what the quality work takes.
    """
    for folder, url in (small, large):
        furnish(folder, url)
    with (
        closing(assemble(settings(*small))) as little,
        closing(assemble(settings(*large))) as much,
    ):
        clock.set_to(MONDAY)
        fill(little, SMALL)
        fill(much, LARGE)
        both = (Filled(little, create_app(little), {}), Filled(much, create_app(much), {}))
        clients = [each.log_in("management") for each in both]
        for client in clients:
            if client.get(PAGE).status_code != 200:
                raise RuntimeError(f"{PAGE} did not answer")
        times = [[seconds(partial(client.get, PAGE)) * 1000 for client in clients] for _ in range(ROUNDS)]
        baseline, value = (statistics.quantiles(each, n=20)[-1] for each in zip(*times, strict=True))
        month = seconds(lambda: sum_up_month(much.runtime, months_back(MONDAY.date(), 2)[1]))
        quality = list(quality_figures(name, (SMALL, LARGE), both))
    yield [
        Figure(
            f"page {PAGE}, 95th of {ROUNDS}, {LARGE:,} cases beside {SMALL:,}, {name}",
            round(value, 1),
            "ms",
            round(baseline, 1),
            round(value / baseline, 2),
            f"at most {AT_MOST} times",
            value <= AT_MOST * baseline,
        ),
        Figure(f"one month of {LARGE:,} cases over two years summed up, {name}", round(month, 2), "s"),
        *quality,
    ]
