"""The register of partners, kept by programs."""

from __future__ import annotations

from typing import Any

from tests.web.api.conftest import API, Calling

BODY = {
    "id": "p-1",
    "name": "示例催收公司",
    "contract_no": "HT-2026-1",
    "kind": "collector",
    "contact": "desk@collector.example",
    "active_from": "2026-01-01",
}


def test_programs_keep_the_register(calling: Calling) -> None:
    analyst, agent = calling("analyst"), calling("agent")

    def change(partner_id: str, **changes: object) -> Any:
        terms = {name: value for name, value in BODY.items() if name != "id"} | changes
        return analyst.client.put(f"{API}/partners/{partner_id}", headers=analyst.headers, json=terms)

    assert agent.post("/partners", BODY).status_code == 403
    made = analyst.post("/partners", BODY)
    assert (made.status_code, made.json["version"], made.json["names"]) == (201, 1, ["p-1", "示例催收公司"])
    assert analyst.post("/partners", BODY).status_code == 409
    changed = change("p-1", contract_no="HT-2").json
    assert (changed["version"], changed["active_until"]) == (2, None)
    assert changed["changes"][0]["changed"] == {"contract_no": ["HT-2026-1", "HT-2"]}
    assert change("none").status_code == 404
    refused = change("p-1", active_until="2025-01-01")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["active_until"])
    assert analyst.post("/partners/p-1/names", {"name": "甲"}).json["names"] == ["p-1", "甲", "示例催收公司"]
    assert [each["id"] for each in agent.read("/partners")["items"]] == ["p-1"]
    assert agent.read("/partners/names/unknown") == {"items": []}
