"""Personal values in and out of the encrypted store; everywhere else only `personal:<id>` appears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import orjson
from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput, NotFound
from engine.privacy.keyring import Keyring
from engine.privacy.masking import ERASED
from engine.privacy.sealing import seal, unseal
from engine.privacy.subjects import OWNER, subject_key
from engine.store.ids import new_id
from engine.store.prepared import Prepared
from engine.store.tables.privacy import DataSubject, PersonalValue

PREFIX = "personal:"
_TABLE = PersonalValue.__tablename__
_BATCH = 500
_VALUES = cast(Table, PersonalValue.__table__)
_SUBJECTS = cast(Table, DataSubject.__table__)
_ADD_VALUES = Prepared(insert(_VALUES))
_READ = (
    select(_VALUES.c.id, _VALUES.c.field, _VALUES.c.ciphertext, _VALUES.c.subject_id, _SUBJECTS.c.wrapped_key)
    .join(_SUBJECTS, _SUBJECTS.c.id == _VALUES.c.subject_id)
    .where(_VALUES.c.id.in_(bindparam("ids", expanding=True)))
)
_READ_OF_SUBJECT = _READ.where(_VALUES.c.subject_id == bindparam("of_subject"))


def is_reference(value: Any) -> bool:
    """Tell whether `value` is a reference into the encrypted store."""
    return isinstance(value, str) and value.startswith(PREFIX)


def references_in(value: Any) -> Iterator[str]:
    """Give every reference in a JSON value, however deep it stands."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from references_in(item)
    elif is_reference(value):
        yield value


def store_value(session: Session, keyring: Keyring, subject_id: str, field: str, value: Any) -> str:
    """Encrypt one value (text or JSON) of a person; return its reference. Raises as `store_values`."""
    return store_values(session, keyring, subject_id, {field: value})[field]


def store_values(
    session: Session, keyring: Keyring, subject_id: str, values: Mapping[str, Any]
) -> dict[str, str]:
    """Encrypt values of a person, field -> text or JSON, in one insert; return field -> reference.

    Raises NotFound for an unknown person, Conflict for an erased one, InvalidInput for what is not JSON.
    """
    if not values:
        return {}
    key = subject_key(session, keyring, subject_id)
    if key is None:
        raise Conflict(f"data subject {subject_id} was erased; nothing more is stored about them")
    at = clock.now()
    rows: list[dict[str, Any]] = []
    for field, value in values.items():
        row_id = new_id()
        sealed = seal(key, _encoded(field, value), _TABLE, row_id, field)
        rows.append(
            {"id": row_id, "subject_id": subject_id, "field": field, "ciphertext": sealed, "created_at": at}
        )
    _ADD_VALUES.run_last(session, *rows)
    return {row["field"]: PREFIX + row["id"] for row in rows}


def read_values(
    session: Session, keyring: Keyring, references: Iterable[str], *, subject_id: str | None = None
) -> dict[str, Any]:
    """Decrypt references; return reference -> value, with ERASED in place of what was erased.

    With `subject_id` only values of this person are read: a reference that somebody typed into a form cannot
    bring up another's data; it is left out of the answer. Without it, raises NotFound naming references that
    do not exist. Raises SealBroken where a value was tampered with.
    """
    wanted = sorted(set(references))
    values: dict[str, Any] = {}
    keys: dict[str, bytes] = {}
    given: dict[str, Any] = {} if subject_id is None else {"of_subject": subject_id}
    query = _READ if subject_id is None else _READ_OF_SUBJECT
    for start in range(0, len(wanted), _BATCH):
        ids = [_row_id(reference) for reference in wanted[start : start + _BATCH]]
        for row in session.connection().execute(query, given | {"ids": ids}):
            if row.wrapped_key is None:
                values[PREFIX + row.id] = ERASED
                continue
            if row.subject_id not in keys:
                keys[row.subject_id] = keyring.unwrap(row.wrapped_key, OWNER, row.subject_id)
            clear = unseal(keys[row.subject_id], row.ciphertext, _TABLE, row.id, row.field)
            values[PREFIX + row.id] = orjson.loads(clear)
    missing = [reference for reference in wanted if reference not in values]
    if missing and subject_id is None:
        raise NotFound(f"the encrypted store does not hold {', '.join(missing[:5])}")
    return values


def read_value(session: Session, keyring: Keyring, reference: str) -> Any:
    """Decrypt one reference. Raises as `read_values`."""
    return read_values(session, keyring, [reference])[reference]


def _encoded(field: str, value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise InvalidInput(
            f"the personal field {field!r} takes text or JSON, not {type(value).__name__}",
            {field: ["takes text or JSON"]},
        ) from error


def _row_id(reference: str) -> str:
    if not is_reference(reference):
        raise InvalidInput(f"a reference into the encrypted store begins with {PREFIX!r}")
    return reference.removeprefix(PREFIX)
