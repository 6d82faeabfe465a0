"""What is hashed is canonical JSON, however it was written."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.canonical import canonical, commitment, plain, row_hash

KEYS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_our_writer_agrees_with_an_independent_one(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(plain(value))


def test_numbers_that_json_cannot_hold_become_text() -> None:
    assert (
        canonical([2**60, Decimal("1.10"), 1.5, Decimal("2.0")]) == b'["1152921504606846976","1.10","1.5",2]'
    )


def test_a_row_hash_covers_every_column() -> None:
    row = {
        "stream": "s",
        "seq": 1,
        "at": "2026-03-02T01:00:00.000000Z",
        "actor": "agent",
        "kind": "task.completed",
        "element_id": "e",
        "element_name": "n",
        "data": '{"a":1}',
        "prev_hash": "",
    }
    base = row_hash(**row)
    changed = {row_hash(**{**row, name: 2 if name == "seq" else "2"}) for name in row}
    assert base not in changed
    assert len(changed) == len(row)


def test_a_commitment_does_not_show_its_value() -> None:
    assert commitment("salt", "yes") != hashlib.sha256(canonical("yes")).hexdigest()
    assert commitment("a", "yes") != commitment("b", "yes")
