"""All diagrams of a bundle in one dialect, whatever they were drawn for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import Finding, Message, ModelRefused
from engine.models.bundle import file_kind
from engine.models.dialects.camunda7 import DecisionShape, Surroundings, is_camunda7, translate
from engine.models.dialects.foreign import name_foreign
from engine.models.forms import Form
from engine.models.xml import local_name

_COLLECTING = ("RULE ORDER", "OUTPUT ORDER")


@dataclass
class Neutral:
    """What was found while reading, and the forms that diagrams carry inside them."""

    findings: list[Finding] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def make_neutral(roots: Mapping[str, etree._Element], forms: Mapping[str, Form]) -> Neutral:
    """Put the diagrams among `roots` (by path) into our dialect, in place.

    `forms` are those of the bundle by id.
    What cannot be read surely is a finding with file, element and line. Nothing is raised.
    """
    result = Neutral()
    around = surroundings_of(roots, forms)
    for path, root in roots.items():
        if file_kind(path) != "bpmn":
            continue
        if is_camunda7(root):
            translated = translate(root, path, around)
            result.findings += translated.findings
            for form_id, raw in translated.forms.items():
                try:
                    form = Form.parse(raw, f"{path}#{form_id}")
                except ModelRefused as refused:
                    result.findings += _located(refused.findings, path, form_id)
                    continue
                result.forms.append(form)
                result.findings += _located(form.warnings, path, form_id)
        result.findings += name_foreign(root, path)
    return result


def _located(findings: Iterable[Finding], path: str, form_id: str) -> list[Finding]:
    """Say of findings in a form that was drawn into a task in which file and form they are."""
    return [
        replace(item, file=path, message=Message("the form {form}: {said}", form=form_id, said=item.message))
        for item in findings
    ]


def surroundings_of(roots: Mapping[str, etree._Element], forms: Mapping[str, Form]) -> Surroundings:
    """Return what diagrams of Camunda 7 need to know of the other files."""
    decisions: dict[str, DecisionShape] = {}
    for path, root in roots.items():
        if file_kind(path) == "dmn":
            decisions |= _shapes(root)
    return Surroundings(
        forms={form_id: _kept_names(form) for form_id, form in forms.items()},
        form_files={PurePosixPath(form.source).name: form_id for form_id, form in forms.items()},
        decisions=decisions,
    )


def _kept_names(form: Form) -> tuple[str, ...]:
    """The names of a form's values that become variables: personal ones do not."""
    personal = set(form.personal_keys)
    return tuple(name for name in form.names if name not in personal)


def _shapes(root: etree._Element) -> dict[str, DecisionShape]:
    found = {}
    for node in root.iter(etree.Element):
        if local_name(node) != "decision":
            continue
        table = next((child for child in node if local_name(child) == "decisionTable"), None)
        if table is None:
            variable = next((child for child in node if local_name(child) == "variable"), None)
            name = "" if variable is None else variable.get("name", "")
            found[node.get("id", "")] = DecisionShape((name or node.get("id", ""),), collects=False)
            continue
        outputs = tuple(child.get("name", "") for child in table if local_name(child) == "output")
        policy = table.get("hitPolicy", "UNIQUE")
        collects = policy in _COLLECTING or (policy == "COLLECT" and not table.get("aggregation"))
        found[node.get("id", "")] = DecisionShape(outputs, collects)
    return found
