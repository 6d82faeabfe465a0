"""What people are good at: kept on their page and by the API, and told in the case that was given for it."""

from __future__ import annotations

from engine.assembly import Redress
from engine.people.accounts import create_token
from tests.driving import open_tasks
from tests.web.conftest import Visit, page, text
from tests.world import register

API = "/api/v1/people/handler2/skills"


def test_skills_are_kept_on_the_page_and_by_programs_and_the_task_says_what_they_did(
    engine: Redress, visit: Visit
) -> None:
    admin = visit("admin")
    kept = {"products": "教育分期\n\n車輛分期 \n", "language": "en", "category": ["service", "product"]}
    assert admin.post("/admin/people/handler2/skills", kept).status_code == 303
    form = page(admin.get("/admin/people/handler2"))
    assert form.xpath("string(//textarea[@name='products'])").split() == ["教育分期", "車輛分期"]
    assert form.xpath("//input[@name='category'][@checked]/@value") == ["service", "product"]
    assert admin.post("/admin/people/handler2/skills", {"language": "fr"}).status_code == 422
    with engine.sessions.step() as session:
        token = create_token(session, "admin")
    headers = {"Authorization": f"Bearer {token}"}
    skills = [{"kind": "product", "value": "車輛分期"}]
    changed = admin.client.put(API, json={"skills": skills}, headers=headers)
    assert changed.json == {"username": "handler2", "skills": skills}
    assert admin.client.get(API, headers=headers).json == changed.json
    wrong = [{"kind": "language", "value": "fr"}]
    refused = admin.client.put(API, json={"skills": wrong}, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["skills"])
    assert "車輛分期" in text(visit("auditor").get("/admin/people/handler2"))

    no = register(engine, product="車輛分期").complaint_no
    (task,) = open_tasks(engine, no)
    shown = text(visit("handler2").get(f"/tasks/{task.id}"))
    assert "Given by the table of assignment: has the skill (車輛分期)" in shown
    assert "How the others were judged" not in shown
    assert "王思琪: is free" in text(visit("supervisor2").get(f"/complaints/{no}"))
