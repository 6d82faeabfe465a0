"""What holds for every page: headers, nothing inline, a language, a landmark, words for every error."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from sqlalchemy.exc import DataError
from werkzeug.exceptions import default_exceptions

from engine import errors
from engine.assembly import Redress
from tests.web.conftest import Browser, Visit, page, text
from web import access
from web.errors import STATUSES, status_of
from web.language import wished
from web.translations import LOCALES, extract, read_catalogue

PAGES = ("/tasks", "/tasks?tab=groups", "/tasks?tab=all", "/complaints", "/trail")
BY_USER = {
    "agent": (*PAGES, "/complaints/new"),
    "handler": PAGES,
    "supervisor": (*PAGES, "/reports", "/models"),
    "auditor": (*PAGES, "/operations", "/operations?view=timers", "/operations?view=jobs", "/admin"),
    "owner": (*PAGES, "/models"),
}


@pytest.mark.parametrize("username", sorted(BY_USER))
def test_pages_hold_nothing_inline_and_name_their_language(
    visit: Visit, complaint_no: str, username: str
) -> None:
    browser = visit(username)
    for path in BY_USER[username]:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        tree = page(answer)
        assert tree.get("lang") == "en"
        assert not tree.xpath("//script[not(@src) and not(@type='application/json')]"), path
        assert not tree.xpath("//style | //@style"), path
        assert not [name for name in tree.xpath("//@*/..") for name in name.attrib if name.startswith("on")]
        assert len(tree.xpath("//main")) == len(tree.xpath("//h1")) == 1, path
        identifiers = tree.xpath("//@id")
        assert len(identifiers) == len(set(identifiers)), path


def test_every_field_of_the_registration_form_has_a_label(visit: Visit) -> None:
    tree = page(visit("agent").get("/complaints/new"))
    for field in tree.xpath("//main//input[not(@type='hidden')] | //main//select | //main//textarea"):
        assert tree.xpath(f"//label[@for='{field.get('id')}']"), field.get("name")


def test_every_answer_carries_the_strict_headers(visit: Visit) -> None:
    for path in ("/login", "/nowhere", "/healthz", "/static/icon.svg"):
        answer = visit().get(path)
        answer.close()
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_the_browser(visit: Visit) -> None:
    assert visit("agent").get("/tasks").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-GB", "en"),
        ("fr-FR,en;q=0.5", "en"),
        ("fr", "zh-Hant"),
        ("", "zh-Hant"),
    ],
)
def test_the_browsers_wish_chooses_the_language(app: Flask, header: str, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": header}) as context:
        assert wished(context.request.accept_languages) == language
    assert page(Browser(app, header).get("/login")).get("lang") == language


def test_a_chosen_language_outlasts_the_browsers_wish_and_the_login(app: Flask, visit: Visit) -> None:
    browser = visit("agent", "zh-TW")
    assert browser.post("/language", {"language": "zh-Hans", "next": "/complaints"}).location == "/complaints"
    assert page(browser.get("/complaints")).get("lang") == "zh-Hans"
    assert "投诉" in text(browser.get("/complaints"))
    other = visit("agent", "en")
    assert page(other.get("/tasks")).get("lang") == "zh-Hans"
    assert browser.post("/language", {"language": "xx"}).status_code == 400


def test_the_three_catalogues_are_complete_and_keep_their_placeholders() -> None:
    wanted = {(message if isinstance(message, str) else message[0]) for message, _, _ in extract()}
    assert len(wanted) > 300
    for locale in LOCALES:
        catalogue = read_catalogue(locale)
        known = {}
        for message in catalogue:
            if message.id:
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                singular = message.id if isinstance(message.id, str) else message.id[0]
                known[singular] = texts
                assert all(texts), (locale, singular)
                assert not message.fuzzy, (locale, singular)
                assert not list(message.check(catalogue)), (locale, singular)
                signs = {text.count("%") for text in texts} if "%" not in singular else set()
                assert signs <= {0}, (locale, singular)  # a page would take it for a placeholder and break
        assert wanted <= known.keys(), (locale, sorted(wanted - known.keys())[:5])


def test_the_english_catalogue_says_what_the_sources_say() -> None:
    said = {m.id: m.string for m in read_catalogue("en") if m.id and m.string != m.id}
    assert said == {"Missing data for required field.": "This has to be filled in."}  # marshmallow's words


def test_no_chinese_catalogue_leaves_english_where_the_other_has_chinese() -> None:
    def has_han(value: str) -> bool:
        return any("一" <= letter <= "鿿" for letter in value)

    hant, hans = ({m.id: str(m.string) for m in read_catalogue(name) if m.id} for name in LOCALES[:2])
    for message, translated in hant.items():
        assert has_han(translated) == has_han(hans[message]), message


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x"), 404),
        (errors.Forbidden("x"), 403),
        (errors.Conflict("x"), 409),
        (errors.LostRace("x"), 409),
        (errors.InvalidInput("x"), 422),
        (errors.FormRefused("x"), 422),
        (errors.ModelRefused([]), 422),
        (errors.StepFailed("x"), 422),
        (errors.ConfigurationError("x"), 503),
        (errors.RedressError("x"), 500),
    ],
)
def test_each_error_has_its_status(app: Flask, error: Exception, status: int) -> None:
    with app.test_request_context():
        assert status_of(error)[0] == status


@pytest.mark.parametrize("language", ["en", "zh-TW", "zh-CN"])
def test_the_page_of_every_error_says_what_to_do_in_its_reader_s_language_and_leads_back(
    app: Flask, language: str
) -> None:
    def fail(code: int) -> None:
        abort(code)

    app.add_url_rule("/fail/<int:code>", "fail", access.public(fail))
    browser = Browser(app, language)
    english = Browser(app)
    for code in sorted(set(default_exceptions) - {500}):
        shown = browser.get(f"/fail/{code}")
        (box,) = page(shown).xpath("//*[@role='alert']")
        title, meaning = box.xpath("h1/text()")[0], box.xpath("h1/following-sibling::p/text()")[0]
        assert shown.status_code == code
        assert len(meaning.strip()) > 8
        if language != "en":
            assert title not in (there := text(english.get(f"/fail/{code}")))
            assert meaning not in there
    for referrer, leads in (
        ("http://localhost/complaints?grade=1", ["/complaints?grade=1"]),
        ("http://localhost/fail/404", []),
        ("https://evil.example/x", []),
        ("http://localhost//evil.example", []),
        ("http://[", []),
    ):
        browser.headers["Referer"] = referrer
        links = page(browser.get("/fail/404")).xpath("//*[@role='alert']//a/@href")
        assert links == [*leads, "/login", "/complain"]


def test_no_row_of_the_error_table_hides_behind_an_earlier_one() -> None:
    for index, (kind, *_) in enumerate(STATUSES):
        assert not any(issubclass(kind, earlier) for earlier, *_ in STATUSES[:index]), kind


def test_an_unknown_address_gets_a_page_and_a_program_gets_a_problem_document(visit: Visit) -> None:
    browser = visit("agent")
    answer = browser.get("/tasks/none")
    assert answer.status_code == 404
    assert "Not found" in text(answer)
    answer = browser.client.get(
        "/tasks/none", headers={"Accept": "application/json", "Accept-Language": "en"}
    )
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["title"] == "Not found"
    assert problem["status"] == 404
    assert problem["type"] == "urn:redress:not-found"


def test_what_the_database_has_no_room_for_is_refused_and_no_mistake_of_ours(app: Flask) -> None:
    @app.get("/too-long")
    @access.public
    def too_long() -> str:
        raise DataError("INSERT", {}, ValueError("value too long"))

    answer = app.test_client().get("/too-long", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "shorten it" in text(answer)


def test_an_address_that_takes_another_method_says_which(visit: Visit) -> None:
    for path in ("/api/v1/complaints", "/login"):
        answer = visit("agent").client.delete(path)
        assert answer.status_code == 405
        assert {"GET", "POST"} <= answer.allow


def test_a_mistake_of_ours_tells_the_outside_only_a_mark(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = visit("agent")
    original = app.view_functions["reports.index"]
    view = app.view_functions["trail.index"]

    def broken() -> None:
        raise ZeroDivisionError("a secret of the inside")

    broken.redress_access = view.redress_access  # type: ignore[attr-defined]
    app.view_functions["trail.index"] = broken
    answer = browser.get("/trail")
    assert original is app.view_functions["reports.index"]
    assert answer.status_code == 500
    assert "secret" not in text(answer)
    assert "ZeroDivisionError" in caplog.text


def test_the_server_says_when_it_can_serve(engine: Redress, visit: Visit) -> None:
    answer = visit().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
