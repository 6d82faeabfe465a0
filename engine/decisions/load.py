"""A model read from DMN's XML, with every error that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.decisions.boxed import EXPRESSIONS, boxed_inside, function_definition
from engine.decisions.elements import Decision, Element, InputData, Knowledge, Service
from engine.decisions.item_types import ItemTypes
from engine.decisions.model import DecisionModel
from engine.decisions.reading import Findings, child, children, local_name, root_of, text_of
from engine.decisions.tables import DecisionTable
from engine.errors import Message, ModelRefused
from engine.feel import Expression, FeelSyntaxError, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.compiler.scope import Run
from engine.feel.types import ANY, FeelType

_NAMING = (
    "variable",
    "inputData",
    "decision",
    "businessKnowledgeModel",
    "decisionService",
    "itemComponent",
    "formalParameter",
    "parameter",
    "column",
    "output",
    "import",
)


class ModelReader:
    """Reads the parts of one model; it is what boxed expressions and tables ask for."""

    def __init__(
        self,
        root: Any,
        source: str,
        functions: Mapping[str, Callable[..., Any]],
        imports: Mapping[str, DecisionModel],
    ) -> None:
        self.findings = Findings(source)
        self.imports = self._imported(root, imports)
        types = {
            f"{prefix}.{name}" if prefix else name: kind
            for prefix, model in self.imports.items()
            for name, kind in model.types.items()
        }
        self.types: Mapping[str, FeelType] = ItemTypes(root, self.findings, types)
        self.names = self._names(root)
        self.functions = functions
        self.read: dict[str, Any] = {}
        self.reads: list[tuple[Any, Decision | Knowledge, dict[str, Any]]] = []
        self.tables: list[tuple[Any, DecisionTable]] = []

    def _imported(self, root: Any, imports: Mapping[str, DecisionModel]) -> dict[str, DecisionModel]:
        found = {}
        for node in children(root, "import"):
            namespace = node.get("namespace", "")
            if namespace in imports:
                found[node.get("name", "")] = imports[namespace]
            elif "DMN" in node.get("importType", "DMN"):
                self.refuse(
                    node,
                    "dmn.import",
                    Message("the model {namespace} that is imported is not there", namespace=namespace),
                )
        return found

    def _names(self, root: Any) -> frozenset[str]:
        names: set[str] = set()
        for node in root.iter():
            if local_name(node) in _NAMING and node.get("name"):
                names.add(node.get("name"))
            elif node.get("iteratorVariable") and local_name(node):
                names.add(node.get("iteratorVariable"))
        for model in self.imports.values():
            names |= model.names
        return frozenset(names)

    def expression(self, node: Any, text: str | None) -> Run:
        """Compile an expression; without a text it is null."""
        if text is None:
            return lambda _scope: None
        try:
            found = compile_expression(text, functions=self.functions, names=self.names, types=self.types)
        except FeelSyntaxError as error:
            self.refuse(node, "feel.syntax", Message("the expression is not FEEL: {said}", said=error.said))
            return lambda _scope: None
        self._note_names(node, found)
        return found.evaluate

    def tests(self, node: Any, text: str | None) -> UnaryTests | None:
        """Compile unary tests; None without a text, and for `-`."""
        if text is None or text == "-":
            return None
        try:
            found = compile_unary_tests(text, functions=self.functions, names=self.names, types=self.types)
        except FeelSyntaxError as error:
            self.refuse(node, "feel.syntax", Message("the cell is no unary test: {said}", said=error.said))
            return compile_unary_tests("null")
        self._note_names(node, found)
        return found

    def _note_names(self, node: Any, found: Expression | UnaryTests) -> None:
        self.read.update(dict.fromkeys(found.reads, node))
        for name in sorted(found.unknown_functions):
            message = Message(
                "'{text}' calls '{name}', which is no function that is known here", text=found.text, name=name
            )
            self.refuse(node, "feel.function", message)

    def type_of(self, reference: str | None) -> FeelType:
        """Return the type of a `typeRef`; Any when there is none."""
        return self.types.of(reference) if isinstance(self.types, ItemTypes) else ANY

    def refuse(self, node: Any, code: str, message: Message) -> None:
        """Note an error at an element."""
        self.findings.add(node, code, message)

    def note_table(self, node: Any, table: DecisionTable) -> None:
        """Keep a table that was read, for whoever checks the model."""
        self.tables.append((node, table))

    def element(self, node: Any) -> Element | None:
        """Return the element of the requirement graph that a node describes, None for any other node."""
        read = _READERS.get(local_name(node))
        if read is None:
            return None
        self.read = {}
        element = read(self, node)
        if isinstance(element, Decision | Knowledge):
            self.reads.append((node, element, self.read))
        return element

    def check_requirements(self, model: DecisionModel) -> None:
        """Note every element that an expression reads without requiring it: its value would be null."""
        for node, element, read in self.reads:
            required = [model.find(reference) for reference in element.requires]
            known = {found[2].variable for found in required if found is not None} | {element.variable}
            own = {one.get("name") or one.get("iteratorVariable") for one in node.iter() if one is not node}
            boxed_filter = any(local_name(one) == "filter" for one in node.iter())
            for name in (read.keys() & model.variables) - known - own:
                message = Message(
                    "'{element}' reads '{name}' without requiring it; draw the requirement",
                    element=element.name,
                    name=name,
                )
                self.findings.add(
                    read[name], "dmn.requirement", message, "warning" if boxed_filter else "error"
                )

    def common(self, node: Any) -> tuple[str, str, str, FeelType]:
        """Return id, name, variable's name and type of an element."""
        variable = child(node, "variable")
        name = node.get("name") or node.get("id", "")
        known_as = variable.get("name", name) if variable is not None else name
        reference = None if variable is None else variable.get("typeRef")
        return node.get("id") or name, name, known_as, self.type_of(reference)


def _input_data(reader: ModelReader, node: Any) -> InputData:
    return InputData(*reader.common(node))


def _requires(node: Any) -> tuple[str, ...]:
    return tuple(
        reference.get("href", "")
        for requirement in children(node, "informationRequirement", "knowledgeRequirement")
        for reference in children(requirement, "requiredInput", "requiredDecision", "requiredKnowledge")
    )


def _decision(reader: ModelReader, node: Any) -> Decision:
    identity = reader.common(node)
    logic = child(node, *EXPRESSIONS)
    text = text_of(logic) if logic is not None and local_name(logic) == "literalExpression" else ""
    return Decision(
        *identity,
        _requires(node),
        boxed_inside(node, reader, identity[1]),
        text or "",
        logic is not None and local_name(logic) == "decisionTable",
    )


def _knowledge(reader: ModelReader, node: Any) -> Knowledge:
    element_id, name, variable, kind = reader.common(node)
    logic = child(node, "encapsulatedLogic")
    result = (kind.base or ANY) if kind.name == "function" else kind
    if logic is None:
        return Knowledge(element_id, name, variable, kind, _requires(node), lambda _scope: None)
    make = function_definition(logic, reader, name, result)
    return Knowledge(element_id, name, variable, kind, _requires(node), make)


def _service(reader: ModelReader, node: Any) -> Service:
    def references(part: str) -> tuple[str, ...]:
        return tuple(one.get("href", "") for one in children(node, part))

    element_id, name, variable, kind = reader.common(node)
    return Service(
        element_id,
        name,
        variable,
        (kind.base or ANY) if kind.name == "function" else kind,
        references("outputDecision"),
        references("encapsulatedDecision"),
        references("inputDecision"),
        references("inputData"),
    )


_READERS: dict[str, Callable[[ModelReader, Any], Element]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}


def load_model(
    xml_root: Any,
    *,
    source: str,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    imports: Mapping[str, DecisionModel] | None = None,
    lenient: bool = False,
) -> DecisionModel:
    """Return the model of a parsed DMN document (versions 1.1 to 1.6).

    `functions` are our own FEEL functions; `imports` are the models that this one may import, by namespace.
    Raises ModelRefused with everything that is wrong; with `lenient`, what is wrong is null when it is
    evaluated, as the compatibility kit expects it, and the findings stand in the model.
    """
    model, reader = read_model(xml_root, source=source, functions=functions, imports=imports)
    if reader.findings.errors and not lenient:
        raise ModelRefused.of(reader.findings.all)
    return model


def read_model(
    xml_root: Any,
    *,
    source: str,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    imports: Mapping[str, DecisionModel] | None = None,
) -> tuple[DecisionModel, ModelReader]:
    """Return a model as `load_model` does, whatever is wrong with it, and what was noted while reading it."""
    root = root_of(xml_root)
    reader = ModelReader(root, source, functions or {}, imports or {})
    if local_name(root) != "definitions":
        reader.refuse(root, "dmn.root", Message("this is no DMN model: its root is not DMN's <definitions>"))
    elements = [
        element for element in (reader.element(node) for node in children(root)) if element is not None
    ]
    model = DecisionModel(
        name=root.get("name", ""),
        namespace=root.get("namespace", ""),
        source=source,
        elements=elements,
        imports=reader.imports,
        types=reader.types,
        names=reader.names,
        findings=reader.findings.all,
    )
    for node in root.iter():
        reference = node.get("href") if local_name(node) else None
        if reference and local_name(node) in _REFERENCES and model.find(reference) is None:
            reader.refuse(
                node,
                "dmn.reference",
                Message("{reference} refers to nothing in this model", reference=reference),
            )
    reader.check_requirements(model)
    for node in children(root, "decision"):
        if _requires_itself(model, node.get("id") or node.get("name", "")):
            reader.refuse(
                node, "dmn.cycle", Message("the decision requires itself, directly or through others")
            )
    return model, reader


def _requires_itself(model: DecisionModel, element_id: str) -> bool:
    """Return whether a decision needs its own value. Knowledge may: a function can call itself."""
    seen: set[str] = set()
    waiting = [element_id]
    while waiting:
        found = model.find(f"#{waiting.pop()}")
        element = None if found is None else found[2]
        if not isinstance(element, Decision):
            continue
        for reference in element.requires:
            required = model.find(reference)
            if required is None or required[0] is not model:
                continue
            if required[2].id == element_id:
                return True
            if required[2].id not in seen:
                seen.add(required[2].id)
                waiting.append(required[2].id)
    return False


_REFERENCES = (
    "requiredInput",
    "requiredDecision",
    "requiredKnowledge",
    "outputDecision",
    "encapsulatedDecision",
    "inputDecision",
)
