"""Departments: rows, and their names in the three languages of the screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.people import Department

# The row holds the Traditional Chinese name; what is not here is shown by it in every language.
DEPARTMENT_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "customer-service": {"zh-Hant": "客戶服務部", "zh-Hans": "客户服务部", "en": "Customer service"},
    "loan-operations": {"zh-Hant": "貸款業務部", "zh-Hans": "贷款业务部", "en": "Loan operations"},
    "collections": {"zh-Hant": "貸後管理部", "zh-Hans": "贷后管理部", "en": "Collections"},
    "products": {"zh-Hant": "產品部", "zh-Hans": "产品部", "en": "Products"},
    "complaint-management": {"zh-Hant": "投訴管理部", "zh-Hans": "投诉管理部", "en": "Complaint management"},
    "compliance": {"zh-Hant": "合規部", "zh-Hans": "合规部", "en": "Compliance"},
    "internal-audit": {"zh-Hant": "內部審計部", "zh-Hans": "内部审计部", "en": "Internal audit"},
    "information-technology": {
        "zh-Hant": "資訊科技部",
        "zh-Hans": "信息科技部",
        "en": "Information technology",
    },
    "management": {"zh-Hant": "公司管理層", "zh-Hans": "公司管理层", "en": "Company management"},
}


def department_name(department_id: str | None, name: str | None, locale: str) -> str:
    """Return the name to show in `locale` (zh-Hant, zh-Hans, en); the row's own name where none is known."""
    names = DEPARTMENT_NAMES.get(department_id or "", {})
    return names.get(locale) or name or department_id or ""


def add_department(session: Session, department_id: str, name: str, parent_id: str | None = None) -> None:
    """Add a department unless it is there."""
    if session.get(Department, department_id) is None:
        session.execute(insert(Department).values(id=department_id, name=name, parent_id=parent_id))


def every_department(session: Session, *, limit: int = 500) -> list[dict[str, Any]]:
    """Return all departments as plain rows, closed ones too: id, name, parent_id, active."""
    columns = (Department.id, Department.name, Department.parent_id, Department.active)
    query = select(*columns).order_by(Department.id).limit(limit)
    return [dict(row._mapping) for row in session.execute(query)]


def list_departments(session: Session, *, limit: int = 500) -> list[dict[str, Any]]:
    """Return the active departments as plain rows: id, name, parent_id."""
    return [row._asdict() for row in _LIST.all(session, {"most": limit})]


_DEPARTMENT = table_of(Department)
_LIST = Prepared(
    select(_DEPARTMENT.c.id, _DEPARTMENT.c.name, _DEPARTMENT.c.parent_id)
    .where(_DEPARTMENT.c.active)
    .order_by(_DEPARTMENT.c.id)
    .limit(bindparam("most"))
)
