"""Names and documentation in every language, for families whose settings ask for them."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.errors import Message
from engine.models.lint.drawing import Bundle, Drawing, Findings
from engine.models.nodes import GATEWAYS
from engine.models.properties import ElementProperties
from engine.models.vocabulary import DOCUMENTATION, LABEL, LABEL_LANGUAGES


def check_labels(bundle: Bundle, drawing: Drawing, findings: Findings) -> None:
    """Refuse elements without a name or its translations; warn of what is not documented.

    Gateways may be nameless; one that has a name has it in every language.
    """
    if not bundle.settings.require_labels:
        return
    processes = [(process, drawing.properties(process)) for process in drawing.executable]
    for node, properties in (*processes, *drawing.running()):
        if not properties.name.strip():
            if properties.kind not in GATEWAYS:
                message = Message(
                    "the {kind} has no name; give it one in Traditional Chinese", kind=properties.kind
                )
                findings.add(drawing, node, "label.name", message)
            continue
        if names := _lacking(properties.labels, LABEL):
            message = Message(
                "「{name}」 is not translated; add the property {names}", name=properties.name, names=names
            )
            findings.add(drawing, node, "label.translation", message)
        if properties.kind in ("process", "userTask"):
            _check_documentation(drawing, node, properties, findings)


def _check_documentation(
    drawing: Drawing, node: etree._Element, properties: ElementProperties, findings: Findings
) -> None:
    if not properties.documentation:
        message = Message(
            "「{name}」 is not documented; say what is to be done and why", name=properties.name
        )
    elif names := _lacking(properties.explanations, DOCUMENTATION):
        message = Message(
            "the documentation of 「{name}」 is not translated; add the property {names}",
            name=properties.name,
            names=names,
        )
    else:
        return
    findings.add(drawing, node, "label.documentation", message, warning=True)


def _lacking(texts: Mapping[str, str], prefix: str) -> str:
    """Return the properties of the languages in which there is no text, with commas between them."""
    return ", ".join(
        f"{prefix}{language}" for language in LABEL_LANGUAGES if not texts.get(language, "").strip()
    )
