"""Geometry of the charts: what a template draws as SVG. Every chart stands beside a table of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.domain.kpi import Proportion

WIDTH: Final = 640
HEIGHT: Final = 220
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 26
_INNER: Final = WIDTH - LEFT - RIGHT
_DEEP: Final = HEIGHT - TOP - BOTTOM


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across and what it stands for."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the `series`-th row of numbers."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Point:
    """A share with its interval (`low` and `high` as heights on the picture)."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: labels below (some left out where they would touch), lines across, columns or points."""

    labels: list[tuple[float, str]]
    ticks: list[Tick]
    columns: list[Column]
    points: list[Point]
    path: str = ""
    target: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def columns(labels: Sequence[str], rows: Sequence[Sequence[float | None]]) -> Chart:
    """Return columns side by side, one for each row of numbers at each label; a gap where none is known."""
    top = _round_up(max((value for row in rows for value in row if value is not None), default=0))
    room = _INNER / max(len(labels), 1)
    wide = room * 0.7 / max(len(rows), 1)
    found = []
    for series, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is None:
                continue
            tall = _DEEP * value / top
            x = LEFT + place * room + room * 0.15 + series * wide
            found.append(
                Column(round(x, 1), round(TOP + _DEEP - tall, 1), round(wide, 1), round(tall, 1), series)
            )
    ticks = [Tick(round(TOP + _DEEP * (1 - part / 4), 1), f"{top * part / 4:g}") for part in range(0, 5, 2)]
    return Chart(_labels(labels), ticks, found, [])


def shares(labels: Sequence[str], values: Sequence[Proportion | None], target: float | None) -> Chart:
    """Return a line of shares with their intervals; months of which there is none are left out."""
    known = [
        (place, value.share, value.interval)
        for place, value in enumerate(values)
        if value is not None and value.share is not None and value.interval is not None
    ]
    reach = [edge for _, _, interval in known for edge in interval]
    reach += [target] if target is not None else []
    low, high = _bounds(reach)

    def height(share: float) -> float:
        return round(TOP + _DEEP * (1 - (min(max(share, low), high) - low) / (high - low)), 1)

    room = _INNER / max(len(labels), 1)
    points = [
        Point(round(LEFT + (place + 0.5) * room, 1), height(share), height(interval[0]), height(interval[1]))
        for place, share, interval in known
    ]
    path = " ".join(f"{'L' if place else 'M'}{each.x} {each.y}" for place, each in enumerate(points))
    ticks = [Tick(height(each), f"{each * 100:.0f} %") for each in (low, (low + high) / 2, high)]
    return Chart(_labels(labels), ticks, [], points, path, height(target) if target is not None else None)


def _bounds(reach: Sequence[float]) -> tuple[float, float]:
    """Return steps of a tenth that hold everything drawn, at least a fifth apart."""
    low = int(min(reach, default=0.0) * 10) / 10
    high = min(1.0, -(-max(reach, default=1.0) * 10 // 1) / 10)
    if high - low < 0.2:
        low, high = (low, low + 0.2) if low <= 0.8 else (0.8, 1.0)
    return low, high


def _round_up(value: float) -> float:
    """Return the next number that four steps divide well."""
    step = 4
    for factor in (
        1,
        2,
        2.5,
        5,
        10,
        20,
        25,
        50,
        100,
        200,
        250,
        500,
        1000,
        2500,
        5000,
        10_000,
        50_000,
        250_000,
    ):
        step = int(4 * factor)
        if value <= step:
            break
    return max(float(step), value)


def _labels(labels: Sequence[str]) -> list[tuple[float, str]]:
    room, every = _INNER / max(len(labels), 1), 1 + len(labels) // 8
    return [
        (round(LEFT + (place + 0.5) * room, 1), label)
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    ]
