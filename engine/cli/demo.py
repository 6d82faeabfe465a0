"""Furnishing the demo: models, people and a few complaints, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.registration import register_complaint
from engine.cli.models import deploy_paths
from engine.errors import ConfigurationError
from engine.people.acting import load_actor
from engine.people.demo import add_demo_people
from engine.store.tables.cases import Complaint


def furnish(redress: Redress, root: Path) -> None:
    """Deploy the models below `root`, add the demo's users, and complaints where there are none.

    Raises ConfigurationError in production: demo users have known passwords.
    """
    if redress.config.environment == "production":
        raise ConfigurationError(
            "the demo is not for production: run `redress init`, `deploy`, `serve` and `work`"
        )
    with redress.sessions.step() as session:
        add_demo_people(session)
    for line in deploy_paths(redress.runtime, [root / "processes", root / "forms"], None, "demo"):
        if "unchanged" not in line:
            click.echo(line)
    with redress.sessions.read() as session:
        empty = session.scalars(select(Complaint.no).limit(1)).first() is None
        agent = load_actor(session, "agent")
    if empty:
        for intake in complaints():
            register_complaint(redress.runtime, agent, intake)


def complaints() -> list[dict[str, Any]]:
    """Return a few synthetic complaints, one of each grade and one not yet graded."""
    now = clock.now()
    return [
        {
            "channel": "hotline",
            "received_at": (now - timedelta(hours=2)).isoformat(),
            "content": "客戶表示還款當日系統多扣了一期款項，要求核實並退回。（示範資料，內容為虛構）",
            "customer": {"name": "示範客戶甲", "phone": "13800000001"},
            "product": "消費貸款",
            "category": "business",
            "grade": 3,
            "preferred_contact": "phone",
        },
        {
            "channel": "email",
            "received_at": (now - timedelta(days=1)).isoformat(),
            "content": "客戶反映客服多次未回電，態度冷淡，要求說明並道歉。（示範資料，內容為虛構）",
            "customer": {"name": "示範客戶乙", "email": "demo-b@example.com"},
            "product": "現金分期",
            "category": "service",
            "grade": 2,
            "spread_risk": True,
            "preferred_contact": "email",
        },
        {
            "channel": "letter",
            "received_at": (now - timedelta(days=2)).isoformat(),
            "content": "客戶稱從未申請貸款卻有借款記錄，擬委託律師提起訴訟。（示範資料，內容為虛構）",
            "customer": {"name": "示範客戶丙", "phone": "13800000003"},
            "product": "消費貸款",
            "category": "product",
            "grade": 1,
            "legal_risk": True,
            "urgent": True,
            "preferred_contact": "letter",
        },
        {
            "channel": "chat",
            "received_at": (now - timedelta(minutes=20)).isoformat(),
            "content": "客戶詢問提前還款手續費的計算方式並表示不滿。（示範資料，內容為虛構）",
            "customer": {"name": "示範客戶丁", "phone": "13800000004"},
            "product": "現金分期",
            "preferred_contact": "sms",
        },
    ]
