"""Every page of Redress in its states: who sees it, at which address, after doing what.

The check of accessibility and the pictures both walk this list, so a page that is added here is looked at by
both; a page that is missing here fails `test_accessibility`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.audit import note
from engine.cases.archive.retention import place_hold
from engine.cases.incoming.chats import Transcript, Turn, take_chat
from engine.cases.incoming.hotline import plan_shift, take_call, take_figures
from engine.cases.incoming.take_in import Arrived, take_in
from engine.cases.registration import register_complaint
from engine.cli.demo import complaints
from engine.domain.deadlines import local_date
from engine.domain.kpi import month_of
from engine.jobs.outside import activate_jobs, report_failure
from engine.jobs.passes import run_until_quiet
from engine.people.actor import SYSTEM
from engine.people.partners import save_partner
from engine.people.second_factor import begin_enrolment, confirm_enrolment
from engine.people.unsent import Unsent, keep_unsent
from engine.people.views import save_view
from engine.quality.facts import gather
from engine.quality.freezing import correct
from engine.quality.leaks import scan_due
from engine.quality.report.keep import draft_due
from engine.quality.training.records import Attended, enter_training
from engine.quality.training.sessions import plan_session
from engine.quality.verification import verify_due
from engine.quality.volumes import enter_volumes
from engine.runtime.commands import add_comment, claim, run_migrations, start_migration
from engine.runtime.deploy import deploy
from engine.store.tables.channels import Mailbox, ReceivedMail
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Instance
from tests.browser.people import Person
from tests.browser.place import Ids, Place, send, submit
from tests.browser.quality_places import object_to_a_figure, populate_quality, quality_places
from tests.browser.server import Server
from tests.codes import code
from tests.driving import do, drive, open_tasks
from tests.runtime.spiff.drawing import definitions
from tests.runtime.test_migrating import simple
from tests.runtime.test_operating import put
from tests.world import actor


def populate(redress: Redress) -> Ids:
    """Let some weeks of work happen in a furnished installation; returns what the addresses need by name."""
    ids: dict[str, str] = {}
    agent = actor(redress, "agent")
    numbers = [
        register_complaint(
            redress.runtime, agent, {**intake, "received_at": clock.now().isoformat()}
        ).complaint_no
        for intake in complaints()
    ]
    ids["archived"], ids["case"], ids["gravest"], ids["ungraded"] = numbers
    drive(redress, ids["archived"])
    clock.advance(timedelta(days=2))
    later = [register_complaint(redress.runtime, agent, each).complaint_no for each in complaints()]
    drive(redress, ids["gravest"], until="carry-out")
    drive(redress, later[1], until="approve-plan")
    drive(redress, later[0], until="inform-customer")
    _work_at_the_desk(redress, ids)
    _trouble(redress, ids)
    _mails(redress, ids)
    _calls_and_chats(redress)
    _partners(redress)
    populate_quality(redress, ids)
    _trainings(redress)
    run_until_quiet(redress.runtime)
    correct(redress.runtime, actor(redress, "analyst"), "2026-01", "The first month of the register.")
    object_to_a_figure(redress, ids)
    draft_due(redress.runtime)
    for _ in range(9):  # the trail is verified, part by part
        verify_due(redress.runtime)
    read_past_the_guards(redress)
    place_hold(
        redress.runtime, actor(redress, "compliance"), ids["archived"], ground="audit", reference="2026-7"
    )
    with redress.sessions.read() as session:
        for key, no in (("trail", "gravest"), ("trail_archived", "archived")):
            query = select(Instance.id).where(Instance.business_key == ids[no])
            ids[key] = str(session.scalars(query).first())
        for key, process in (("model", "complaint-handling"), ("lifecycle", "complaint")):
            query = select(Definition.id).where(Definition.process_id == process)
            ids[key] = str(session.scalars(query).first())
    return ids


def read_past_the_guards(redress: Redress) -> None:
    """Write what a guard would have masked, and have the clear texts looked through, part by part."""
    with redress.sessions.step() as session:
        note(session, "admin", "setting.changed", {"why": "call 13800138000"})
    for _ in range(60):
        scan_due(redress.runtime)


def _work_at_the_desk(redress: Redress, ids: dict[str, str]) -> None:
    """A task with a form half done and comments, a finished one, a view, a person with a second factor."""
    task = open_tasks(redress, ids["case"])[0]
    ids["done"] = str(task.id)
    do(redress, task, "handler")
    task = open_tasks(redress, ids["case"])[0]
    ids["task"] = str(task.id)
    claim(redress.runtime, actor(redress, "handler"), task.id)
    add_comment(redress.runtime, actor(redress, "handler"), task.id, "請 @supervisor 看一下退款金額。")
    add_comment(redress.runtime, actor(redress, "supervisor"), task.id, "已核對，金額無誤。")
    ids["free"] = str(open_tasks(redress, ids["ungraded"])[0].id)
    with redress.sessions.step() as session:
        save_view(session, actor(redress, "handler"), "本週到期", {"tab": "all", "sort": "due"})
    typed = [("name", "王小明"), ("content", "還款當日重複扣款，請協助查明。\r\n已致電熱線兩次。")]
    late = Unsent("/complaints/new", "/complaints/new", typed, ["收據.pdf"])
    ids["unsent"] = keep_unsent(redress.sessions, redress.keyring, actor(redress, "agent").id, late)
    secure = actor(redress, "management3")
    with redress.sessions.step() as session:
        made = begin_enrolment(session, redress.keyring, secure)
    with redress.sessions.step() as session:
        confirm_enrolment(session, redress.keyring, secure, code(made.secret))


def _trouble(redress: Redress, ids: dict[str, str]) -> None:
    """A job that was given up, a running migration, some that do not fit."""
    ids["instance"] = put(redress)
    for _ in range(3):
        for job in activate_jobs(redress.runtime, "printing", most=9, timeout_s=60, worker="w"):
            report_failure(redress.runtime, SYSTEM, job["id"], "jam in tray 2", delay_s=0)
    newer = {"p.bpmn": definitions(simple(after="c"))}
    deploy(redress.runtime, SYSTEM, newer, family="operated", replace=True)
    ids["migration"] = start_migration(redress.runtime, actor(redress, "owner"), "p", "A step was missing.")
    run_migrations(redress.runtime)


def _trainings(redress: Redress) -> None:
    """A session to come, and a training held elsewhere whose test was failed."""
    rt, analyst, today = redress.runtime, actor(redress, "analyst"), clock.now().date()
    plan_session(
        rt,
        analyst,
        title="上半年全員培訓",
        contents=["process", "communication", "law"],
        planned_on=today + timedelta(days=20),
        trainer="compliance",
    )
    enter_training(rt, analyst, Attended("handler2", ("law",), today, 40, "HR-2026-17"))


def _calls_and_chats(redress: Redress) -> None:
    """A shift, a complaint call without a case, figures of an hour, and a chat."""
    now = clock.now()
    plan_shift(redress.runtime, actor(redress, "supervisor"), "agent", now, now + timedelta(hours=8))
    call = {"id": "K-1", "at": now, "answered": True, "wait_s": 9, "is_complaint": True, "recording": "R/1"}
    span = {"begins_at": now - timedelta(hours=1), "ends_at": now, "offered": 20, "answered": 18}
    turns = (
        Turn(now, "customer", "扣款兩次。"),
        Turn(now + timedelta(seconds=40), "agent", "馬上為您查看。"),
    )
    customer = {"name": "示例客戶", "phone": "13800000003"}
    with redress.sessions.step() as session:
        take_call(session, call)
        take_figures(session, [span | {"abandoned": 2, "wait_s": 270}])
        chat = Transcript("C-1", now, now + timedelta(minutes=1), False, turns, customer)
        take_chat(redress.runtime, redress.vault, session, chat)


def _mails(redress: Redress, ids: dict[str, str]) -> None:
    """A mail that a machine wrote, and one that became a case."""
    name = "complaints@mail.example/INBOX"
    with redress.sessions.step() as session:
        session.add(Mailbox(name=name, validity=1, last_uid=0, attempts=0, checked_at=clock.now()))
    for uid, header in enumerate(("Auto-Submitted: auto-generated", "X-Plain: yes"), 1):
        raw = f"From: customer@example.com\r\n{header}\r\nSubject: form\r\n\r\nCharged twice.".encode()
        take_in(redress.runtime, redress.vault, Arrived(name, 1, uid, len(raw), clock.now(), raw))
    with redress.sessions.read() as session:
        waiting = select(ReceivedMail.id).where(ReceivedMail.outcome == "waiting")
        ids["mail"] = str(session.scalars(waiting).one())


def log_in_with_password(page: Page) -> None:
    """Give the right password of somebody with a second factor."""
    submit(username="management3", password="management3-demo")(page)


def places(ids: Ids) -> list[Place]:
    """Return every page, in the states that look different."""
    return [
        *_desk(ids),
        *_public(ids),
        *_cases(ids),
        *quality_places(ids),
        *_trails_and_models(ids),
        *_running(ids),
        *_people(),
        *_training(),
    ]


def _desk(ids: Ids) -> list[Place]:
    return [
        Place("login", "login.form", None, "/login"),
        Place("login-refused", "login.submit", None, "/login", submit(username="nobody", password="wrong")),
        Place("login-code", "login.code", None, "/login", log_in_with_password),
        Place("confirm", "login.confirm", "agent", "/login/confirm?next=/account"),
        Place("unsent", "login.unsent", "agent", f"/unsent/{ids['unsent']}"),
        Place("tasks-mine", "tasks.index", "handler", "/tasks"),
        Place("tasks-groups", "tasks.index", "handler", "/tasks?tab=groups"),
        Place("tasks-team", "tasks.index", "supervisor", "/tasks?tab=team"),
        Place("tasks-filtered", "tasks.index", "supervisor", "/tasks?tab=all&grade=1&sort=priority"),
        Place("shortcuts", "tasks.shortcuts", "supervisor", "/tasks/shortcuts"),
        Place(
            "shortcuts-refused",
            "tasks.keep_action",
            "supervisor",
            "/tasks/shortcuts",
            send("/shortcuts/actions"),
        ),
        Place("tasks-none-fits", "tasks.index", "handler", "/tasks?tab=all&q=none"),
        Place("tasks-empty", "tasks.index", "monitor2", "/tasks"),
        Place("task", "tasks.show", "handler", f"/tasks/{ids['task']}"),
        Place("task-free", "tasks.show", "agent", f"/tasks/{ids['free']}"),
        Place("task-done", "tasks.show", "handler", f"/tasks/{ids['done']}"),
        Place("team", "team.board", "supervisor", "/team"),
        Place("team-empty", "team.board", "admin", "/team"),
        Place("absences", "team.absences", "admin", "/team/absences"),
        Place("absences-refused", "team.arrange", "supervisor", "/team/absences", send("/team/absences")),
        Place("settings", "me.index", "supervisor", "/me"),
        Place("settings-refused", "me.arrange", "handler", "/me", send("/me/absences")),
        Place("notices", "notices.index", "supervisor", "/notices"),
        Place("notices-empty", "notices.index", "owner", "/notices"),
        Place("account", "account.index", "agent", "/account"),
        Place(
            "account-generator", "account.begin_generator", "agent", "/account", send("/account/generator")
        ),
        Place("account-refused", "account.password", "agent", "/account", send("/account/password")),
    ]


def _public(ids: Ids) -> list[Place]:
    """What customers see, who are nobody's user: one window for all, so the order counts."""
    asked = submit(content="重複扣款，請退回。", name="示範客戶戊", phone="13800000005")
    known = submit(number=ids["case"], proof="demo-b@example.com")
    return [
        Place("complain", "portal.form", None, "/complain"),
        Place("complain-refused", "portal.send", None, "/complain", send("")),
        Place("complain-received", "portal.acknowledgement", None, "/complain", asked),
        Place("track", "portal.track", None, "/track"),
        Place("track-refused", "portal.look", None, "/track", submit(number="none", proof="none")),
        Place("track-standing", "portal.track", None, "/track", known),
        Place("survey-unknown", "portal.survey", None, "/survey/none"),
    ]


def _cases(ids: Ids) -> list[Place]:
    case, archived = f"/complaints/{ids['case']}", f"/complaints/{ids['archived']}"
    return [
        Place("complaints", "complaints.index", "supervisor", "/complaints"),
        Place("complaints-none-fits", "complaints.index", "agent", "/complaints?number=none"),
        Place("complaints-empty", "complaints.index", "owner", "/complaints"),
        Place(
            "complaints-found", "complaints.find", "agent", "/complaints", submit(identifier="13800000003")
        ),
        Place("complaint-new", "complaints.new", "agent", "/complaints/new"),
        Place("complaint-refused", "complaints.create", "agent", "/complaints/new", send("/complaints/new")),
        Place("case", "complaints.show", "supervisor", case),
        Place("case-gravest", "complaints.show", "handler", f"/complaints/{ids['gravest']}"),
        Place("case-archived", "complaints.show", "compliance", archived),
        Place("case-withdraw-refused", "complaints.take_back", "supervisor", case, send("/withdraw")),
        Place("dates", "complaints.dates", "supervisor", f"{case}/dates"),
        Place("dates-refused", "complaints.leave_out", "supervisor", f"{case}/dates", send("/exclusions")),
        Place("letters", "complaints.letters", "supervisor", f"{case}/letters"),
        Place("letter", "complaints.preview", "supervisor", f"{case}/letters", send("/letters")),
        Place("channels", "intake.index", "agent", "/channels"),
        Place("mailboxes", "intake.mailbox_check", "supervisor", "/channels/mailboxes"),
        Place("channels-none", "intake.index", "analyst", "/channels?outcome=nothing"),
        Place("mail", "intake.mail", "agent", f"/channels/mail/{ids['mail']}"),
        Place("mail-refused", "intake.decide", "agent", f"/channels/mail/{ids['mail']}", send("")),
        Place("hotline", "intake.hotline", "supervisor", "/channels/hotline"),
        Place("hotline-read", "intake.hotline", "agent", "/channels/hotline"),
        Place("shift-refused", "intake.add_shift", "supervisor", "/channels/hotline", send("/shifts")),
        Place("chats", "intake.chats", "agent", "/channels/chats"),
        Place("chat", "intake.chat", "agent", "/channels/chats/C-1"),
        Place("archive", "archive.index", "compliance", "/archive"),
        Place("archive-empty", "archive.index", "compliance", "/archive?state=due"),
        Place("archive-one", "archive.show", "auditor", f"/archive/{ids['archived']}"),
        Place("not-found", "complaints.show", "agent", "/complaints/C0-000"),
        Place("forbidden", "admin.index", "agent", "/admin"),
    ]


def _trails_and_models(ids: Ids) -> list[Place]:
    trail = f"/trail/{ids['trail']}"
    return [
        Place("trails", "trail.index", "auditor", "/trail"),
        Place("trail", "trail.show", "auditor", trail),
        Place("trail-handling", "trail.show", "auditor", f"{trail}?process=complaint-handling"),
        Place("trail-archived", "trail.show", "auditor", f"/trail/{ids['trail_archived']}"),
        Place("verifications", "trail.verification_list", "auditor", "/trail/verifications"),
        Place("trail-verified", "trail.check", "auditor", f"{trail}/verify"),
        Place("models", "models.index", "owner", "/models"),
        Place("model", "models.show", "owner", f"/models/{ids['model']}"),
        Place("policy", "policy.index", "owner", "/policy"),
        Place("policy-settings", "policy.settings", "owner", "/policy/settings"),
        Place("policy-coverage", "policy.coverage", "owner", "/policy/coverage"),
        Place("policy-read", "policy.settings", "agent", "/policy/settings"),
        Place("reports", "reports.index", "analyst", "/reports"),
        Place("figures", "reports.figures", "analyst", "/reports/figures?by=grade"),
        Place("all figures", "reports.figures", "analyst", "/reports/figures"),
        Place("frozen", "reports.frozen_list", "analyst", "/reports/frozen"),
        Place("frozen month", "reports.frozen_show", "analyst", "/reports/frozen/2026-01"),
        Place("frozen cases", "reports.frozen_behind", "analyst", "/reports/frozen/2026-01/cases/timeliness"),
        Place("analyses", "reports.analyses", "analyst", "/reports/analyses"),
        Place("analysis", "reports.analysis", "analyst", "/reports/analyses/AR-2026-0001"),
        Place(
            "analysis cases",
            "reports.analysis_cases",
            "analyst",
            "/reports/analyses/AR-2026-0001/cases/timeliness?part=all",
        ),
        Place("records", "reports.records", "analyst", "/reports/records"),
        Place("leaks", "reports.leaks", "compliance", "/reports/leaks"),
        Place("leaks seen", "reports.leaks", "auditor", "/reports/leaks"),
        Place("leaks-refused", "reports.decide", "compliance", "/reports/leaks", send("")),
        Place("records behind", "reports.record_list", "analyst", "/reports/records/trained"),
        Place("volumes", "reports.volumes", "analyst", "/reports/volumes"),
        Place("my figures", "reports.mine", "handler", "/reports/mine"),
        Place("figure", "reports.behind", "analyst", "/reports/figures/timeliness?part=all"),
    ]


def _running(ids: Ids) -> list[Place]:
    views = ("now", "instances", "incidents", "jobs", "timers", "migrations")
    instance = f"/operations/instances/{ids['instance']}"
    return [
        *(Place(f"operations-{v}", "operations.index", "admin", f"/operations?view={v}") for v in views),
        Place("operations-none", "operations.index", "admin", "/operations?view=jobs&state=none&type=none"),
        Place("instance", "operations.one", "owner", instance),
        Place("instance-refused", "operations.act", "owner", instance, send("/suspend")),
        Place("migration", "operations.one_migration", "owner", f"/operations/migrations/{ids['migration']}"),
    ]


def _training() -> list[Place]:
    return [
        Place("training", "training.index", "handler", "/training"),
        Place("training-sessions", "training.sessions", "analyst", "/training/sessions"),
        Place("training-sessions-read", "training.sessions", "agent", "/training/sessions"),
        Place(
            "training-refused",
            "training.add_session",
            "analyst",
            "/training/sessions",
            send("/training/sessions"),
        ),
        Place("training-coverage", "training.coverage", "analyst", "/training/coverage?who=all"),
        Place("training-person", "training.person", "supervisor", "/training/people/handler2"),
    ]


def _partners(redress: Redress) -> None:
    terms = {"kind": "collector", "contact": "desk@collector.example", "active_from": "2026-01-01"}
    terms |= {"name": "示例催收公司", "contract_no": "HT-2026-1", "department_id": "collections"}
    with redress.sessions.step() as session:
        save_partner(session, actor(redress, "analyst"), "collector-1", terms)
    for partner in ("示例催收公司", "示例平台"):
        intake = complaints()[0] | {"partner": partner, "received_at": clock.now().isoformat()}
        register_complaint(redress.runtime, actor(redress, "agent"), intake)
    gather(redress.runtime)
    month = {"month": month_of(local_date(clock.now(), redress.config.timezone)).name}
    held = {"accounts": 12_000, "lent": "3500000", "reason": "核心系統"}
    rows = [{**month, **held, "product": "消費貸款"}, {**month, **held, "partner": "collector-1"}]
    enter_volumes(redress.runtime, actor(redress, "analyst"), rows)


def _people() -> list[Place]:
    return [
        Place("people", "admin.index", "admin", "/admin"),
        Place("people-read", "admin.index", "auditor", "/admin"),
        Place("person", "admin.person", "admin", "/admin/people/handler"),
        Place("person-own", "admin.person", "admin", "/admin/people/admin"),
        Place("person-new", "admin.new_person", "admin", "/admin/people/new"),
        Place("person-refused", "admin.add_person", "admin", "/admin/people/new", send("")),
        Place(
            "person-password",
            "admin.act_on_person",
            "admin",
            "/admin/people/supervisor2",
            send("/new-password"),
        ),
        Place("partners", "policy.partners", "analyst", "/policy/partners"),
        Place("partner", "policy.partner", "analyst", "/policy/partners/collector-1"),
        Place("partner-read", "policy.partner", "handler", "/policy/partners/collector-1"),
        Place("partner-new", "policy.new_partner", "analyst", "/policy/partners/new"),
        Place("partner-refused", "policy.add_partner", "analyst", "/policy/partners/new", send("")),
        Place("departments", "admin.departments", "admin", "/admin/departments"),
        Place("departments-refused", "admin.save_department", "admin", "/admin/departments", send("")),
    ]


class Visitors:
    """One window for each person, kept open from page to page."""

    def __init__(self, chromium: Browser, server: Server, **options: Any) -> None:
        self._chromium, self._server, self._options = chromium, server, options
        self._windows: dict[str | None, Person] = {}

    def go(self, place: Place) -> Page:
        """Open a place, do what belongs to it and wait until its forms and diagrams are drawn."""
        if place.who not in self._windows:
            self._windows[place.who] = Person(self._chromium, self._server, place.who, [], **self._options)
        page = self._windows[place.who].page
        page.goto(self._server.address + place.path)
        if place.who and urlsplit(page.url).path == "/login":
            raise RuntimeError(
                f"{place.name}: {place.who} is not logged in any more; another place ended that"
            )
        if place.act:
            place.act(page)
        for each in page.locator("[data-form], [data-diagram]").all():
            each.and_(page.locator("[data-ready]")).wait_for()
        return page

    def close(self) -> None:
        """Close all windows."""
        for window in self._windows.values():
            window.context.close()
