"""What the classes and grades mean, as the decision tables in force say it (R14, R16)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.orm import Session

from engine.cases.channels import LIFECYCLE
from engine.decisions.reading import child, children, text_of
from engine.domain.deadlines import local_date
from engine.models.forms.options import normalize_options
from engine.models.xml import parse_model
from engine.quality.supervision.coding import REGISTER
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.runtime import Runtime

CLASSES: Final = ("classification", "category", "reason")
"""The decision that suggests a class, with the outputs that say which and why."""
GRADES: Final = ("criteria_met", "grade", "criterion")
"""The decision that tells which criteria of the grades are met. The form of registration words them."""
_CRITERIA_FIELD: Final = "criteria"
_SETTING = re.compile(r'setting\("([a-z_.]+)",\s*received_at\)')
_LIMITS = re.compile(r">= ?(?P<least>\d+)|\[(?P<low>\d+)\.\.(?P<high>\d+)\)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that a criterion puts on a number of the case: from `least` on, below `under` where one is."""

    fact: str
    least: int
    under: int | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code covers, in words, and between which numbers."""

    text: str
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    outputs: dict[str, Any]
    tests: dict[str, str]


def definitions_in_force(
    rt: Runtime, session: Session, received_at: datetime, language: str
) -> tuple[dict[str, list[Meaning]], dict[str, list[Meaning]]]:
    """Return what each class covers and what makes a case one of each grade, by code, with the parameters of
    the day of receipt: classes as their table words them, criteria as the form of registration does, in
    `language` where the form is translated. Empty where an owner keeps these decisions under other names.
    """
    bundle = rt.bundles.get(session, find_definition(session, LIFECYCLE).bundle_id)
    parameters = rt.parameters.current(session)
    day = local_date(received_at, rt.config.timezone)

    def with_values(test: str) -> str:
        return _SETTING.sub(lambda found: str(parameters.value(found[1], day)), test)

    said = _criteria(bundle, language)
    return (
        _collected(bundle, *CLASSES, lambda text, _: Meaning(text)),
        _collected(
            bundle,
            *GRADES,
            lambda text, tests: Meaning(
                said.get(text, text),
                tuple(_limits({name: with_values(test) for name, test in tests.items()})),
            ),
        ),
    )


def _collected(
    bundle: LoadedBundle,
    decision: str,
    code: str,
    text: str,
    make: Callable[[str, dict[str, str]], Meaning],
) -> dict[str, list[Meaning]]:
    found: dict[str, list[Meaning]] = {}
    for rule in _rules(bundle, decision):
        if rule.outputs.get(code) is not None and rule.outputs.get(text):
            meaning = make(str(rule.outputs[text]), rule.tests)
            said = found.setdefault(str(rule.outputs[code]), [])
            if meaning not in said:
                said.append(meaning)
    return found


def _rules(bundle: LoadedBundle, decision: str) -> Iterator[_Rule]:
    """Yield the rules of a decision's table: its outputs by name, None for what is worked out when it is
    asked, and the tests by what they ask about.
    """
    if decision not in bundle.decisions:
        return
    path = bundle.decisions[decision].source
    for node in children(parse_model(bundle.files[path], path), "decision"):
        for table in children(node, "decisionTable") if node.get("id") == decision else ():
            asked = [text_of(child(each, "inputExpression")) or "" for each in children(table, "input")]
            names = [each.get("name", "") for each in children(table, "output")]
            for rule in children(table, "rule"):
                tests = [text_of(each) or "" for each in children(rule, "inputEntry")]
                cells = [_literal(text_of(each)) for each in children(rule, "outputEntry")]
                yield _Rule(dict(zip(names, cells, strict=False)), dict(zip(asked, tests, strict=False)))


def _literal(text: str | None) -> Any:
    """A text or number of FEEL is written as JSON writes it."""
    try:
        value = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, str | int) else None


def _limits(tests: dict[str, str]) -> Iterator[Limit]:
    for fact, test in tests.items():
        if (found := _LIMITS.fullmatch(test)) is not None:
            high = found["high"]
            yield Limit(fact, int(found["least"] or found["low"]), int(high) if high else None)


def _criteria(bundle: LoadedBundle, language: str) -> dict[str, str]:
    form = bundle.form(REGISTER)
    for field in form.fields:
        if field.key == _CRITERIA_FIELD:
            options = normalize_options(field.raw.get("values"))
            return {str(each["value"]): form.translated(str(each["label"]), language) for each in options}
    return {}
