"""Which role may make which call: an explicit table over every call, tried with every role."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.people.accounts import set_active
from tests.web.api.conftest import API, Calling
from tests.web.conftest import USERS, Visit

ALL = frozenset(USERS)
LINE = {"supervisors", "complaint-management"}
OVERSIGHT = {"management", "supervision-group", "compliance", "auditors"} | LINE
TECHNICAL = {"process-owners", "administrators"}
WORKERS = ALL - {"auditors"}
REGISTER = {"agents", "handlers", "complaint-management"}
MESSENGERS = {"complaint-management"} | TECHNICAL
CHANNELS = {"agents", "auditors", "management", "compliance", "administrators"} | LINE
DOCUMENTS = {"agents", "handlers", "management", "supervision-group", "compliance"} | LINE

# Endpoint -> the roles that get past the door. What they then may do with a row is the rows' matter.
ALLOWED: dict[str, frozenset[str] | set[str]] = {
    "api.quick_action_page": WORKERS,
    "api.keep_quick": WORKERS,
    "api.drop_quick": WORKERS,
    "api.apply_quick": WORKERS,
    "api.text_module_page": WORKERS,
    "api.keep_module": WORKERS,
    "api.drop_module": WORKERS,
    "api.register": REGISTER,
    "api.register_page": ALL,
    "api.case": ALL,
    "api.change_grade": {"agents", "handlers"} | LINE,
    "api.extend": {"handlers"} | LINE,
    "api.erase": {"compliance"},
    "api.ask_for_review": {"agents", "handlers", "compliance"} | LINE,
    "api.deadlines": ALL,
    "api.inspection_page": OVERSIGHT,
    "api.one_inspection": OVERSIGHT,
    "api.begin": {"supervision-group", "management"},
    "api.sample": OVERSIGHT,
    "api.check_page": ALL,
    "api.finding_page": ALL,
    "api.conformance": OVERSIGHT,
    "api.measure_page": ALL,
    "api.one_measure": ALL,
    "api.propose": {"supervision-group", "management", "compliance"} | LINE,
    "api.volume_page": OVERSIGHT,
    "api.business_rates": OVERSIGHT,
    "api.enter_volume_rows": {"complaint-management", "compliance"},
    "api.figure_page": ALL,
    "api.one_figure": OVERSIGHT,
    "api.cases_of_figure": OVERSIGHT,
    "api.frozen_page": OVERSIGHT,
    "api.frozen_month": OVERSIGHT,
    "api.freeze_again": {"complaint-management", "compliance"},
    "api.own_figures": ALL,
    "api.score_sheet": ALL,
    "api.contest_own": ALL,
    "api.coding_samples": {"supervision-group", "agents", "complaint-management", "auditors"},
    "api.one_coding_sample": {"supervision-group", "agents", "complaint-management", "auditors"},
    "api.draw_coding_sample": {"supervision-group", "complaint-management"},
    "api.close_coding_sample": {"supervision-group", "complaint-management"},
    "api.read_case_to_code": {"supervision-group", "agents"},
    "api.code_case_again": {"supervision-group", "agents"},
    "api.agreement_of_codings": OVERSIGHT,
    "api.return_workbook": {"compliance", "management", "complaint-management", "auditors"},
    "api.case_pack": {"compliance"},
    "api.measure_problem": {"supervision-group", "management", "compliance"} | LINE,
    "api.matrix": ALL,
    "api.parameters": ALL,
    "api.decide_value": {"process-owners", "compliance"},
    "api.exclude": {"handlers", "compliance"} | LINE,
    "api.new_facts": {"handlers", "compliance"} | LINE,
    "api.take_back": {"agents", "handlers"} | LINE,
    "api.add_contact": {"agents", "handlers", "supervision-group"} | LINE,
    "api.upload": DOCUMENTS,
    "api.one_document": DOCUMENTS | {"auditors"},
    "api.content": DOCUMENTS | {"auditors"},
    "api.task_page": ALL,
    "api.one_task": ALL,
    "api.form": ALL,
    "api.keep": WORKERS,
    "api.throw_away": WORKERS,
    "api.take": WORKERS,
    "api.put_back": WORKERS,
    "api.give": WORKERS,
    "api.hand_over": WORKERS,
    "api.finish": WORKERS,
    "api.plan": WORKERS,
    "api.comment_page": ALL,
    "api.comment": WORKERS,
    "api.take_back_handover": WORKERS,
    "api.many": WORKERS,
    "api.absence_page": ALL,
    "api.arrange": ALL,
    "api.end": ALL,
    "api.skills": {"administrators", "auditors"},
    "api.keep_skills": {"administrators"},
    "api.partner_page": OVERSIGHT | {"agents", "handlers", "administrators"},
    "api.unknown": OVERSIGHT | {"agents", "handlers", "administrators"},
    "api.whole_partner": OVERSIGHT | {"agents", "handlers", "administrators"},
    "api.add_partner": {"complaint-management", "compliance"},
    "api.change_partner": {"complaint-management", "compliance"},
    "api.name_partner": {"complaint-management", "compliance"},
    "api.account_page": ALL,
    "api.one_account": ALL,
    "api.account_for": {"compliance"},
    "api.account_figures": OVERSIGHT - {"supervisors"},
    "api.publication_page": ALL,
    "api.check_publications": ALL,
    "api.one_publication": ALL,
    "api.begin_publication": {"complaint-management", "compliance"},
    "api.matter_page": {"compliance", "management", "complaint-management", "auditors"},
    "api.one_matter": {"compliance", "management", "complaint-management", "auditors"},
    "api.return_attempts": {"compliance", "management", "complaint-management", "auditors"},
    "api.return_rows": {"compliance", "management", "complaint-management", "auditors"},
    "api.report_major": {"compliance", "complaint-management"},
    "api.enter_inquiry": {"compliance", "complaint-management"},
    "api.enter_rectification": {"compliance", "complaint-management"},
    "api.begin_return": {"compliance", "complaint-management"},
    "api.correct_filed_return": {"compliance", "complaint-management"},
    "api.roster": CHANNELS,
    "api.add_shift": LINE,
    "api.remove_shift": LINE,
    "api.call_figures": CHANNELS,
    "api.keep_call_figures": LINE,
    "api.open_calls": CHANNELS,
    "api.link": {"agents", "complaint-management"},
    "api.chats": CHANNELS,
    "api.chat_figures": CHANNELS,
    "api.convert": {"agents", "complaint-management"},
    "api.mailbox_list": CHANNELS,
    "api.entrust": LINE,
    "api.past_reconciliations": CHANNELS,
    "api.reconcile_now": LINE,
    "api.own_training": ALL,
    "api.training_of_person": ALL,
    "api.training_coverage": OVERSIGHT | {"administrators"},
    "api.training_sessions": ALL,
    "api.enter_training": {"complaint-management"},
    "api.plan_session": {"complaint-management"},
    "api.deploy_files": {"process-owners"},
    "api.definition_page": OVERSIGHT | TECHNICAL,
    "api.start": MESSENGERS,
    "api.instance_page": ALL,
    "api.one_instance": ALL,
    "api.trail": ALL,
    "api.suspend": TECHNICAL,
    "api.resume": TECHNICAL,
    "api.cancel": TECHNICAL,
    "api.change_variables": TECHNICAL,
    "api.reschedule": TECHNICAL,
    "api.move": TECHNICAL,
    "api.preview": TECHNICAL,
    "api.migrate": TECHNICAL,
    "api.preview_all": TECHNICAL,
    "api.migrate_all": TECHNICAL,
    "api.migration_page": TECHNICAL | {"auditors"},
    "api.one_migration": TECHNICAL | {"auditors"},
    "api.stop": TECHNICAL,
    "api.incident_page": TECHNICAL | {"auditors"},
    "api.retry": TECHNICAL,
    "api.resolve": TECHNICAL,
    "api.retry_all": TECHNICAL,
    "api.send": MESSENGERS,
    "api.signal": MESSENGERS,
    "api.activate": TECHNICAL,
    "api.finish_job": TECHNICAL,
    "api.keep_job": TECHNICAL,
    "api.fail": TECHNICAL,
    "api.throw": TECHNICAL,
}


def calls(app: Flask) -> list[tuple[str, str, str]]:
    """Every call as (endpoint, method, a path with some arguments below the prefix)."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith(API) or rule.endpoint == "openapi":
                continue
            path = app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "x-0"))
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [(rule.endpoint, method, path.removeprefix(API)) for method in sorted(methods)]
    return found


def test_every_call_stands_in_the_table_and_the_table_names_no_other(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in calls(app)} == set(ALLOWED)


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_role_may_make_exactly_the_calls_of_the_table(app: Flask, calling: Calling, role: str) -> None:
    caller = calling(USERS[role])
    for endpoint, method, path in calls(app):
        answer = caller.open(method, path)
        if role in ALLOWED[endpoint]:
            assert answer.status_code in (200, 404, 422), (endpoint, answer.status_code)
        else:
            assert answer.status_code == 403, (endpoint, answer.status_code)
            assert answer.json["type"] == "urn:redress:forbidden"


def test_nobody_gets_anything_without_a_token_but_the_description(app: Flask) -> None:
    client = app.test_client()
    for endpoint, method, path in calls(app):
        answer = client.open(API + path, method=method)
        assert answer.status_code == 401, endpoint
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get(f"{API}/openapi.json").status_code == 200


def test_a_browser_session_may_read_and_needs_the_form_token_to_write(visit: Visit, task_id: str) -> None:
    browser = visit("handler")
    assert browser.client.get(f"{API}/tasks").status_code == 200
    without = browser.client.post(f"{API}/tasks/{task_id}/claim")
    assert without.status_code == 400
    assert without.mimetype == "application/problem+json"
    headers = {"X-CSRFToken": browser.token}
    assert browser.client.post(f"{API}/tasks/{task_id}/claim", headers=headers).status_code == 200


def test_a_wrong_token_and_one_of_a_closed_account_are_401(
    calling: Calling, app: Flask, engine: Redress
) -> None:
    answer = app.test_client().get(f"{API}/tasks", headers={"Authorization": "Bearer rdr_nothing"})
    assert (answer.status_code, answer.json["status"]) == (401, 401)
    assert calling("handler").get("/tasks").status_code == 200
    with engine.sessions.step() as session:
        set_active(session, "handler", active=False)
    assert calling("handler").get("/tasks").status_code == 401


def test_the_word_bearer_may_be_written_in_any_case(calling: Calling, app: Flask) -> None:
    headers = {"Authorization": calling("handler").headers["Authorization"].replace("Bearer", "bearer")}
    assert app.test_client().get(f"{API}/tasks", headers=headers).status_code == 200
