"""Every screen on both databases, over a case that has gone some way."""

from __future__ import annotations

from engine.assembly import Redress
from tests.driving import complaint, drive
from tests.web.conftest import Browser
from tests.world import postgres_seed, redress, register, sqlite_seed
from web import create_app
from web.extensions import db

__all__ = ["postgres_seed", "redress", "sqlite_seed"]

PATHS = {
    "handler": ("/tasks", "/tasks?tab=groups&step=investigate&grade=1", "/complaints?handler=me", "/notices"),
    "supervisor": (
        "/tasks?tab=all",
        "/complaints?sort=due&overdue=1",
        "/complaints/{no}",
        "/reports",
        "/models",
    ),
    "auditor": (
        "/complaints?number={no}",
        "/trail?state=active",
        "/trail/{instance}",
        "/trail/{instance}/verify",
        "/operations",
        "/operations?view=timers",
        "/operations?view=jobs",
        "/admin?role=handlers",
    ),
}


def test_every_screen_answers_on_this_database(redress: Redress) -> None:
    numbers = [register(redress, grade=grade).complaint_no for grade in (1, 2)]
    drive(redress, numbers[0], until="approve-plan")
    app = create_app(redress)
    instance = complaint(redress, numbers[0]).instance_id
    for username, paths in PATHS.items():
        browser = Browser(app)
        browser.log_in(username)
        for path in paths:
            answer = browser.get(path.format(no=numbers[0], instance=instance))
            assert answer.status_code == 200, (username, path)
    public = Browser(app)
    for refused in (
        public.get("/login?next=%00"),
        browser.get("/complaints/%00"),
        public.post("/login", {"username": "agent\0", "password": "x"}),
        public.post("/track", {"number": numbers[0], "proof": "\0"}),
    ):
        assert refused.status_code == 422
        assert "NUL" in refused.get_data(as_text=True)
    with app.app_context():
        db.engine.dispose()
