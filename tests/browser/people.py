"""Somebody at a browser: logged in as a demo user, in a window of their own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Page, expect

from tests.browser.drawn_form import DrawnForm
from tests.browser.server import Server
from tests.chromium import PATIENCE_MS, watch

CONTENT = "還款當日重複扣款，要求核實並退回。（測試資料）"


class Person(AbstractContextManager["Person"]):
    """A demo user with a browser. What the page reports as an error comes into `errors`."""

    def __init__(
        self,
        chromium: Browser,
        server: Server,
        username: str | None,
        errors: list[str],
        **options: Any,
    ) -> None:
        self.server, self.username = server, username
        settings = {"locale": "zh-TW", "timezone_id": "Asia/Shanghai", **options}
        kept = server.sessions.get(username or "")
        self.context = chromium.new_context(**settings, **({"storage_state": kept} if kept else {}))
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        watch(self.page, errors)
        if username and not kept:
            self.log_in()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def log_in(self) -> Self:
        """Log in through the page and keep the cookie for the next window."""
        assert self.username
        self.go("/login")
        self.page.locator("#username").fill(self.username)
        self.page.locator("#password").fill(f"{self.username}-demo")
        self.page.locator("#main form button").click()
        self.page.wait_for_url("**/tasks*")
        self.server.sessions[self.username] = self.context.storage_state()
        return self

    def go(self, path: str) -> Page:
        """Open an address of the installation."""
        self.page.goto(self.server.address + path)
        return self.page

    def register(self, grade: int | None = 3, **fields: str) -> str:
        """Register a complaint on the page for it; returns its number."""
        page = self.go("/complaints/new")
        for name, value in {"content": CONTENT, "name": "測試客戶", "phone": "13800000000", **fields}.items():
            page.locator(f"#{name}").fill(value)
        if grade is not None:
            page.locator("#category").select_option("business")
            page.locator("#grade").select_option(str(grade))
        page.locator("#preferred_contact").select_option("phone")
        page.locator("#main form .btn-primary").click()
        page.wait_for_url("**/complaints/*-*")
        return page.locator("h1").inner_text()

    def open_case(self, complaint_no: str) -> CasePage:
        """Open the page of a case."""
        self.go(f"/complaints/{complaint_no}")
        return CasePage(self)


class CasePage:
    """`/complaints/<no>`."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        self.tasks = self.page.locator("section:has(#tasks-title) .line")

    def task_names(self) -> list[str]:
        """Return the names of the open tasks that the person may see."""
        return self.tasks.locator("a").all_inner_texts()

    def fact(self, label: str) -> str:
        """Return a fact of the case by its label."""
        found = self.page.locator(f".split-side dt:text-is('{label}') + dd")
        return " ".join(found.first.inner_text().split())

    def status(self) -> str:
        """Return the status of the complaint, as the page says it."""
        return self.page.locator(".page-head .tag").first.inner_text()

    def next_task(self, name: str | None = None) -> TaskPage | None:
        """Open a task that is the person's, or claim one; None where there is neither."""
        lines = self.tasks.filter(has_text=name) if name else self.tasks
        mine = lines.filter(has_text=self.page.locator(".frame-who").inner_text()).locator("a")
        claimable = lines.locator("form button")
        for way in (mine, claimable):
            if way.count():
                way.first.click()
                self.page.wait_for_url("**/tasks/*")
                return TaskPage(self.person)
        return None

    def task(self, name: str) -> TaskPage:
        """Open or claim a task that is known to be there."""
        found = self.next_task(name)
        assert found is not None, f"{name} is not among {self.task_names()}"
        return found

    def upgrade(self, grade: int, reason: str) -> None:
        """Give the complaint another grade through the dialog."""
        self.page.locator("[data-opens=regrade]").click()
        dialog = self.page.locator("dialog#regrade")
        dialog.locator("select").select_option(str(grade))
        dialog.locator("textarea").fill(reason)
        with self.page.expect_navigation():  # a message of the page before must not count
            dialog.locator(".btn-primary").click()
        expect(self.page.locator(".alert-success")).to_be_visible()

    def open_trail(self) -> TrailPage:
        """Follow the link to the trail."""
        self.page.locator("section:has(#timeline-title) a[href^='/trail/']").first.click()
        self.page.wait_for_url("**/trail/*")
        return TrailPage(self.page)


class TaskPage:
    """`/tasks/<id>`."""

    def __init__(self, person: Person) -> None:
        self.page = person.page
        self.name = self.page.locator("h1").inner_text()
        self.form = DrawnForm(self.page, person.server.now())

    def complete(self, **answers: str) -> None:
        """Fill in the form (options by label; the rest the first choice) and complete the task."""
        self.form.wait().fill(answers)
        address = self.page.url
        self.form.submit()
        self.page.wait_for_url(lambda url: url != address)
        expect(self.page.locator(".alert-success")).to_contain_text(self.name)


class TrailPage:
    """`/trail/<instance>`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wait(self) -> TrailPage:
        """Wait until the diagram is drawn."""
        self.page.locator('[data-diagram][data-ready="true"]').wait_for()
        return self

    def marked(self, state: str) -> set[str]:
        """Return the ids of the elements that carry a state's mark: done, active, failed or cancelled."""
        found = self.page.locator(f"[data-diagram-canvas] .djs-element.redress-{state}")
        return set(found.evaluate_all("all => all.map(each => each.dataset.elementId)"))

    def entries(self) -> list[str]:
        """Return what the list beside the diagram says, in order."""
        return [" ".join(text.split()) for text in self.page.locator(".event-what").all_inner_texts()]

    def show_process(self, name: str) -> None:
        """Change to the diagram of another process that the instance was in."""
        self.page.locator(".tabs a", has_text=name).click()
        expect(self.page.locator(".tabs a[aria-current]", has_text=name)).to_be_visible()
        self.wait()

    def verify_chain(self) -> str:
        """Let the chain of hashes be checked; returns what the page says."""
        self.page.locator("a[href$='/verify']").click()
        return self.page.locator("[data-error-summary]").inner_text()
