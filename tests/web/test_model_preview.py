"""Before a process owner deploys, the page tells what changes, and what runs meanwhile."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.assembly import Redress
from engine.store.tables.models import Bundle
from tests.web.conftest import Visit, page, text

PROCESSES = Path(__file__).parents[2] / "processes" / "complaint"
FORMS = Path(__file__).parents[2] / "forms" / "complaint"


def sent(browser: Any, files: Mapping[str, str], **fields: str) -> TestResponse:
    """Send files as the page does."""
    data = {"files": [(io.BytesIO(content.encode()), name) for name, content in files.items()], **fields}
    answer: TestResponse = browser.post("/models", data, content_type="multipart/form-data")
    return answer


def edited() -> dict[str, str]:
    """Return a diagram, a decision table and a form as an owner has changed them."""
    diagram = (PROCESSES / "complaint.bpmn").read_text(encoding="utf-8")
    table = (PROCESSES / "approval-limits.dmn").read_text(encoding="utf-8")
    form = (FORMS / "archive.form").read_text(encoding="utf-8")
    return {
        "complaint.bpmn": diagram.replace('name="歸檔"', 'name="整理歸檔"'),
        "approval-limits.dmn": table.replace("主管權限內", "主管權限之內"),
        "archive.form": form.replace('"label": "保存類別"', '"label": "類別"'),
    }


def hidden(answer: TestResponse) -> dict[str, str]:
    """Return the fields that the page holds for the deployment."""
    inputs = page(answer).xpath("//main//form//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in inputs}


def bundles(engine: Redress) -> int:
    with engine.sessions.read() as session:
        return session.scalars(select(func.count()).select_from(Bundle)).one()


def test_the_preview_tells_what_changes_and_what_runs_and_deploys_nothing(
    visit: Visit, engine: Redress, complaint_no: str
) -> None:
    browser, before = visit("owner"), bundles(engine)
    answer = sent(browser, edited(), note="clearer", act="preview")
    assert answer.status_code == 200
    shown = page(answer)
    assert {"保存類別", "歸檔"} <= {each.text for each in shown.xpath("//del")}
    assert {"類別", "整理歸檔"} <= {each.text for each in shown.xpath("//ins")}
    drawn = json.loads(shown.xpath("//figure//script/text()")[0])
    assert drawn["states"] == {"archive": "changed"}
    assert "整理歸檔" in drawn["xml"]
    assert "1 instance runs and stays" in text(answer)
    assert bundles(engine) == before

    kept = hidden(answer)
    done = browser.post("/models", {**kept, "note": "clearer", "act": "deploy"})
    assert done.status_code == 303, text(done)
    assert bundles(engine) == before + 1
    late = browser.post("/models", {**kept, "note": "again", "act": "deploy"})
    assert late.status_code == 409
    assert "look again at what changes" in text(late)


def test_what_is_wrong_is_told_before_anything_is_shown_and_a_damaged_page_deploys_nothing(
    visit: Visit, engine: Redress
) -> None:
    browser, before = visit("owner"), bundles(engine)
    broken = {
        "extension.bpmn": "<x/>",
        "approval-limits.dmn": "no xml",
        "archive.form": '{"type": ',
        "process.toml": "family = ",
        "notes.docx": "text",
    }
    for name, content in broken.items():
        answer = sent(browser, {name: content}, family="complaint", note="x", act="preview")
        assert answer.status_code == 422, name
        assert name in text(answer)
    for packed in ("no base64!", "bm8gYXJjaGl2ZQ=="):
        answer = browser.post("/models", {"packed": packed, "note": "x", "act": "deploy"})
        assert answer.status_code == 422
        assert "choose them again" in text(answer)
    assert bundles(engine) == before
    assert visit("handler").post("/models", {"act": "preview"}).status_code == 403
