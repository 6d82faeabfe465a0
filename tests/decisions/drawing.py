"""Small DMN documents for tests."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from engine.decisions import load_model

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body, namespace="urn:test", model=MODEL):
    return etree.fromstring(
        f'<definitions xmlns="{model}" name="test" namespace="{namespace}">{body}</definitions>'
    )


def load(body, **options):
    return load_model(definitions(body), source="test.dmn", **options)


def literal(text):
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(name, logic, *, requires="", type_ref=""):
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    return (
        f"<decision id={quoteattr('d_' + name)} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)}{kind}/>{requires}{logic}</decision>"
    )


def needs(kind, href):
    outer = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return f'<{outer}><{kind} href="#{href}"/></{outer}>'


def table(inputs: Iterable[str], outputs: Iterable[str], rules, policy="UNIQUE", extra="", values=()):
    """Return a table; each rule is a row of cells, inputs first, and perhaps an annotation at the end."""
    inputs, outputs, values = list(inputs), list(outputs), list(values)
    parts = [f'<decisionTable id="t1" hitPolicy="{policy}" {extra}>']
    parts += [
        f"<input><inputExpression><text>{escape(one)}</text></inputExpression></input>" for one in inputs
    ]
    for place, name in enumerate(outputs):
        allowed = f"<outputValues><text>{escape(values[place])}</text></outputValues>" if values else ""
        parts.append(f"<output name={quoteattr(name)}>{allowed}</output>")
    for number, row in enumerate(rules, 1):
        cells = [f"<text>{escape(cell)}</text>" for cell in row]
        tests, results = cells[: len(inputs)], cells[len(inputs) : len(inputs) + len(outputs)]
        notes = cells[len(inputs) + len(outputs) :]
        parts.append(f'<rule id="r{number}">')
        parts += [f"<inputEntry>{cell}</inputEntry>" for cell in tests]
        parts += [f"<outputEntry>{cell}</outputEntry>" for cell in results]
        parts += [f"<annotationEntry>{cell}</annotationEntry>" for cell in notes]
        parts.append("</rule>")
    return "".join(parts) + "</decisionTable>"
