"""The register of partners: who keeps it, what complaints about them count as, and what was changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from engine.assembly import Redress
from engine.cli.partners import partner, read_rows
from engine.domain.kpi import read_period
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.people.actor import SYSTEM
from engine.people.partners import add_name, import_partners, save_partner
from engine.quality.facts import gather
from engine.quality.measure import measure
from engine.read.partners import one_partner, partner_choices, partner_list, unknown_names
from engine.store.tables.audit import History
from tests.driving import complaint
from tests.world import MONDAY, ZONE, actor, register

TERMS: dict[str, Any] = {
    "name": "催收甲公司",
    "contract_no": "HT-2026-1",
    "kind": "collector",
    "contact": "合作方信箱 desk@collector.example",
    "active_from": "2026-01-01",
    "active_until": None,
    "department_id": "collections",
}


def save(redress: Redress, partner_id: str = "collector-1", by: str = "analyst", **changes: Any) -> bool:
    with redress.sessions.step() as session:
        return save_partner(session, actor(redress, by), partner_id, TERMS | changes)


def by_partner(redress: Redress) -> dict[Any, int]:
    """Return how many complaints received in the month count under which partner."""
    gather(redress.runtime)
    with redress.sessions.read() as session:
        found = measure(session, actor(redress, "analyst"), read_period("2026-03"), ZONE, by="partner")
    (repeats,) = (each for each in found if each.figure.name == "repeats")
    return {line.value: line.proportion.of for line in repeats.lines}


def test_what_names_a_partner_counts_as_the_partners_also_when_the_name_is_known_only_later(
    redress: Redress,
) -> None:
    before = register(redress, partner="催收  甲公司").complaint_no
    register(redress, partner="甲催收")
    register(redress, partner="某平台")
    assert by_partner(redress) == {"催收  甲公司": 1, "甲催收": 1, "某平台": 1}
    assert save(redress)
    after = register(redress, partner="催收甲公司").complaint_no
    assert complaint(redress, after).facts["partner"] == "collector-1"
    assert complaint(redress, register(redress, partner="COLLECTOR-1").complaint_no).facts["partner"] == (
        "collector-1"
    )
    with redress.sessions.step() as session:
        add_name(session, actor(redress, "compliance"), "collector-1", "催收 甲公司")
        add_name(session, actor(redress, "compliance"), "collector-1", "甲催收")
    assert by_partner(redress) == {"collector-1": 4, "某平台": 1}
    assert complaint(redress, before).facts["partner"] == "催收  甲公司"  # as it was written
    with redress.sessions.read() as session:
        assert unknown_names(session, actor(redress, "agent")) == [("某平台", 1)]
    save(redress, name="催收甲有限公司")
    assert complaint(redress, register(redress, partner="催收甲公司").complaint_no).facts["partner"] == (
        "collector-1"
    )


def test_every_change_is_kept_and_the_trail_tells_which_fields(redress: Redress) -> None:
    assert save(redress)
    assert not save(redress)
    assert save(redress, by="compliance", active_until="2026-02-28", contact="新地址")
    with redress.sessions.read() as session:
        found = one_partner(session, actor(redress, "handler"), "collector-1")
        kept = session.execute(
            select(History.kind, History.actor, History.data)
            .where(History.kind.like("partner.%"))
            .order_by(History.seq)
        ).all()
        today = MONDAY.astimezone(ZONE).date()
        assert partner_choices(session, today) == [("collector-1", "催收甲公司", False)]
    first, last = found["changes"][-1], found["changes"][0]
    assert (first["by"], first["changed"]["name"]) == ("analyst", [None, "催收甲公司"])
    assert (last["by"], last["changed"]["active_until"]) == ("compliance", [None, "2026-02-28"])
    assert [(row.kind, row.actor) for row in kept] == [
        ("partner.added", "analyst"),
        ("partner.changed", "compliance"),
    ]
    assert orjson.loads(kept[1].data)["changed"] == ["active_until", "contact"]
    assert "新地址" not in kept[1].data


def test_what_cannot_be_kept_is_refused_by_field_and_to_whom_it_is_not_given(redress: Redress) -> None:
    wrong = {"name": " ", "kind": "bank", "active_until": "2025-01-01", "department_id": "none"}
    with pytest.raises(InvalidInput) as refused:
        save(redress, "X", **wrong)
    assert set(refused.value.errors) == {"id", *wrong}
    for who in ("agent", "admin", "auditor", "supervisor"):
        with pytest.raises(Forbidden):
            save(redress, by=who)
    save(redress)
    with pytest.raises(Conflict, match="collector-1"):
        save(redress, "collector-2")
    with redress.sessions.step() as session, pytest.raises(Conflict):
        save_partner(session, actor(redress, "analyst"), "collector-1", TERMS, new=True)


def test_a_list_is_read_in_whole_or_not_at_all(redress: Redress, tmp_path: Path) -> None:
    heading = "id,name,contract_no,kind,contact,active_from,active_until,department_id"
    good = "p-1,示例平台,HT-1,loan_platform,a@b.example,2026-01-01,,\n"
    as_csv = f"\ufeff{heading}\n{good}p-2,示例擔保,HT-2,guarantor,x,2026-01-01,2026-12-31,products\n"
    with redress.sessions.step() as session:
        assert import_partners(session, SYSTEM, read_rows(as_csv.encode(), "p.csv")) == (2, 2)
        again = json.dumps(read_rows(as_csv.encode(), "p.csv")).encode()
        assert import_partners(session, SYSTEM, read_rows(again, "p.JSON")) == (2, 0)
    bad = read_rows(f"{heading}\n{good.replace('p-1,示例平台', 'p-3,新平台')}p-4,,,,,,,\n".encode(), "p.csv")
    with pytest.raises(InvalidInput) as refused, redress.sessions.step() as session:
        import_partners(session, SYSTEM, bad)
    assert "rows.2.name" in refused.value.errors
    for content, name in ((b"\xff", "p.csv"), (b"{}", "p.json"), (b"[1]", "p.json")):
        with pytest.raises(InvalidInput, match=name):
            read_rows(content, name)
    with redress.sessions.read() as session:
        listed = [row["id"] for row in partner_list(session, SYSTEM).items]
    assert listed == ["p-1", "p-2"]


def test_the_command_reads_a_file_and_lists_what_is_there(sqlite_seed: Path, tmp_path: Path) -> None:
    file = tmp_path / "partners.json"
    file.write_text(json.dumps([{"id": "p-1", **TERMS}]), "utf-8")
    folder = tmp_path / "var"
    shutil.copytree(sqlite_seed, folder)
    environment = {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(folder)}
    done = CliRunner(env=environment).invoke(partner, ["import", str(file)])
    assert (done.exit_code, done.output) == (0, "1 partner(s) read, 1 added or changed.\n")
    assert "催收甲公司" in CliRunner(env=environment).invoke(partner, ["list"]).output
