"""Drawing a weighted sample that anybody can draw again (R42).

Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97, 2006:
every item gets the key u ** (1 / weight) and the items with the largest keys are drawn, which is weighted
sampling without replacement. We take -ln(u) / weight and draw the smallest: the same order, no underflow.

The number u of an item is made of the seed and the item's own name alone: the first 53 bits of
SHA-256("<seed>:<name>"), plus one half, over 2 ** 53. So neither the order of the frame nor the machine
matters, an item keeps its key when the frame grows, and a few lines in any language check the draw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from math import log
from typing import TypeVar

ALGORITHM = "efraimidis-spirakis-2006/sha256-53"
_BITS = 53
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item that was drawn, with its key: the smaller, the earlier."""

    name: str
    key: float


def sampling_key(seed: str, name: str, weight: Decimal | float | int) -> float:
    """Return the key of an item; `weight` is above 0. Raises ValueError for another."""
    if not weight > 0:
        raise ValueError(f"the weight of {name} is {weight}; it has to be above 0")
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    number = int.from_bytes(digest[:8]) >> (64 - _BITS)
    return -log((number + 0.5) / 2**_BITS) / float(weight)


def draw(frame: Mapping[str, Decimal | float | int], size: int, seed: str) -> list[Drawn]:
    """Return `size` items of the frame (name to weight), or all of a smaller one, in the order drawn."""
    return [each for each, _ in draw_from(frame.items(), size, seed, lambda item: item)]


def draw_from(
    frame: Iterable[Item], size: int, seed: str, weigh: Callable[[Item], tuple[str, Decimal | float | int]]
) -> list[tuple[Drawn, Item]]:
    """Return `size` items of the frame with their keys, in the order drawn; `weigh` gives name and weight.

    The frame is passed through once: no more than `size` items of it are held.
    """

    def keyed() -> Iterable[tuple[Drawn, Item]]:
        for item in frame:
            name, weight = weigh(item)
            yield Drawn(name, sampling_key(seed, name, weight)), item

    return nsmallest(size, keyed(), key=lambda each: (each[0].key, each[0].name))


class FrameDigest:
    """The SHA-256 of a frame, item by item in the order of their names: of the JSON list of [name, weight]
    without spaces.
    """

    def __init__(self) -> None:
        self._hash, self._last = hashlib.sha256(b"["), ""

    def add(self, name: str, weight: float) -> None:
        """Take the next item. Raises ValueError where it is not after the last one."""
        if name <= self._last:
            raise ValueError(f"{name} does not come after {self._last}")
        row = json.dumps([name, weight], separators=(",", ":"))
        self._hash.update(f",{row}".encode() if self._last else row.encode())
        self._last = name

    def hexdigest(self) -> str:
        """Return the digest of what was added."""
        whole = self._hash.copy()
        whole.update(b"]")
        return whole.hexdigest()


def frame_digest(frame: Iterable[tuple[str, float]]) -> str:
    """Return the SHA-256 of a frame in any order, as `FrameDigest` makes it."""
    digest = FrameDigest()
    for name, weight in sorted(frame):
        digest.add(name, weight)
    return digest.hexdigest()
