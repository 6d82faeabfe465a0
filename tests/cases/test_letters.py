"""Letters: composed from what an owner wrote, kept as documents of the case, on both databases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine import read
from engine.assembly import Redress
from engine.cases.letters import compose, keep_letter, script, templates
from engine.documents.pdf import pdf_of
from engine.documents.register import open_document
from engine.errors import ConfigurationError, Forbidden, InvalidInput, NotFound
from engine.store.tables.audit import History
from tests.driving import drive
from tests.world import actor, register


def case(redress: Redress, no: str, by: str = "handler") -> dict[str, object]:
    with redress.sessions.read() as session:
        return read.complaint(session, actor(redress, by), no)


def letter(redress: Redress, no: str, form: str, language: str) -> str:
    with redress.sessions.read() as session:
        return "\n\n".join(compose(redress.runtime, session, case(redress, no), form, language).paragraphs)


def test_a_letter_is_filled_in_the_language_of_its_reader(redress: Redress) -> None:
    no = register(redress).complaint_no
    with redress.sessions.read() as session:
        offered = templates(redress.runtime, session, "letter", "en")
    assert offered["letter-acknowledgement"] == "Acknowledgement"
    said = letter(redress, no, "letter-acknowledgement", "zh-Hans")
    assert said.startswith("尊敬的王小明CANARY：")
    assert no in said
    assert "2026-03-05" in said
    assert "Dear 王小明CANARY," in letter(redress, no, "letter-acknowledgement", "en")


def test_no_letter_promises_a_later_day_than_the_law_allows(redress: Redress) -> None:
    no = register(redress, grade=1).complaint_no  # 15 working days end on 23 March, the law's 15 days before
    with redress.sessions.read() as session:
        mail = compose(
            redress.runtime,
            session,
            case(redress, no),
            "mail-acknowledgement",
            "en",
            use="mail",
            more={"link": {}},
        )
    written = [letter(redress, no, form, "en") for form in ("letter-acknowledgement", "letter-delay")]
    for said in (*written, "\n".join(mail.paragraphs)):
        assert "2026-03-17" in said
        assert "2026-03-23" not in said


def test_the_answer_holds_what_was_told_and_leaves_out_what_there_is_not(redress: Redress) -> None:
    no = register(redress).complaint_no
    assert "一、處理情況\n\n" in letter(redress, no, "letter-result", "zh-Hant") + "\n\n"
    drive(redress, no, until="ask-satisfaction", answers={"notify-customer": {"told_result": "退回重複扣款"}})
    said = letter(redress, no, "letter-result", "zh-Hant")
    assert "二、處理結果\n退回重複扣款" in said
    assert "{{" not in said
    assert letter(redress, no, "letter-delay", "zh-Hant").count("\n\n") == 3


def test_a_letter_is_kept_as_a_pdf_of_the_case_and_noted_without_its_words(redress: Redress) -> None:
    no = register(redress).complaint_no
    given = {"title": "答復函", "text": "王小明CANARY：\n\n已退款。", "language": "zh-Hans"}
    row = case(redress, no)
    kept = keep_letter(redress.runtime, redress.vault, actor(redress, "handler"), row, **given)
    assert [document["id"] for document in case(redress, no)["documents"]] == [kept]  # type: ignore[attr-defined]
    with redress.sessions.read() as session:
        opened = open_document(session, redress.vault, kept)
        assert (opened.name, opened.document.media_type) == (f"答復函 {no}.pdf", "application/pdf")
        assert opened.content.read(5) == b"%PDF-"
        opened.content.close()
        (entry,) = session.scalars(select(History).where(History.kind == "letter.composed"))
    assert "CANARY" not in entry.data
    with pytest.raises(Forbidden):
        keep_letter(redress.runtime, redress.vault, actor(redress, "auditor"), row, **given)
    with pytest.raises(InvalidInput):
        keep_letter(redress.runtime, redress.vault, actor(redress, "handler"), row, **{**given, "text": " "})


def test_what_is_no_letter_is_not_composed_and_a_script_is_read_as_lines(redress: Redress) -> None:
    no = register(redress).complaint_no
    with pytest.raises(NotFound):
        letter(redress, no, "investigate", "en")
    with redress.sessions.read() as session:
        assert len(script(redress.runtime, session, "hotline-script", "en")) == 6
        assert script(redress.runtime, session, "no-such-script", "en") == []


def test_a_letter_of_many_paragraphs_runs_over_pages_in_the_glyphs_of_its_language() -> None:
    for language, face in (("zh-Hant", b"NotoSansCJKTC"), ("zh-Hans", b"NotoSansCJKSC")):
        pdf = pdf_of("處理結果答復函", ["段落" * 60] * 40, language)
        assert len(re.findall(rb"/Type /Page\b", pdf)) > 2
        assert face in pdf


def test_without_the_font_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.documents.pdf.FONT_FOLDERS", ())
    with pytest.raises(ConfigurationError, match="fonts-noto-cjk"):
        pdf_of("t", ["p"], "en")
