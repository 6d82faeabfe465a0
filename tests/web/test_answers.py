"""What was filled in, told by labels and words."""

from __future__ import annotations

from engine.assembly import Redress
from engine.models.forms import Form
from tests.web.conftest import Visit
from web.answers import answers

ROWS = {
    "type": "dynamiclist",
    "path": "proofs",
    "components": [
        {"type": "textfield", "key": "what", "label": "What"},
        {"type": "filepicker", "key": "files", "label": "Proof"},
    ],
}


def test_files_in_the_rows_of_a_list_are_told_with_their_row(engine: Redress, visit: Visit) -> None:
    form = Form.parse({"type": "default", "id": "proofs", "components": [ROWS]}, "proofs.form")
    values = {"proofs": [{"what": "Transfer", "files": ["d1"]}, {"what": "Letter", "files": ["d2", "d3"]}]}
    app = visit().client.application
    with engine.sessions.read() as session, app.test_request_context(headers={"Accept-Language": "en"}):
        told = answers(session, form, values, str)
    assert [(each.label, each.documents) for each in told] == [
        ("1. What", ()),
        ("1. Proof", ("d1",)),
        ("2. What", ()),
        ("2. Proof", ("d2", "d3")),
    ]
