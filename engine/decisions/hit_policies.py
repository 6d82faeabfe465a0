"""What a decision table yields from the rules that matched (DMN 1.5, 8.2.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.feel.builtins.statistics import greatest, least, total
from engine.feel.values.compare import equal

HIT_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "SUM": total,
    "MIN": least,
    "MAX": greatest,
    "COUNT": len,
}


def choose(policy: str, aggregation: str | None, outputs: list[tuple[Any, ...]], ranks: list[Any]) -> Any:
    """Return the outputs of the matching rules that count: a tuple for a single hit, else a list of tuples.

    `outputs` are in the order of the rules; `ranks` give each row's place by the tables' output values.
    None when the policy is broken: more than one rule matches UNIQUE, or the outputs of ANY differ.
    """
    if policy == "UNIQUE":
        return outputs[0] if len(outputs) == 1 else None
    if policy == "FIRST":
        return outputs[0]
    if policy == "ANY":
        return outputs[0] if all(_same(outputs[0], one) for one in outputs) else None
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        ordered = [outputs[place] for place in sorted(range(len(outputs)), key=lambda place: ranks[place])]
        return ordered[0] if policy == "PRIORITY" else ordered
    if aggregation:
        columns = zip(*outputs, strict=True)
        return tuple(AGGREGATIONS[aggregation](list(column)) for column in columns)
    return outputs


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    return all(equal(a, b) is True for a, b in zip(left, right, strict=True))
