"""Documents: handed in, described, read back by those who may see the case."""

from __future__ import annotations

import hashlib
from io import BytesIO

from sqlalchemy import func, select

from engine.assembly import Redress
from engine.store.tables.audit import History
from tests.web.api.conftest import Calling
from tests.world import register

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def upload(
    calling: Calling, name: str, content: bytes = PDF, file: str = "收據.pdf", **fields: str
) -> object:
    data = {"file": (BytesIO(content), file), **fields}
    return calling(name).post("/documents", data=data, content_type="multipart/form-data")


def test_a_file_comes_back_as_it_was_and_the_trail_says_who_opened_it(
    calling: Calling, engine: Redress
) -> None:
    number = register(engine).complaint_no
    answer = upload(calling, "agent", complaint_no=number)
    assert answer.status_code == 201
    document = answer.json
    assert document["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (document["size"], document["media_type"], document["name"]) == (
        len(PDF),
        "application/pdf",
        "收據.pdf",
    )
    seen = calling("handler").read(f"/documents/{document['document_id']}")
    assert seen == document
    content = calling("handler").get(f"/documents/{document['document_id']}/content")
    assert content.data == PDF
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    with engine.sessions.read() as session:
        query = select(func.count()).where(History.kind == "document.opened", History.actor == "handler")
        assert session.scalar(query) == 1


def test_a_document_of_a_case_that_one_may_not_see_is_not_there(calling: Calling, engine: Redress) -> None:
    loose = upload(calling, "agent").json["document_id"]
    assert calling("agent").get(f"/documents/{loose}").status_code == 200
    for path in (f"/documents/{loose}", f"/documents/{loose}/content", f"/documents/{'0' * 32}"):
        assert calling("handler").get(path).status_code == 404
    assert upload(calling, "handler2", complaint_no="RC-20260302-000999").status_code == 404


def test_a_file_that_is_not_what_it_says_is_refused(calling: Calling) -> None:
    for content, file in ((b"MZ\x90\x00 not a document", "receipt.pdf"), (PDF, "run.exe")):
        answer = upload(calling, "agent", content, file)
        assert answer.status_code == 422
        assert answer.json["detail"]
    nothing = calling("agent").post("/documents", data={}, content_type="multipart/form-data")
    assert (nothing.status_code, list(nothing.json["errors"])) == (422, ["file"])
