"""All that is wrong with, or doubtful in, one DMN file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from engine.decisions.elements import InputData
from engine.decisions.lint.tables import check_table
from engine.decisions.load import ModelReader, read_model
from engine.decisions.model import DecisionModel
from engine.decisions.reading import children, local_name, root_of
from engine.errors import Finding, Message
from engine.feel.builtins import BUILTINS


def check_model(
    xml_root: Any,
    *,
    source: str,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    facts: Collection[str] = (),
    imports: Mapping[str, DecisionModel] | None = None,
) -> list[Finding]:
    """Return every finding of a parsed DMN document.

    Errors are what `load_model` refuses and types that can never match; the rest are warnings. `facts` are
    names that every expression may read beside what its model declares. Nothing is raised.
    """
    root = root_of(xml_root)
    model, reader = read_model(root, source=source, functions=functions, imports=imports)
    if not reader.findings.errors:
        for node, table in reader.tables:
            check_table(node, table, reader)
        _check_names(root, model, reader, facts)
    return reader.findings.all


def _check_names(root: Any, model: DecisionModel, reader: ModelReader, facts: Collection[str]) -> None:
    """Note names that no element has, in a model that declares its inputs.

    One that declares none reads the variables of whatever calls it: nothing can be said of its names.
    """
    if not any(isinstance(model.find(f"#{one.get('id')}"), tuple) for one in children(root, "inputData")):
        return
    known = {*BUILTINS, *reader.functions, *model.variables, *reader.imports, *facts, "?", "partial", "item"}
    for node, element, read in reader.reads:
        if isinstance(element, InputData) or any(local_name(one) == "filter" for one in node.iter()):
            continue
        own = {one.get("name") or one.get("iteratorVariable") for one in node.iter()}
        for name in sorted(read.keys() - known - own):
            near = get_close_matches(name, [*model.variables, *facts], 1)
            hint = (
                Message("did you mean '{name}'?", name=near[0])
                if near
                else Message("declare it as input data and require it")
            )
            message = Message(
                "'{element}' reads '{name}', which this model does not declare; {hint}",
                element=element.name,
                name=name,
                hint=hint,
            )
            reader.findings.add(read[name], "dmn.name", message, "warning")
