"""All rules over all files of a bundle: every finding at once, in the order of the files and their lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import Finding, Message, ModelRefused
from engine.models.bundle import check_bounds, file_kind
from engine.models.dialects.neutral import make_neutral
from engine.models.forms import Form
from engine.models.lint.decisions import check_decisions, decision_ids
from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.lint.expressions import check_expressions
from engine.models.lint.extensions import check_extensions
from engine.models.lint.labels import check_labels
from engine.models.lint.lifecycle import check_lifecycle
from engine.models.lint.places import check_places
from engine.models.lint.references import check_bundle_ids, check_references
from engine.models.lint.soundness import check_soundness
from engine.models.lint.spelling import check_spelling
from engine.models.lint.structure import check_gateways, check_pictures, check_structure
from engine.models.lint.tasks import check_tasks
from engine.models.lint.words import check_words
from engine.models.settings import FamilySettings
from engine.models.xml import parse_model

_RULES: tuple[Callable[[Bundle, Drawing, Findings], None], ...] = (
    check_references,
    check_expressions,
    check_tasks,
    check_extensions,
    check_places,
    check_spelling,
    check_gateways,
    check_words,
    check_pictures,
    check_labels,
)


def lint(
    files: Mapping[str, bytes], *, roles: Collection[str], settings: FamilySettings | None = None
) -> list[Finding]:
    """Return everything that is wrong or doubtful in the files of a family.

    `files` holds the whole bundle by path, `roles` the candidate groups that exist. Findings of severity
    `error` refuse the deployment. Nothing is raised.
    """
    settings = settings or FamilySettings()
    findings = Findings(check_bounds(files))
    roots = _parse(files, findings)
    broken: set[str] = set()
    forms = _forms(files, findings, broken)
    neutral = make_neutral(roots, forms)
    findings.items.extend(neutral.findings)
    for form in neutral.forms:
        forms.setdefault(form.id, form)
    drawings = [Drawing(path, root) for path, root in roots.items() if file_kind(path) == "bpmn"]
    tables = {path: root for path, root in roots.items() if file_kind(path) == "dmn"}
    bundle = Bundle(
        drawings=[drawing for drawing in drawings if drawing.is_bpmn],
        decisions=decision_ids(tables),
        forms=forms,
        broken_forms=broken,
        settings=settings,
        roles=frozenset(roles),
    )
    for drawing in drawings:
        check_structure(drawing, findings)
    check_decisions(tables, findings)
    check_bundle_ids(bundle, tables, findings)
    for drawing in bundle.drawings:
        for rule in _RULES:
            rule(bundle, drawing, findings)
    for drawing in bundle.drawings:
        check_soundness(bundle, drawing, findings)
    if settings.lifecycle:
        check_lifecycle(bundle, findings)
    if settings.unknown:
        message = Message("unknown settings: {names}; they have no effect", names=", ".join(settings.unknown))
        findings.items.append(Finding(message, settings.source, code="settings", severity="warning"))
    return _in_order(files, findings.items)


def _parse(files: Mapping[str, bytes], findings: Findings) -> dict[str, etree._Element]:
    roots = {}
    for path, content in files.items():
        if file_kind(path) in ("bpmn", "dmn"):
            try:
                roots[path] = parse_model(content, path)
            except ModelRefused as refused:
                findings.items.extend(refused.findings)
    return roots


def _claimed_ids(content: bytes, path: str) -> set[str]:
    """Return the ids that a form which was refused may go by: it is there, if not as it should be."""
    names = {PurePosixPath(path).stem}
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        names.add(str(json.loads(content)["id"]))
    return names


def _forms(files: Mapping[str, bytes], findings: Findings, broken: set[str]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for path, content in files.items():
        if file_kind(path) != "form":
            continue
        try:
            form = Form.parse(content, path)
        except ModelRefused as refused:
            findings.items.extend(refused.findings)
            broken.update(_claimed_ids(content, path))
            continue
        findings.items.extend(form.warnings)
        if form.id in forms:
            message = Message(
                "the form id '{id}' is also that of {source}; change one",
                id=form.id,
                source=forms[form.id].source,
            )
            findings.items.append(Finding(message, path, code="bundle.form-id"))
        forms.setdefault(form.id, form)
    return forms


def _in_order(files: Mapping[str, bytes], items: list[Finding]) -> list[Finding]:
    """Errors and warnings of one place stand together; what is found twice is told once."""
    place = {path: number for number, path in enumerate(files)}
    distinct = list(dict.fromkeys(items))
    return sorted(distinct, key=lambda item: (place.get(item.file, -1), item.line or 0))
