"""The description of the API is valid OpenAPI and says what holds; errors are problem documents."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from tests.web.api.conftest import API, Calling

PROMISED = {
    "post /complaints",
    "get /complaints",
    "get /complaints/{no}",
    "post /complaints/{no}/regrade",
    "post /complaints/{no}/extend",
    "post /complaints/{no}/withdraw",
    "post /complaints/{no}/contacts",
    "post /documents",
    "get /documents/{document_id}",
    "get /tasks",
    "get /tasks/{task_id}/form",
    "post /tasks/{task_id}/claim",
    "post /tasks/{task_id}/release",
    "post /tasks/{task_id}/assign",
    "post /tasks/{task_id}/delegate",
    "post /tasks/{task_id}/complete",
    "post /deployments",
    "get /definitions",
    "post /instances",
    "get /instances",
    "get /instances/{instance_id}",
    "get /instances/{instance_id}/history",
    "post /instances/{instance_id}/cancel",
    "post /instances/{instance_id}/suspend",
    "post /instances/{instance_id}/resume",
    "post /instances/{instance_id}/variables",
    "patch /timers/{timer_id}",
    "post /instances/{instance_id}/move",
    "post /instances/{instance_id}/migrate",
    "post /instances/{instance_id}/migrate/preview",
    "post /migrations",
    "get /migrations/{migration_id}",
    "get /incidents",
    "post /incidents/{incident_id}/resolve",
    "post /incidents/{incident_id}/retry",
    "post /incidents/retry",
    "post /messages",
    "post /signals",
    "post /jobs/activate",
    "post /jobs/{job_id}/extend",
    "post /jobs/{job_id}/complete",
    "post /jobs/{job_id}/fail",
    "post /jobs/{job_id}/error",
}


@pytest.fixture
def description(app: Flask) -> Any:
    answer = app.test_client().get(f"{API}/openapi.json")
    assert answer.status_code == 200
    return answer.json


def test_the_description_is_valid_openapi_3(description: Any) -> None:
    assert description["openapi"].startswith("3.")
    validate(description)


def test_every_promised_call_is_described_with_a_summary_and_its_refusals(description: Any) -> None:
    described = {
        f"{method} {path.removeprefix(API)}": call
        for path, calls in description["paths"].items()
        for method, call in calls.items()
        if method != "parameters"
    }
    assert set(described) >= PROMISED
    for name, call in described.items():
        assert call["summary"], name
        assert {"401", "403"} <= set(call["responses"]), name


def test_every_call_that_starts_or_completes_takes_an_idempotency_key(description: Any) -> None:
    keyed = {
        path.removeprefix(API)
        for path, calls in description["paths"].items()
        for parameter in calls.get("post", {}).get("parameters", [])
        if parameter.get("name") == "Idempotency-Key"
    }
    assert {"/complaints", "/instances", "/tasks/{task_id}/complete", "/messages", "/signals"} <= keyed


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/tasks", 405),
        ("GET", "/tasks/x", 404),
        ("POST", "/complaints/RC-00000000-000000/withdraw", 422),
        ("POST", "/deployments", 403),
    ],
)
def test_every_refusal_is_a_problem_document(calling: Calling, method: str, path: str, status: int) -> None:
    caller = calling("agent")
    answer = caller.client.open(API + path, method=method, headers=caller.headers, json={})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json)
    assert answer.json["status"] == status
