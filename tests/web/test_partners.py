"""The register of partners on its pages, and the choice of a partner at the registration."""

from __future__ import annotations

from engine.assembly import Redress
from tests.driving import complaint
from tests.web.conftest import Visit, page, text
from tests.web.test_complaints import FIELDS, key

TERMS = {
    "name": "示例催收公司",
    "contract_no": "HT-2026-1",
    "kind": "collector",
    "contact": "desk@collector.example",
    "active_from": "2026-01-01",
    "active_until": "",
    "department_id": "collections",
}


def test_a_partner_is_added_chosen_at_the_registration_and_named_in_the_case(
    engine: Redress, visit: Visit
) -> None:
    agent, analyst = visit("agent"), visit("analyst")
    assert "No partner is in the register yet" in text(agent.get("/policy/partners"))
    assert "complaint management adds them" in text(agent.get("/complaints/new"))
    assert analyst.post("/policy/partners/new", TERMS | {"id": "collector-1", "kind": "x"}).status_code == 422
    added = analyst.post("/policy/partners/new", TERMS | {"id": "collector-1"})
    assert (added.status_code, added.location) == (303, "/policy/partners/collector-1")
    assert "示例催收公司" in text(agent.get("/policy/partners"))
    form = page(agent.get("/complaints/new"))
    assert form.xpath("//select[@name='partner']/option/@value") == ["", "collector-1"]
    sent = {**FIELDS, "partner": "collector-1", "token": key(agent)}
    no = agent.post("/complaints/new", sent).location.rpartition("/")[2]
    assert complaint(engine, no).facts["partner"] == "collector-1"
    assert "示例催收公司" in text(agent.get(f"/complaints/{no}"))
    changed = TERMS | {"active_until": "2026-02-28"}
    assert analyst.post("/policy/partners/collector-1", changed | {"name": ""}).status_code == 422
    assert analyst.post("/policy/partners/collector-1", changed).status_code == 303
    assert analyst.post("/policy/partners/collector-1/names", {"other_name": "甲催收"}).status_code == 303
    shown = text(agent.get("/policy/partners/collector-1"))
    assert "Active until: 2026-02-28" in shown
    assert "Kind of cooperation: Collector" in shown
    assert "甲催收" in shown
    assert "示例催收公司 (not at present)" in text(agent.get("/complaints/new"))
