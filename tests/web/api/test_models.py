"""Deploying by the API, and the list of what is deployed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from tests.web.api.conftest import Calling
from tests.web.api.drawings import letters


def deploy(calling: Calling, files: dict[str, bytes], **fields: str) -> Any:
    data = {"files": [(BytesIO(content), name) for name, content in files.items()], **fields}
    return calling("owner").post("/deployments", data=data, content_type="multipart/form-data")


def test_a_process_is_deployed_and_a_second_version_overlays_it(calling: Calling) -> None:
    first = deploy(calling, {"letters.bpmn": letters()}, note="first")
    assert first.status_code == 201
    assert first.json["definitions"] == [{"process_id": "letters", "version": 1}]
    warning = first.json["warnings"][0]
    assert {"file", "element_id", "line", "message", "severity"} <= set(warning)
    filled = warning["template"]
    for name, value in warning["params"].items():
        filled = filled.replace(f"{{{name}}}", value)
    assert filled == warning["message"]
    again = deploy(calling, {"letters.bpmn": letters()})
    assert (again.json["bundle"], again.json["is_new"]) == (first.json["bundle"], False)
    second = deploy(calling, {"cards.bpmn": letters("cards")}, family="letters")
    assert second.json["definitions"] == [
        {"process_id": "cards", "version": 1},
        {"process_id": "letters", "version": 2},
    ]
    alone = deploy(calling, {"cards.bpmn": letters("cards")}, family="letters", replace="true")
    assert alone.json["definitions"] == [{"process_id": "cards", "version": 2}]


def test_what_is_refused_is_refused_whole_with_every_finding(calling: Calling) -> None:
    broken = letters().replace(b'targetRef="delivered"', b'targetRef="nowhere"')
    answer = deploy(calling, {"letters.bpmn": broken})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    findings = answer.json["findings"]
    assert len(findings) >= 2
    assert all(finding["file"] == "letters.bpmn" and finding["line"] for finding in findings)
    assert "delivered" in {finding["element_id"] for finding in findings}
    errors = [finding for finding in findings if finding["severity"] == "error"]
    assert len(answer.json["errors"]["letters.bpmn"]) == len(errors) >= 2
    assert calling("owner").read("/definitions", process_id="letters")["items"] == []


def test_the_deployed_processes_are_listed_newest_version_first(calling: Calling) -> None:
    deploy(calling, {"letters.bpmn": letters()})
    deploy(calling, {"letters.bpmn": letters().replace(b'value="2"', b'value="3"')})
    found = calling("owner").read("/definitions", process_id="letters")["items"]
    assert [row["version"] for row in found] == [2, 1]
    assert found[0]["deployed_by"] == "owner"
    assert calling("owner").read("/definitions", process_id="letters", latest="true")["items"] == found[:1]
    names = {
        language: calling("owner", language).read("/definitions", process_id="complaint")["items"][0]["name"]
        for language in ("en", "zh-Hant")
    }
    assert names["en"] != names["zh-Hant"]


def test_a_deployment_without_files_is_refused(calling: Calling) -> None:
    assert deploy(calling, {}).status_code == 422
    assert deploy(calling, {"letters.bpmn": letters()}, family="No Family").status_code == 422
