"""Writing a diagram over: from Camunda 7's dialect into ours, and with a picture where it has none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import Finding, ModelRefused
from engine.models.bundle import file_kind
from engine.models.dialects.camunda7 import is_camunda7, translate
from engine.models.dialects.camunda7.translation import SPACES
from engine.models.dialects.neutral import surroundings_of
from engine.models.forms import Form
from engine.models.layout import lay_out
from engine.models.xml import BPMN, BPMNDI, MODELER, ZEEBE, local_name, namespace, parse_model

_PLATFORM = ("Camunda Cloud", "8.6.0")


@dataclass
class Rewritten:
    """The files that change or are new, by path, and what kept others from being written over."""

    files: dict[str, bytes] = field(default_factory=dict)
    drawn_in: dict[str, str] = field(default_factory=dict)
    """The diagram that each new form was drawn in."""
    findings: list[Finding] = field(default_factory=list)


def rewrite(files: Mapping[str, bytes], *, layout: bool = False) -> Rewritten:
    """Return the files of a bundle that are to be written over so that they are in our dialect.

    Ids, documentation, comments and pictures stay; forms drawn into tasks become files beside. `layout`: draw
    diagrams that have no picture. A file with anything that cannot be translated surely is left as it is, and
    that is among the findings. Nothing is raised.
    """
    result = Rewritten()
    roots: dict[str, etree._Element] = {}
    forms: dict[str, Form] = {}
    for path, content in files.items():
        try:
            if file_kind(path) in ("bpmn", "dmn"):
                roots[path] = parse_model(content, path, comments=True)
            elif file_kind(path) == "form":
                form = Form.parse(content, path)
                forms.setdefault(form.id, form)
        except ModelRefused as refused:
            result.findings += refused.findings
    around = surroundings_of(roots, forms)
    for path, root in roots.items():
        if file_kind(path) != "bpmn" or namespace(root) != BPMN or local_name(root) != "definitions":
            continue
        made: dict[str, bytes] = {}
        changed = is_camunda7(root)
        if changed:
            translated = translate(root, path, around)
            result.findings += translated.findings
            if any(finding.severity == "error" for finding in translated.findings):
                continue
            for form_id, raw in translated.forms.items():
                name = str(PurePosixPath(path).with_name(f"{form_id}.form"))
                result.drawn_in[name] = path
                made[name] = (json.dumps(raw, ensure_ascii=False, indent=2) + "\n").encode()
            _rename_platform(root)
        if layout and root.find(f"{{{BPMNDI}}}BPMNDiagram/{{{BPMNDI}}}BPMNPlane/*") is None:
            lay_out(root)
            changed = True
        if changed:
            result.files |= {**made, path: _written(root)}
    return result


def _rename_platform(root: etree._Element) -> None:
    for name, text in zip(("executionPlatform", "executionPlatformVersion"), _PLATFORM, strict=True):
        if root.get(f"{{{MODELER}}}{name}") is not None:
            root.set(f"{{{MODELER}}}{name}", text)


def _written(root: etree._Element) -> bytes:
    unused = {space for space in SPACES if space in root.nsmap.values()}
    kept = [prefix for prefix, space in root.nsmap.items() if prefix and space not in unused]
    etree.cleanup_namespaces(root, top_nsmap={"zeebe": ZEEBE}, keep_ns_prefixes=[*kept, "zeebe"])
    etree.indent(root, space="  ")
    written: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return written + b"\n"
