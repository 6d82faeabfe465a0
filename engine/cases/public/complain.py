"""A complaint by the public form: registered at once, with its files, once however often it is sent (R5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from engine.cases.acknowledging import acknowledge
from engine.cases.intake import read_intake
from engine.cases.registration import Registered, register_in
from engine.documents.register import attach_documents, store_document
from engine.documents.vault import Vault
from engine.domain.complaint import Channel
from engine.errors import InvalidInput
from engine.people.actor import PORTAL
from engine.privacy.identifiers import normalise
from engine.runtime.once import Once, is_answered, recall, remember
from engine.runtime.runtime import Runtime

MOST_FILES = 5
_NEEDED = {"email": "email", "phone": "phone", "sms": "phone", "letter": "address"}
_SHORTEST_PHONE, _LONGEST_PHONE = 5, 15
_WITHOUT_CONTACT = "give a phone number or an e-mail address, so that we can answer"
_NEEDED_FOR_WAY = "needed for the way of answering that you chose"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it comes in: a stream, the name and the type that the sender gives it."""

    stream: BinaryIO
    name: str
    media_type: str | None


def complain(
    rt: Runtime, vault: Vault, form: Mapping[str, Any], files: Sequence[SentFile], once: Once
) -> Registered:
    """Register what a customer sent: name, phone, email, address, content, preferred_contact, language
    (text each).

    What was sent before under the same key is not registered again. Raises InvalidInput by field: one way of
    contact is needed, nothing else that the company holds already.
    """
    checked = _read(form)
    if len(files) > MOST_FILES:
        message = f"takes at most {MOST_FILES} files"
        raise InvalidInput(message, {"files": [message]})
    with rt.sessions.read() as session:
        repeated = is_answered(session, PORTAL, once)
    try:
        with rt.sessions.step() as session:
            # Bytes come in before the database is touched; of a repetition they are not taken again.
            documents = [] if repeated else [_store(vault, session, file) for file in files]
            if (known := recall(session, PORTAL, once)) is not None:
                _undo(known)
            registered = register_in(rt, session, PORTAL, checked)
            attach_documents(session, documents, registered.complaint_no)
            acknowledge(rt, session, PORTAL, registered.complaint_no, checked)
            remember(session, PORTAL, once, asdict(registered))
            return registered
    except _AnsweredMeanwhile as answered:
        return answered.registered


def _undo(known: Mapping[str, Any]) -> None:
    raise _AnsweredMeanwhile(known)


class _AnsweredMeanwhile(Exception):
    """Undoes a step, and the files that came with it, because its twin was faster."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__("sent twice")
        self.registered = Registered(**known)


def _store(vault: Vault, session: Session, file: SentFile) -> str:
    try:
        return store_document(session, vault, file.stream, file.name, file.media_type, PORTAL).id
    except InvalidInput as error:
        raise InvalidInput(str(error), {"files": [str(error)]}) from error


def _read(form: Mapping[str, Any]) -> dict[str, Any]:
    customer = {
        name: form[name].strip()
        for name in ("name", "phone", "email", "address")
        if form.get(name, "").strip()
    }
    way = form.get("preferred_contact") or ("phone" if "phone" in customer else "email")
    errors = _contact_errors(customer, str(way))
    intake = {
        "channel": str(Channel.PORTAL),
        "content": form.get("content", ""),
        "customer": customer,
        "preferred_contact": way,
        "language": form.get("language") or None,
    }
    checked: dict[str, Any] = {}
    try:
        checked = read_intake(intake)
    except InvalidInput as error:
        found = {path.removeprefix("customer."): texts for path, texts in error.errors.items()}
        errors = found | {name: texts for name, texts in errors.items() if name not in found}
    if errors:
        raise InvalidInput("some fields need correction", errors)
    return checked


def _contact_errors(customer: Mapping[str, str], way: str) -> dict[str, list[str]]:
    if "phone" not in customer and "email" not in customer:
        return {"phone": [_WITHOUT_CONTACT]}
    errors: dict[str, list[str]] = {}
    if "phone" in customer:
        digits = normalise("phone", customer["phone"])
        if not _SHORTEST_PHONE <= len(digits) <= _LONGEST_PHONE:
            errors["phone"] = ["that is no phone number"]
    needed = _NEEDED.get(way)
    if needed is not None and needed not in customer:
        errors[needed] = [_NEEDED_FOR_WAY]
    return errors
