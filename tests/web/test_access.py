"""Who may call which address: an explicit table over every route, tried with every role."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.errors import ConfigurationError
from engine.people.accounts import create_token
from tests.web.conftest import USERS, Browser, Visit
from tests.web.test_every_object import BY_THE_DOOR, OWN, ROWS, addresses
from web.access import check_declarations, public, requires

ALL = frozenset(USERS)
OVERSIGHT = {
    "management",
    "supervision-group",
    "compliance",
    "auditors",
    "supervisors",
    "complaint-management",
}
TECHNICAL = {"process-owners", "administrators"}
LINE = {"supervisors", "complaint-management"}
WORKERS = ALL - {"auditors"}
PERSONAL = {"agents", "handlers", "supervision-group", "compliance"} | LINE
PARTNERS = OVERSIGHT | {"agents", "handlers", "administrators"}
REGISTER = {"agents", "handlers", "complaint-management"}

# Endpoint -> the roles that get past the door. What they then may do with a row is the rows' matter.
ALLOWED: dict[str, frozenset[str] | set[str] | None] = {
    "static": None,
    "home.health": None,
    "login.form": None,
    "login.submit": None,
    "login.language": None,
    "home.index": ALL,
    "login.leave": ALL,
    "login.unsent": ALL,
    **dict.fromkeys(
        (f"login.confirm{rest}" for rest in ("", "_by_password", "_options", "_by_passkey")), ALL
    ),
    "login.discard_unsent": ALL,
    "tasks.index": ALL,
    "tasks.show": ALL,
    "tasks.keep_view": ALL,
    "tasks.drop_view": ALL,
    "tasks.many": WORKERS,
    "team.board": LINE | {"administrators"},
    "team.move": LINE | {"administrators"},
    "team.absences": LINE | {"administrators"},
    "team.arrange": LINE | {"administrators"},
    "team.end": LINE | {"administrators"},
    "me.index": ALL,
    "me.tell_me": ALL,
    "me.arrange": ALL,
    "me.end": ALL,
    "tasks.reveal": PERSONAL,
    "tasks.take": WORKERS,
    "tasks.put_back": WORKERS,
    "tasks.give": WORKERS,
    "tasks.finish": WORKERS,
    "tasks.plan": WORKERS,
    "tasks.quick": WORKERS,
    "tasks.shortcuts": WORKERS,
    "tasks.keep_action": WORKERS,
    "tasks.drop_action": WORKERS,
    "tasks.keep_text": WORKERS,
    "tasks.drop_text": WORKERS,
    "tasks.texts": WORKERS,
    "tasks.presence": ALL,
    "tasks.comment": WORKERS,
    "tasks.take_back": WORKERS,
    "complaints.index": ALL,
    "complaints.presence": ALL,
    "complaints.show": ALL,
    "complaints.reveal": PERSONAL,
    "complaints.find": PERSONAL,
    "complaints.letters": PERSONAL | {"management"},
    "complaints.preview": PERSONAL,
    "complaints.keep": PERSONAL | {"management"},
    "complaints.new": REGISTER,
    "complaints.create": REGISTER,
    "complaints.keep_draft": REGISTER,
    "complaints.discard_draft": REGISTER,
    "complaints.add_contact": {"agents", "handlers", "supervision-group"} | LINE,
    "complaints.change_grade": {"agents", "handlers"} | LINE,
    "complaints.tell_later_date": {"handlers"} | LINE,
    "complaints.ask_for_review": {"agents", "handlers", "compliance"} | LINE,
    "complaints.dates": ALL,
    "complaints.leave_out": {"handlers", "compliance"} | LINE,
    "complaints.begin_anew": {"handlers", "compliance"} | LINE,
    "complaints.take_back": {"agents", "handlers"} | LINE,
    "complaints.erase": {"compliance"},
    "admin.keep_skills": {"administrators"},
    "policy.partners": PARTNERS,
    "policy.partner": PARTNERS,
    "policy.new_partner": {"complaint-management", "compliance"},
    "policy.add_partner": {"complaint-management", "compliance"},
    "policy.change_partner": {"complaint-management", "compliance"},
    "policy.name_partner": {"complaint-management", "compliance"},
    "intake.index": {"agents", "auditors", "management", "compliance", "administrators"} | LINE,
    "intake.mailbox_check": {"agents", "auditors", "management", "compliance", "administrators"} | LINE,
    "intake.reconcile_now": LINE,
    "intake.entrust": LINE,
    "intake.hotline": {"agents", "auditors", "management", "compliance", "administrators"} | LINE,
    "intake.chats": {"agents", "auditors", "management", "compliance", "administrators"} | LINE,
    "intake.chat": {"agents", "complaint-management"},
    "intake.convert": {"agents", "complaint-management"},
    "intake.add_shift": LINE,
    "intake.remove_shift": LINE,
    "intake.say_case": {"agents", "complaint-management"},
    "intake.mail": {"agents", "complaint-management"},
    "intake.original": {"agents", "complaint-management"},
    "intake.decide": {"agents", "complaint-management"},
    "notices.index": ALL,
    "notices.take_note": ALL,
    "trail.index": ALL,
    "trail.show": ALL,
    "trail.diagram": ALL,
    "trail.picture": ALL,
    "trail.verification_list": {"auditors", "compliance", "administrators"},
    "trail.verify_all": {"auditors", "compliance", "administrators"},
    "trail.check": {"auditors", "compliance", "administrators"},
    "models.index": OVERSIGHT | TECHNICAL,
    "models.show": OVERSIGHT | TECHNICAL,
    "models.diagram": OVERSIGHT | TECHNICAL,
    "models.file": OVERSIGHT | TECHNICAL,
    "models.upload": {"process-owners"},
    "metrics.index": TECHNICAL | {"auditors"},
    "operations.index": TECHNICAL | {"auditors"},
    "operations.one": TECHNICAL | {"auditors"},
    "operations.one_migration": TECHNICAL | {"auditors"},
    "operations.act": TECHNICAL,
    "operations.reschedule": TECHNICAL,
    "operations.retry": TECHNICAL,
    "operations.resolve": TECHNICAL,
    "operations.retry_all": TECHNICAL,
    "operations.migrate_all": TECHNICAL,
    "operations.stop_migration": TECHNICAL,
    "policy.index": ALL,
    "policy.settings": ALL,
    "policy.coverage": ALL,
    "policy.decide": {"process-owners", "compliance"},
    "policy.enter": {"process-owners", "compliance"},
    "quality.index": ALL,
    "quality.inspections": OVERSIGHT,
    "quality.inspection": OVERSIGHT,
    "quality.begin": {"supervision-group", "management"},
    "quality.check": ALL,
    "quality.findings": ALL,
    "quality.finding": ALL,
    "quality.codings": {"supervision-group", "agents", "complaint-management", "auditors"},
    "quality.coding_sample": {"supervision-group", "agents", "complaint-management", "auditors"},
    "quality.draw_codings": {"supervision-group", "complaint-management"},
    "quality.close_codings": {"supervision-group", "complaint-management"},
    "quality.read_coding": {"supervision-group", "agents"},
    "quality.code_again": {"supervision-group", "agents"},
    "quality.conformance": OVERSIGHT,
    "quality.measures": ALL,
    "quality.measure": ALL,
    "quality.entries": OVERSIGHT,
    "quality.propose": {"supervision-group", "management", "compliance"} | LINE,
    "quality.contests": OVERSIGHT - {"compliance"},
    "quality.contest": ALL,
    "quality.publications": ALL,
    "quality.publication": ALL,
    "quality.accountability": ALL,
    "quality.account": {"compliance"},
    "quality.account_file": ALL,
    "quality.replace_account_party": {"compliance"},
    "quality.sanctions": {"compliance"},
    "quality.own_matters": ALL,
    "quality.own_matter": ALL,
    "quality.publish": {"complaint-management", "compliance"},
    "quality.matters": {"compliance", "management", "complaint-management", "auditors"},
    "quality.matter": {"compliance", "management", "complaint-management", "auditors"},
    "quality.attempt_xlsx": {"compliance", "management", "complaint-management", "auditors"},
    "quality.attempt_csv": {"compliance", "management", "complaint-management", "auditors"},
    "quality.report": {"compliance", "complaint-management"},
    "quality.inquire": {"compliance", "complaint-management"},
    "quality.rectify": {"compliance", "complaint-management"},
    "quality.begin_return": {"compliance", "complaint-management"},
    "quality.correct": {"compliance", "complaint-management"},
    "quality.pack": {"compliance"},
    "training.index": ALL,
    "training.sessions": ALL,
    "training.person": OVERSIGHT | {"administrators"},
    "training.coverage": OVERSIGHT | {"administrators"},
    "training.plan": {"complaint-management"},
    "training.add_session": {"complaint-management"},
    "training.enter": {"complaint-management"},
    "reports.index": OVERSIGHT,
    "reports.figures": OVERSIGHT,
    "reports.behind": OVERSIGHT,
    "reports.frozen_list": OVERSIGHT,
    "reports.freeze_again": {"complaint-management", "compliance"},
    "reports.frozen_show": OVERSIGHT,
    "reports.frozen_behind": OVERSIGHT,
    "reports.sheet": ALL,
    "reports.mine": ALL,
    "reports.contest_mine": ALL,
    "reports.analyses": OVERSIGHT,
    "reports.analysis": OVERSIGHT,
    "reports.records": OVERSIGHT,
    "reports.record_list": OVERSIGHT,
    "reports.coding": OVERSIGHT,
    "reports.volumes": OVERSIGHT,
    "reports.leaks": {"auditors", "compliance"},
    "reports.decide": {"compliance"},
    "reports.draft_report": {"complaint-management", "compliance"},
    "reports.enter": {"complaint-management", "compliance"},
    "reports.measure_problem": {"supervision-group", "management", "compliance"} | LINE,
    "reports.analysis_cases": OVERSIGHT,
    "reports.analysis_pdf": OVERSIGHT,
    "reports.analysis_xlsx": OVERSIGHT,
    "admin.index": {"administrators", "auditors"},
    "admin.person": {"administrators", "auditors"},
    "admin.departments": {"administrators", "auditors"},
    "admin.new_person": {"administrators"},
    "admin.add_person": {"administrators"},
    "admin.change_person": {"administrators"},
    "admin.act_on_person": {"administrators"},
    "admin.end_one_log_in": {"administrators"},
    "admin.save_department": {"administrators"},
    "archive.index": {"complaint-management", "compliance", "auditors"},
    "archive.show": {"complaint-management", "compliance", "auditors"},
    "archive.export": {"compliance", "auditors"},
    "archive.hold": {"compliance", "auditors"},
    "archive.lift": {"compliance", "auditors"},
    "archive.propose": {"compliance", "complaint-management"},
    "archive.dispose": {"compliance", "complaint-management"},
    "me.push_worker": None,
    "me.add": ALL,
    "me.remove": ALL,
    "account.index": ALL,
    "account.password": ALL,
    "account.begin_generator": ALL,
    "account.confirm_generator": ALL,
    "account.remove_generator": ALL,
    "account.passkey_options": ALL,
    "account.keep_passkey": ALL,
    "account.forget_passkey": ALL,
    "account.leave_elsewhere": ALL,
    "account.end_one": ALL,
    "account.make_token": ALL,
    "account.drop_tokens": ALL,
    "portal.form": None,
    "portal.send": None,
    "portal.acknowledgement": None,
    "portal.track": None,
    "portal.look": None,
    "portal.leave": None,
    "portal.survey": None,
    "portal.rate": None,
    "login.standing": None,
    "login.code": None,
    "login.submit_code": None,
    "login.passkey": None,
    "login.passkey_options": None,
    "login.sso": None,
    "login.sso_callback": None,
}

# Addresses for programs, which a page of the login would only mislead: they answer 401.
FOR_PROGRAMS = {"metrics.index"}


def screens(app: Flask) -> list[tuple[str, str, str]]:
    """Every route of the pages as (endpoint, method, a path with some arguments)."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(("/api/", "/gateways/")) or rule.endpoint.startswith("api"):
                continue
            path = app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "x-0"))
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [(rule.endpoint, method, path) for method in methods]
    return found


def test_every_route_of_the_pages_stands_in_the_table_and_the_table_names_no_other(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in screens(app)} == set(ALLOWED)


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_role_gets_past_exactly_the_doors_of_the_table(app: Flask, visit: Visit, role: str) -> None:
    browser = visit(USERS[role])
    for endpoint, method, path in screens(app):
        if endpoint in ("login.leave", "login.language", "static"):
            continue
        answer = browser.get(path) if method == "GET" else browser.post(path)
        allowed = ALLOWED[endpoint]
        if allowed is None or role in allowed:
            assert answer.status_code not in (400, 401, 403, 500), (endpoint, answer.status_code)
        else:
            assert answer.status_code == 403, (endpoint, answer.status_code)


def test_who_is_not_logged_in_is_led_to_the_login_from_every_closed_door(app: Flask, visit: Visit) -> None:
    browser = visit()
    for endpoint, method, path in screens(app):
        answer = browser.get(path) if method == "GET" else browser.post(path)
        if ALLOWED[endpoint] is None:
            assert answer.status_code != 401, endpoint
            own = endpoint.startswith("login.")  # the steps of the login lead to its beginning
            assert own or "/login" not in (answer.location or ""), endpoint
        elif endpoint in FOR_PROGRAMS:
            assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), endpoint
        else:
            assert answer.status_code in (302, 303), endpoint
            assert answer.location.startswith("/login"), endpoint


def test_without_the_form_token_nothing_is_done_by_any_post(app: Flask, visit: Visit) -> None:
    browser = visit("admin")
    for endpoint, method, path in screens(app):
        allowed = ALLOWED[endpoint]
        if method == "POST" and (allowed is None or "administrators" in allowed):
            answer = browser.client.post(path, data={}, headers=browser.headers)
            assert answer.status_code == 400, endpoint
            assert "too old" in answer.get_data(as_text=True)


def test_a_bearer_token_needs_no_form_token_and_no_cookie_counts_beside_it(
    app: Flask, engine: Redress, visit: Visit, task_id: str
) -> None:
    with engine.sessions.step() as session:
        token = create_token(session, "auditor")
    browser = visit("handler")
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.client.post(f"/tasks/{task_id}/claim", headers=headers).status_code == 403
    assert app.test_client().get("/tasks", headers=headers).status_code == 200


def test_a_wrong_bearer_token_is_401_even_with_a_good_cookie(visit: Visit) -> None:
    browser = visit("handler")
    answer = browser.client.get(
        "/tasks", headers={"Authorization": "Bearer wrong", "Accept": "application/json"}
    )
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_an_application_with_an_undeclared_view_does_not_start(app: Flask) -> None:
    app.view_functions["tasks.index"] = lambda: "open to all"
    with pytest.raises(ConfigurationError, match=r"GET /tasks \(tasks\.index\)"):
        check_declarations(app)


def test_an_undeclared_view_is_closed_even_if_it_runs(app: Flask, visit: Visit) -> None:
    app.view_functions["tasks.index"] = lambda: "open to all"
    browser = Browser(app)
    browser.log_in("admin")
    assert browser.get("/tasks").status_code == 403


def test_a_permission_that_is_not_in_the_table_cannot_be_asked_for() -> None:
    with pytest.raises(LookupError):
        requires("task.claimm")
    assert public(test_an_undeclared_view_is_closed_even_if_it_runs) is not None


def test_every_address_that_takes_an_object_is_walked_or_says_why_not(app: Flask) -> None:
    told = [*(each for several in ROWS.values() for each in several), *BY_THE_DOOR, *OWN]
    assert sorted(told) == sorted(addresses(app)), "declare the new address in ROWS, BY_THE_DOOR or OWN"
