"""The pages in a real browser: on a phone, in the dark, by keyboard, under their own policy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import make_server

from engine.assembly import Redress
from engine.cases.text_modules import keep_text_module
from engine.runtime.commands import claim
from engine.store.tables.runtime import Task
from tests.browser.keyboard import choose_another
from tests.chromium import taken_out
from tests.driving import complaint, drive, open_tasks
from tests.world import actor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response, Route

PAGES = {
    "handler": ("/notices", "/tasks?tab=groups", "/tasks", "/complaints?grade=1"),
    "agent": ("/complaints", "/complaints/new"),
    "supervisor": ("/complaints/{no}", "/reports"),
    "auditor": ("/trail", "/operations?view=timers", "/admin"),
    "owner": ("/models",),
}

# Text whose colour is too near to what is behind it: [text, ratio] for each (WCAG 2.2, 1.4.3).
PALE_TEXT = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const pale = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true })) continue;
    if (element.closest("option, noscript")) continue;
    const style = getComputedStyle(element);
    const [one, two] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < least) pale.push([element.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return pale;
}"""


# Titles of rows over which something else of the row lies, once they are long.
COVERED = """() => {
  const meet = (one, other) => other.left < one.right && one.left < other.right
    && other.top < one.bottom && one.top < other.bottom;
  const near = ".tag, button, .row-actions .row-sub";
  const beside = (title) => title.closest("[data-row]").querySelectorAll(near);
  const place = (each) => each.getBoundingClientRect();
  const titles = [...document.querySelectorAll("[data-row] .row-title")];
  titles.forEach((title) => { title.textContent = title.textContent.repeat(4); });
  return titles
    .filter((title) => [...beside(title)].some((each) => meet(place(title), place(each))))
    .map((title) => title.textContent);
}"""


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application served on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def log_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#username", username)
    page.fill("#password", f"{username}-demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")


def kept_with(text: str) -> Callable[[Response], bool]:
    """Tell the answer that a draft with this text was kept from those to drafts of before."""
    return lambda found: found.ok and found.url.endswith("/draft") and text in (found.request.post_data or "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_a_phone_and_their_text_stands_out_in_both_themes(
    chromium: Browser, address: str, complaint_no: str, theme: str
) -> None:
    for username, paths in PAGES.items():
        context = chromium.new_context(
            viewport={"width": 360, "height": 740}, color_scheme="dark" if theme == "dark" else "light"
        )
        page = context.new_page()
        breaches: list[str] = []
        page.on("console", lambda message, seen=breaches: seen.append(message.text))
        log_in(page, address, username)
        for path in paths:
            page.goto(address + path.format(no=complaint_no))
            root = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.dataset.bsTheme]"
            )
            assert root == [360, theme], (path, root)
            assert page.evaluate(PALE_TEXT) == [], path
            assert page.evaluate(COVERED) == [], path
        assert breaches == []
        context.close()


def test_the_measure_of_contrast_finds_pale_text(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    assert page.evaluate(PALE_TEXT) == []
    page.evaluate("document.querySelector('h1').style.color = '#cccccc'")
    assert len(page.evaluate(PALE_TEXT)) == 1


def test_a_task_is_claimed_refused_corrected_and_completed(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    drive(engine, complaint_no, until="approve-plan")
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "supervisor")
    page.goto(f"{address}/tasks?tab=groups")
    page.locator(".row-actions button").first.click()
    page.wait_for_selector("[data-form][data-ready=true]")
    page.click("[data-form-submit]")
    summary = page.locator("[data-form-summary]")
    summary.locator("a").first.wait_for()
    expect(summary).to_be_focused()
    summary.locator("a").first.click()
    choose_another(page)  # sends the plan back, which asks why
    page.locator("[data-form] textarea:enabled").first.fill("請補充")
    page.click("[data-form-submit]")
    page.wait_for_url("**/tasks")
    assert page.locator(".alert[role=status]").count() == 1
    with engine.sessions.read() as session:
        assert session.get_one(Task, task.id).state == "completed"


def test_no_draft_is_sent_after_a_form_that_is_on_its_way_and_it_is_kept_when_that_is_refused(
    page: Page, engine: Redress, address: str, complaint_no: str, page_errors: list[str]
) -> None:
    drive(engine, complaint_no, until="approve-plan")
    page.clock.install()
    log_in(page, address, "supervisor")
    page.goto(f"{address}/tasks?tab=groups")
    page.locator(".row-actions button").first.click()
    page.wait_for_selector("[data-form][data-ready=true]")
    page.click("[data-form-submit]")
    page.locator("[data-form-summary] a").first.click()
    choose_another(page)  # sends the plan back, which asks why
    page.locator("[data-form] textarea:enabled").first.fill("請補充")
    page.locator("[data-form-kept]", has_text="草稿已於").wait_for()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/complete", hold)
    with page.expect_request("**/complete"):
        page.click("[data-form-submit]")
    drafts: list[str] = []
    page.on("request", lambda request: drafts.append(request.url) if request.url.endswith("/draft") else None)
    page.locator("[data-form] textarea:enabled").first.fill("補充的說明")
    page.clock.fast_forward("01:00")
    page.evaluate("fetch('/healthz').then(answer => answer.ok)")  # what was sent before is known by now
    assert drafts == []
    with page.expect_response(kept_with("補充的說明")):
        held.pop().abort()
    taken_out(page, page_errors, 1)


def test_the_diagram_of_a_trail_is_drawn_and_its_steps_lead_to_the_shapes(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    log_in(page, address, "auditor")
    page.goto(f"{address}/trail/{complaint(engine, complaint_no).instance_id}")
    page.wait_for_selector("[data-diagram][data-ready=true]")
    assert page.locator(".djs-element.redress-done").count() > 3
    assert page.locator(".djs-element.redress-active").count() >= 1
    page.locator("li[data-element=register]").first.focus()
    assert page.locator(".djs-element.redress-chosen").get_attribute("data-element-id") == "register"


def test_the_whole_frame_works_by_keyboard(page: Page, address: str) -> None:
    log_in(page, address, "agent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.focus(".frame-account summary")
    page.keyboard.press("Enter")
    page.select_option("[data-theme-choice]", "dark")
    page.keyboard.press("Escape")
    expect(page.locator(".frame-account summary")).to_be_focused()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_a_filter_narrows_the_list_without_a_new_page_and_stays_in_the_address(
    page: Page, address: str, complaint_no: str
) -> None:
    log_in(page, address, "agent")
    page.goto(f"{address}/complaints")
    page.evaluate("window.stayed = true")
    assert page.get_by_text(complaint_no).count() == 1
    page.select_option("select[name=grade]", "1")
    page.locator(".empty").wait_for()
    expect(page.get_by_text(complaint_no)).to_have_count(0)
    page.wait_for_url("**grade=1**")
    assert page.evaluate("window.stayed")


def test_pages_work_without_scripts(chromium: Browser, address: str, complaint_no: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks?tab=groups")
    page.locator(".row-actions button").first.click()
    page.wait_for_url("**/tasks/*")
    page.goto(f"{address}/tasks")
    assert page.get_by_text(complaint_no).count() == 1
    page.locator(".frame-account summary").click()
    page.locator("button[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()


def test_what_was_typed_is_kept_and_stands_there_again_with_its_file(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    page.locator(".task-actions form button").first.click()
    page.wait_for_selector("[data-form][data-ready=true]")
    page.locator("[data-form] textarea").first.fill("半途的調查結果")
    page.locator("[data-form] input[type=file]").first.set_input_files(
        {"name": "收據.txt", "mimeType": "text/plain", "buffer": b"a receipt"}
    )
    page.locator("[data-form-files] li", has_text="收據.txt 已上傳").wait_for()
    page.locator("[data-form-kept]", has_text="草稿已於").wait_for()
    with page.expect_response(kept_with("結果二")):
        page.locator("[data-form] textarea").first.press("End")
        page.locator("[data-form] textarea").first.press_sequentially("二")
    page.goto(f"{address}/tasks/{task.id}")
    page.wait_for_selector("[data-form][data-ready=true]")
    expect(page.locator("[data-form] textarea").first).to_have_value("半途的調查結果二")
    assert page.locator(".draft-note").count() == 1
    page.locator(".fjs-filepicker-container", has_text="收據.txt").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-form-discard]").click()
    page.wait_for_selector(".draft-note", state="detached")
    page.wait_for_selector("[data-form][data-ready=true]")
    expect(page.locator("[data-form] textarea").first).to_have_value("")


def test_a_day_on_which_nobody_works_says_so_as_soon_as_it_is_chosen(
    page: Page, address: str, complaint_no: str
) -> None:
    log_in(page, address, "handler")
    page.goto(f"{address}/complaints/{complaint_no}")
    page.locator("[data-opens=extend]").click()
    dialog = page.locator("dialog#extend")
    hint, meant = dialog.locator("[data-day-hint]"), dialog.locator("[data-day-meant]")
    dialog.locator("#extend-new_date").fill("2026-03-14")
    expect(hint).to_contain_text("2026-03-13")
    meant.locator("input").check()
    dialog.locator("#extend-new_date").fill("2026-03-13")
    expect(hint).to_be_empty()
    expect(meant).to_be_hidden()
    dialog.locator("#extend-new_date").fill("2026-03-15")
    expect(meant.locator("input")).not_to_be_checked()
    meant.locator("input").check()
    dialog.locator("textarea").fill("等待鑑定")
    with page.expect_navigation():
        dialog.locator("button.btn-primary").click()
    expect(page.locator("[data-flash]")).to_be_visible()


def test_of_two_windows_on_one_form_neither_overwrites_what_the_other_kept(
    page: Page, engine: Redress, address: str, complaint_no: str, page_errors: list[str]
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    claim(engine.runtime, actor(engine, "handler"), task.id)
    log_in(page, address, "handler")
    other = page.context.new_page()
    for each in (page, other):
        each.goto(f"{address}/tasks/{task.id}")
        each.wait_for_selector("[data-form][data-ready=true]")
    said, theirs = (each.locator("[data-form] textarea").first for each in (page, other))
    with other.expect_response(kept_with("另一頁")):
        theirs.fill("另一頁")
    said.fill("這一頁")
    clash = page.locator(".draft-clash[role=alert]")
    expect(clash.get_by_role("link")).to_have_attribute("target", "_blank")
    expect(said).to_have_value("這一頁")
    with page.expect_response(kept_with("這一頁")):
        clash.get_by_role("button", name="保留我的內容").click()
    expect(clash).to_have_count(0)
    with page.expect_response(kept_with("這一頁，續")):
        said.fill("這一頁，續")
    theirs.fill("另一頁，續")
    with other.expect_navigation():
        other.locator(".draft-clash").get_by_role("button", name="改用較新的草稿").click()
    other.wait_for_selector("[data-form][data-ready=true]")
    expect(theirs).to_have_value("這一頁，續")
    (refusal,) = taken_out(page, page_errors, 1)
    assert "409" in refusal


def test_a_file_of_the_wrong_content_is_refused_at_its_field_before_the_form_is_sent(
    page: Page, engine: Redress, address: str, complaint_no: str, page_errors: list[str]
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    page.locator(".task-actions form button").first.click()
    page.wait_for_selector("[data-form][data-ready=true]")
    page.locator("[data-form] input[type=file]").first.set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"MZ this is no scan"}
    )
    page.locator("[data-form-summary] a", has_text="scan.pdf").wait_for()
    expect(page.locator(".fjs-form-field-filepicker.fjs-has-errors")).to_have_count(1)
    (refusal,) = taken_out(page, page_errors, 1)
    assert "422" in refusal


def test_the_diagram_beside_a_task_is_drawn_when_it_is_opened(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    assert page.locator("[data-diagram]").count() == 0
    page.locator("details[data-later] summary").press("Enter")
    page.wait_for_selector("[data-diagram][data-ready=true]")
    expect(page.locator(f".djs-element.redress-active[data-element-id={task.element_id}]")).to_be_visible()


def test_what_others_do_shows_up_in_the_list_without_a_reload(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    page.clock.install()
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks?tab=groups")
    page.locator("[data-bulk-all]").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("(1)")
    page.evaluate("window.stayed = true")
    claim(engine.runtime, actor(engine, "handler2"), task.id)
    page.clock.run_for(21_000)
    page.locator(".empty").wait_for()
    expect(page.locator("[data-poll-said]")).not_to_be_empty()
    assert page.evaluate("window.stayed")


def test_who_else_has_a_task_open_or_types_in_it_shows_up_and_goes_away_by_itself(
    page: Page, chromium: Browser, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    page.clock.install()
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    who = page.locator("[data-presence] li")
    expect(who).to_have_count(0)
    context = chromium.new_context()
    other = context.new_page()
    log_in(other, address, "handler2")
    other.goto(f"{address}/tasks/{task.id}")
    expect(other.locator("[data-presence] li")).to_have_text("王 王思琪 has it open")
    page.clock.run_for(16_000)
    expect(who).to_have_text("李 李俊傑 在看")
    with other.expect_response("**/presence"):
        other.locator("#comment-text").press_sequentially("請")
    page.clock.run_for(16_000)
    expect(who).to_have_text("李 李俊傑 正在輸入")
    assert page.locator("[data-presence]").get_attribute("aria-live") == "polite"
    with other.expect_response("**/presence"):
        other.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")  # it closes
    page.clock.run_for(16_000)
    expect(who).to_have_count(0)
    context.close()


def test_two_colons_offer_texts_that_stand_in_a_comment_and_in_a_form_field(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    claim(engine.runtime, actor(engine, "handler"), task.id)
    with engine.sessions.step() as session:
        keep_text_module(session, actor(engine, "handler"), "docs", "案件 {{ case.no }} 請補件")
        keep_text_module(session, actor(engine, "handler"), "bye", "謝謝")
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    page.wait_for_selector("[data-form][data-ready=true]")
    for field in (page.locator("#comment-text"), page.locator("[data-form] textarea").first):
        field.press_sequentially("前::")
        chooser = page.get_by_role("dialog", name="插入常用語")
        expect(chooser.get_by_role("searchbox")).to_be_focused()
        expect(chooser.locator(".texts-item")).to_have_count(2)
        page.keyboard.type("補件")
        expect(chooser.locator(".texts-item")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(chooser).to_have_count(0)
        expect(field).to_have_value(f"前案件 {complaint_no} 請補件")
        expect(field).to_be_focused()
    with page.expect_response(kept_with("請補件後")):
        page.keyboard.type("後")
    page.locator("[data-texts-into]").click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.texts")).to_have_count(0)


def test_a_card_of_the_board_is_dragged_or_given_by_keyboard(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "supervisor")
    page.goto(f"{address}/team")
    page.evaluate("window.stayed = true")
    card = page.locator(f"[data-card='{task.id}']")
    card.drag_to(page.locator("[data-column=handler]"))
    page.locator("[data-column=handler] [data-card]").wait_for()
    expect(page.locator("[data-board-said]")).not_to_be_empty()
    card.locator("summary").press("Enter")
    card.locator("select").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("[data-column=''] [data-card]").wait_for()
    assert page.evaluate("window.stayed")


def test_a_column_that_cannot_take_a_card_says_why_and_the_card_stays_where_it_was(
    page: Page, engine: Redress, address: str, complaint_no: str, page_errors: list[str]
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "supervisor")
    page.goto(f"{address}/team")
    card = page.locator(f"[data-card='{task.id}']")
    agent = page.locator("[data-column=agent]")
    card.dispatch_event("dragstart", {"dataTransfer": page.evaluate_handle("new DataTransfer()")})
    expect(agent.locator(".board-why")).to_have_text("不屬於這項任務的群組")
    expect(page.locator("[data-column=handler] .board-why")).to_have_count(0)
    card.dispatch_event("dragend")
    expect(page.locator(".board-why")).to_have_count(0)
    card.drag_to(agent)
    expect(page.locator(f"[data-column=''] [data-card='{task.id}'] [role=alert]")).to_contain_text("不屬於")
    expect(card.locator("select")).to_be_focused()
    assert [text for text in page_errors if "403" not in text] == []
    page_errors.clear()


def test_a_task_is_found_claimed_and_opened_with_single_keys_that_can_be_turned_off(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "handler")
    page.keyboard.press("?")
    page.locator("dialog#keys[open]").wait_for()
    page.keyboard.press("Escape")
    page.goto(f"{address}/tasks?tab=groups")
    page.keyboard.press("/")
    page.keyboard.type("jx")
    expect(page.locator("input[name=q]")).to_have_value("jx")
    for _ in "jx":
        page.keyboard.press("Backspace")  # left as it was, the field does not filter the list
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-row] input[type=checkbox]")).to_be_checked()
    page.keyboard.press("c")
    page.wait_for_url(f"**/tasks/{task.id}")
    page.keyboard.press("m")
    expect(page.locator("#comment-text")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("1")
    page.wait_for_url("**/tasks")
    page.keyboard.press("?")
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]')") is None
