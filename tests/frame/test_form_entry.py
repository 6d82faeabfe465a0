"""The `form` entry of the browser bundle, in a real browser under the strict policy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.chromium import taken_out
from tests.frame.site import Site, data

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = {
    "type": "default",
    "id": "trial",
    "schemaVersion": 19,
    "components": [
        {
            "type": "textfield",
            "id": "Field_Finding",
            "key": "finding",
            "label": "調查結果",
            "validate": {"required": True},
        },
        {"type": "number", "id": "Field_Amount", "key": "amount", "label": "退費金額"},
        {
            "type": "radio",
            "id": "Field_Decision",
            "key": "decision",
            "label": "決定",
            "values": [{"label": "成立", "value": "upheld"}, {"label": "不成立", "value": "rejected"}],
        },
        {"type": "datetime", "id": "Field_On", "key": "on", "subtype": "date", "dateLabel": "日期"},
        {
            "type": "dynamiclist",
            "id": "List_Contacts",
            "path": "contacts",
            "label": "聯絡",
            "defaultRepetitions": 2,
            "allowAddRemove": True,
            "components": [{"type": "textfield", "id": "Field_Phone", "key": "phone", "label": "電話"}],
        },
        {"type": "filepicker", "id": "Field_Files", "key": "files", "label": "附件", "multiple": True},
    ],
}


def lay(site: Site, *, language: str = "zh-Hant", **definition: Any) -> str:
    submit = {"url": "/complete", "wrap": "variables", "extra": {"draft": False}, "after": "/done"}
    full = {"schema": SCHEMA, "values": {}, "submit": submit, "documents": "/documents"} | definition
    site.add_page(
        "/form",
        f'<section data-form>{data(full)}<div class="alert alert-danger" data-form-summary hidden></div>'
        "<div data-form-canvas></div><ul data-form-files></ul>"
        '<button type="button" data-form-submit>send</button>'
        '<span role="status" data-form-status></span></section>',
        entries=["app", "form"],
        language=language,
    )
    site.add_page("/done", "<h1>done</h1>", entries=["app"])
    return site.address + "/form"


def open_form(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('[data-form][data-ready="true"]').wait_for()


def text_file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_values_go_to_the_server_as_json_with_the_token_and_a_key(site: Site, page: Page) -> None:
    site.answers["/complete"] = lambda _body: (200, {"instance_state": "active"})
    open_form(page, lay(site, values={"amount": 12}))
    page.get_by_label("調查結果").fill("重複扣款屬實")
    page.get_by_text("不成立").click()
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done")
    ((path, headers, body),) = site.posts
    sent = json.loads(body)
    assert (path, sent["draft"]) == ("/complete", False)
    assert sent["variables"]["finding"] == "重複扣款屬實"
    assert sent["variables"]["amount"] == 12
    assert sent["variables"]["decision"] == "rejected"
    assert headers["X-CSRFToken"] == "token-of-the-page"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["Idempotency-Key"])


def test_a_missing_value_is_listed_with_a_link_to_its_field_and_nothing_is_sent(
    site: Site, page: Page
) -> None:
    open_form(page, lay(site))
    page.get_by_role("button", name="send").click()
    summary = page.locator("[data-form-summary]")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("有 1 個欄位需要修正")
    summary.get_by_role("link", name="調查結果：此欄位必填。").click()
    expect(page.get_by_label("調查結果")).to_be_focused()
    assert site.posts == []


def test_what_another_answer_asks_for_is_missed_at_its_field_and_nothing_is_sent(
    site: Site, page: Page
) -> None:
    why = {"type": "textarea", "id": "Field_Why", "key": "why", "label": "理由"}
    why["properties"] = {"required": '=decision = "rejected"'}  # type: ignore[assignment]
    site.answers["/complete"] = lambda _body: (200, {"instance_state": "active"})
    open_form(page, lay(site, schema={**SCHEMA, "components": [*SCHEMA["components"], why]}))
    page.get_by_label("調查結果").fill("不屬實")
    page.get_by_text("不成立").click()
    page.get_by_label("理由").fill("  ")
    page.get_by_role("button", name="send").click()
    summary = page.locator("[data-form-summary]")
    expect(summary.get_by_role("link")).to_have_text("理由：此欄位必填。")
    assert site.posts == []
    page.get_by_text("成立", exact=True).click()
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done")


def test_what_the_server_refuses_stands_at_the_fields_and_in_the_summary(
    site: Site, page: Page, page_errors: list[str]
) -> None:
    errors = {
        "finding": ["太短"],
        "contacts[1].phone": ["不是電話"],
        "decision": ["必選"],
        "elsewhere": ["不相符"],
    }
    site.answers["/complete"] = lambda _body: (422, {"title": "refused", "errors": errors})
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("短")
    page.get_by_role("button", name="send").click()
    summary = page.locator("[data-form-summary]")
    expect(summary.get_by_role("listitem")).to_have_text(
        ["調查結果：太短", "決定：必選", "電話：不是電話", "不相符"]
    )
    expect(page.locator(".fjs-form-field-textfield.fjs-has-errors")).to_have_count(2)
    summary.get_by_role("link", name="電話").click()
    expect(page.get_by_label("電話").nth(1)).to_be_focused()
    summary.get_by_role("link", name="決定").click()
    expect(page.get_by_label("成立", exact=True)).to_be_focused()
    page.get_by_label("退費金額").focus()
    expect(page.locator(".fjs-form-field-textfield.fjs-has-errors")).to_have_count(2)
    page.get_by_label("調查結果").fill("夠長了")
    expect(page.locator(".fjs-form-field-textfield.fjs-has-errors")).to_have_count(1)
    page.get_by_label("電話").nth(1).fill("010")
    expect(page.locator(".fjs-form-field-textfield.fjs-has-errors")).to_have_count(0)
    (refusal,) = taken_out(page, page_errors, 1)
    assert "422" in refusal


def test_the_same_values_sent_again_after_no_answer_carry_the_same_key(
    site: Site, page: Page, page_errors: list[str]
) -> None:
    keys: list[str] = []
    site.answers["/complete"] = lambda _body: (200, {})
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("屬實")
    page.on("request", lambda request: keys.extend(request.headers.get("idempotency-key", "").split()))
    page.route("**/complete", lambda route: route.abort())
    page.get_by_role("button", name="send").click()
    expect(page.locator("[data-form-summary]")).to_contain_text("無法連線到伺服器")
    page.unroute("**/complete")
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done")
    assert len(keys) == 2
    assert keys[0] == keys[1]
    page_errors.clear()


def test_a_lost_race_and_a_lost_sign_in_are_said(site: Site, page: Page, page_errors: list[str]) -> None:
    replies = iter([(409, {"detail": "這件工作已由他人完成"}), (401, {}), (500, {})])
    site.answers["/complete"] = lambda _body: next(replies)
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("屬實")
    for said in ("這件工作已由他人完成", "登入已逾時", "無法送出"):
        page.get_by_role("button", name="send").click()
        expect(page.locator("[data-form-summary]")).to_contain_text(said)
    assert len(taken_out(page, page_errors, 3)) == 3


def test_files_are_sent_by_themselves_and_their_ids_take_their_place(site: Site, page: Page) -> None:
    site.answers["/documents"] = lambda body: (201, {"document_id": "doc-1" if b"first" in body else "doc-2"})
    site.answers["/complete"] = lambda _body: (200, {"location": "/done?next"})
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("附件兩份")
    expect(page.locator(".fjs-filepicker-button")).to_have_text("選擇文件")
    page.set_input_files("input[type=file]", [text_file("一.txt", b"first"), text_file("二.txt", b"second")])
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done?next")
    assert [path for path, _, _ in site.posts] == ["/documents", "/documents", "/complete"]
    sent = sorted(word for _, _, body in site.posts[:2] for word in (b"first", b"second") if word in body)
    assert sent == [b"first", b"second"]  # side by side: which comes first is the network's affair
    assert json.loads(site.posts[2][2])["variables"]["files"] == ["doc-1", "doc-2"]


def test_files_join_those_chosen_before_and_one_that_is_refused_is_left_out_with_its_own_reason(
    site: Site, page: Page, page_errors: list[str]
) -> None:
    reasons = {b"empty": "文件是空的", b"program": "不收程式"}

    def taken(body: bytes) -> tuple[int, dict[str, Any]]:
        why = next((reasons[word] for word in reasons if word in body), None)
        return (
            (422, {"errors": {"file": [why]}}) if why else (201, {"document_id": f"doc-{body.count(b'!')}"})
        )

    site.answers["/documents"] = taken
    site.answers["/complete"] = lambda _body: (200, {"location": "/done?next"})
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("附件")
    wrong, lines = page.locator(".fjs-form-field-error"), page.locator("[data-form-files] li")
    for content in (b"empty", b"program"):
        page.set_input_files("input[type=file]", [text_file("x.txt", content)])
        expect(wrong).to_have_text(f"x.txt: {reasons[content]}")
        expect(page.locator("[data-form-summary]")).to_contain_text(reasons[content])
        expect(lines).to_have_text([re.compile(reasons[content])])
    for name, content in (("一.txt", b"!"), ("二.txt", b"!!"), ("三.txt", b"!!!")):
        page.set_input_files("input[type=file]", [text_file(name, content)])
        expect(lines.filter(has_text=f"{name} 已上傳").get_by_role("button")).to_be_visible()
    expect(wrong).to_have_count(0)
    page.get_by_role("button", name="移除 x.txt").click()
    page.get_by_role("button", name="移除 二.txt").click()
    expect(page.get_by_role("button", name="移除 三.txt")).to_be_focused()
    expect(lines).to_have_count(2)
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done?next")
    assert json.loads(site.posts[-1][2])["variables"]["files"] == ["doc-1", "doc-3"]
    assert [text for text in page_errors if "422" not in text] == []
    page_errors.clear()


def test_nothing_is_sent_without_a_refused_file_until_somebody_says_so(
    site: Site, page: Page, page_errors: list[str]
) -> None:
    site.answers["/documents"] = lambda body: (
        (422, {"errors": {"file": ["不收程式"]}}) if b"MZ" in body else (201, {"document_id": "doc-1"})
    )
    site.answers["/complete"] = lambda _body: (200, {"location": "/done?next"})
    open_form(page, lay(site))
    page.get_by_label("調查結果").fill("附件")
    page.set_input_files("input[type=file]", [text_file("a.exe", b"MZ"), text_file("b.txt", b"text")])
    lines, summary = page.locator("[data-form-files] li"), page.locator("[data-form-summary]")
    expect(lines).to_have_count(2)
    expect(lines.filter(has_text="不收程式")).to_have_count(1)
    expect(lines.filter(has_text="已上傳")).to_have_count(1)
    page.get_by_role("button", name="send").click()
    expect(summary).to_contain_text("有 1 個文件未被接受")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem").first).to_have_text("a.exe: 不收程式")
    assert [path for path, _, _ in site.posts] == ["/documents", "/documents"]
    page.get_by_role("button", name="移除 a.exe").click()
    page.set_input_files("input[type=file]", [text_file("c.exe", b"MZ")])
    expect(lines.filter(has_text="c.exe 不收程式")).to_have_count(1)
    page.get_by_role("button", name="send").click()
    expect(summary).to_contain_text("c.exe: 不收程式")
    summary.get_by_role("button", name="不附這些文件，照樣送出").click()
    page.wait_for_url("**/done?next")
    assert json.loads(site.posts[-1][2])["variables"]["files"] == ["doc-1"]
    assert [text for text in page_errors if "422" not in text] == []
    page_errors.clear()


def test_the_rows_of_a_list_are_taken_out_by_a_button_in_the_language_of_the_page(
    site: Site, page: Page
) -> None:
    open_form(page, lay(site))
    page.get_by_role("button", name="新增一列").click()
    page.get_by_role("button", name="移除第 3 列").click()
    expect(page.get_by_role("button", name="移除第 2 列")).to_be_visible()
    expect(page.get_by_role("button", name="移除第 3 列")).to_have_count(0)


def test_a_form_without_a_destination_is_read_only(site: Site, page: Page) -> None:
    open_form(page, lay(site, submit=None, values={"finding": "屬實"}))
    expect(page.get_by_label("調查結果")).to_have_value("屬實")
    expect(page.get_by_label("調查結果")).not_to_be_editable()


def test_errors_that_came_with_the_page_are_shown_at_once(site: Site, page: Page) -> None:
    open_form(page, lay(site, errors={"amount": ["金額過高"]}))
    expect(page.locator("[data-form-summary]")).to_contain_text("退費金額：金額過高")


@pytest.mark.parametrize(("language", "month"), [("zh-Hant", "月"), ("zh-Hans", "月"), ("en", "")])
def test_the_calendar_and_the_messages_speak_the_language_of_the_page(
    site: Site, page: Page, language: str, month: str
) -> None:
    open_form(page, lay(site, language=language))
    page.get_by_label("日期").click()
    expected = {"zh-Hant": "一月", "zh-Hans": "一月", "en": "January"}[language]
    expect(page.locator(".flatpickr-monthDropdown-months option").first).to_have_text(expected)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="send").click()
    required = {"zh-Hant": "此欄位必填。", "zh-Hans": "此字段必填。", "en": "Field is required."}[language]
    expect(page.locator(".fjs-form-field-error")).to_have_text([required])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-30", "2026-11-30"),
        ("20261130", "2026-11-30"),
        ("2026年12月11日", "2026-12-11"),
        ("2026/11/31", None),
        ("2026/13/1", None),
        ("11/30/2026", None),
    ],
)
def test_a_date_is_kept_as_it_is_typed_or_not_at_all(
    site: Site, page: Page, typed: str, kept: str | None
) -> None:
    site.answers["/complete"] = lambda _body: (200, {"instance_state": "active"})
    open_form(page, lay(site, values={"finding": "屬實"}))
    page.get_by_label("日期").press_sequentially(typed)
    page.keyboard.press("Tab")
    expect(page.get_by_label("日期")).to_have_value(kept.replace("-", "/") if kept else "")
    page.get_by_role("button", name="send").click()
    page.wait_for_url("**/done")
    ((_, _, body),) = site.posts
    assert json.loads(body)["variables"].get("on") == kept


def test_no_form_rounds_the_time_that_is_typed() -> None:
    texts = {each: each.read_text() for each in (ROOT / "forms").rglob("*.form")}
    steps = {each.name: set(re.findall(r'"timeInterval": (\d+)', text)) for each, text in texts.items()}
    assert {name: found for name, found in steps.items() if found - {"1"}} == {}
    asked = {each.name for each, text in texts.items() if '"subtype": "datetime"' in text}
    assert asked == {
        name for name, found in steps.items() if found
    }  # without it form-js rounds to 15 minutes


def test_every_string_that_form_js_asks_to_be_translated_is_in_both_dictionaries() -> None:
    frontend = ROOT / "web" / "frontend"
    viewer = (frontend / "node_modules/@bpmn-io/form-js-viewer/dist/index.es.js").read_text()
    asked = {second for _, second in re.findall(r"\btranslate\((['\"])(.+?)\1", viewer)} - {"HELLO {you}"}
    source = (frontend / "src/form/dictionaries.ts").read_text()
    known = re.findall(r'^  (?:"(.+?)"|(\w+)):', source, re.MULTILINE)
    counted = [quoted or bare for quoted, bare in known]
    assert len(asked) > 35
    assert {text: counted.count(text) for text in asked} == dict.fromkeys(asked, 2)
