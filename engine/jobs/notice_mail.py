"""Mails about notices: which kind of thing happened and where to look; nothing of whom it is about (R60)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select

from engine.channels.mail import Mail, send_mail
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Notification, Person

_SUBJECTS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-Hant": {
        "assigned": "有任務指派給您",
        "handed-back": "您委派的任務已交回",
        "delegate-done": "您委派的任務已完成",
        "loan-over": "您委派的任務約定日期已過",
        "taken-back": "委派給您的任務已被收回",
        "mention": "有留言提及您",
        "due-soon": "任務即將到期",
        "overdue": "任務已逾期",
        "group-task": "群組有新任務",
        "case": "投訴案件通知",
        "confidential": "有保密事項待您處理",
        "coding": "有結案案件待您二次編碼",
        "contest": "您對指標的異議已有決定",
    },
    "zh-Hans": {
        "assigned": "有任务指派给您",
        "handed-back": "您委派的任务已交回",
        "delegate-done": "您委派的任务已完成",
        "loan-over": "您委派的任务约定日期已过",
        "taken-back": "委派给您的任务已被收回",
        "mention": "有留言提及您",
        "due-soon": "任务即将到期",
        "overdue": "任务已逾期",
        "group-task": "群组有新任务",
        "case": "投诉案件通知",
        "confidential": "有保密事项待您处理",
        "coding": "有结案案件待您二次编码",
        "contest": "您对指标的异议已有决定",
    },
    "en": {
        "assigned": "A task was assigned to you",
        "handed-back": "A task that you delegated came back to you",
        "delegate-done": "A task that you delegated is done",
        "loan-over": "A task that you delegated is out for longer than agreed",
        "taken-back": "A task that was delegated to you was taken back",
        "mention": "You are mentioned in a comment",
        "due-soon": "A task is due soon",
        "overdue": "A task is overdue",
        "group-task": "A new task for your group",
        "case": "A notice about a complaint",
        "confidential": "A confidential matter waits for you",
        "coding": "Closed cases wait to be coded a second time",
        "contest": "Your objection to a figure was decided",
    },
}
_CLOSING: Final = {
    "zh-Hant": "請登入系統查看。可在「我的設定」變更通知方式。",
    "zh-Hans": "请登录系统查看。可在「我的设置」更改通知方式。",
    "en": "Log in to look at it. “My settings” says how you are told of things.",
}


def send_notice_mail(rt: Runtime, payload: Mapping[str, Any], key: str) -> None:
    """Send the mail about a notice, unless its reader has seen it meanwhile or left. Raises NotSent."""
    with rt.sessions.read() as session:
        row = session.execute(
            select(
                Notification.kind,
                Notification.complaint_no,
                Notification.task_id,
                Person.email,
                Person.locale,
            )
            .join(Person, Person.id == Notification.person_id)
            .where(Notification.id == payload["notice"], still_wanted())
            .where(Person.active, Person.email.is_not(None))
        ).one_or_none()
    if row is None:
        return
    language = language_of(row.locale)
    said = said_of(row.kind, language)
    subject = f"[Redress] {said}" + (f" {row.complaint_no}" if row.complaint_no else "")
    place = f"/tasks/{row.task_id}" if row.task_id else "/notices"
    link = f"{rt.config.public_url.rstrip('/')}{place}\n\n" if rt.config.public_url else ""
    send_mail(rt.config, Mail(str(row.email), subject, f"{said}\n\n{link}{_CLOSING[language]}\n", key))


def language_of(locale: str | None) -> str:
    """Return the language in which somebody is written to: the one that they chose, or ours."""
    return locale if locale is not None and locale in _SUBJECTS else "zh-Hant"


def said_of(kind: str, language: str) -> str:
    """Return what a notice of a kind says, without whom or what it is about."""
    return _SUBJECTS[language][kind if kind in _SUBJECTS[language] else "case"]


def still_wanted() -> ColumnElement[bool]:
    """Whether a notice is still news: not read, or never meant for the page and so read from the first."""
    return or_(Notification.read_at.is_(None), Notification.read_at == Notification.created_at)
