"""Files damaged at random are compiled and begun, or refused with findings; nothing else is ever raised.

`REDRESS_TEST_FILES` makes it longer, `REDRESS_TEST_SEED` (see tests/chance.py) tries other files.
"""

from __future__ import annotations

import copy
import os
import random

from lxml import etree

from engine.errors import ModelRefused, StepFailed
from engine.models.xml import BPMN, parse_model
from engine.runtime.spiff import CompiledBundle, compile_processes
from tests.chance import SEED
from tests.runtime.spiff.corpus import model, variables
from tests.runtime.spiff.world import World

FILES = int(os.environ.get("REDRESS_TEST_FILES") or 300)
VALUES = (
    "",
    "s",
    "e",
    "nowhere",
    "p",
    "q",
    "true",
    "false",
    "=",
    "=1",
    "=x +",
    "-1",
    "é 你",
    "#",
    "m",
    "handling",
)
TAGS = (
    "userTask",
    "subProcess",
    "boundaryEvent",
    "startEvent",
    "timerEventDefinition",
    "callActivity",
    "complexGateway",
)


def damage(root: etree._Element, chance: random.Random) -> str:
    """Change one thing somewhere and return what was done."""
    nodes = [node for node in root.iter(etree.Element) if node is not root]
    node = chance.choice(nodes)
    parent = node.getparent()
    assert parent is not None
    what = chance.choice(("attribute", "drop attribute", "remove", "rename", "copy", "text", "move"))
    if what == "attribute":
        name = chance.choice(
            [*map(str, node.attrib), "default", "attachedToRef", "triggeredByEvent", "isForCompensation"]
        )
        node.set(name, chance.choice(VALUES))
    elif what == "drop attribute" and node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]
    elif what == "remove":
        parent.remove(node)
    elif what == "rename":
        node.tag = f"{{{BPMN}}}{chance.choice(TAGS)}"
    elif what == "copy":
        chance.choice(nodes).append(copy.deepcopy(node))
    elif what == "text":
        node.text = chance.choice(VALUES)
    elif what == "move":
        target = chance.choice(nodes)
        if node not in target.iterancestors() and node is not target:
            target.append(node)
    return f"{what} at {node.tag}"


def begin(bundle: CompiledBundle) -> None:
    """Run what was compiled to its first waits and write its state; a step may fail, but in no other way."""
    for process_id in filter(bundle.executable, bundle.process_ids):
        try:
            workflow = bundle.start(process_id, World(), variables())
            workflow.advance()
        except StepFailed:
            continue
        assert bundle.restore(workflow.dump(), World()).waits() == workflow.waits()


def test_a_damaged_file_is_compiled_or_refused_and_nothing_else() -> None:
    content, refused = model(), 0
    for number in range(FILES):
        chance = random.Random(SEED + number)
        root = parse_model(content, "p.bpmn")
        done = [damage(root, chance) for _ in range(chance.randrange(1, 4))]
        drawn = etree.tostring(root)
        try:
            bundle = compile_processes({"p.bpmn": parse_model(drawn, "p.bpmn")})
        except ModelRefused as error:
            refused += 1
            found = error.findings
        except Exception as error:
            error.add_note(f"file {number} of seed {SEED}: {done}")
            raise
        else:
            begin(bundle)
            continue
        assert found
        assert all(finding.file == "p.bpmn" and finding.message for finding in found)
    assert 0 < refused < FILES
