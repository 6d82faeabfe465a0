"""clock: the engine's time in demo and test."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import click

from engine import clock as engine_clock
from engine import config
from engine.config import Config, prepare_clock
from engine.errors import InvalidInput


@click.group()
def clock() -> None:
    """Show, set or advance the engine's clock (demo and test only); a running server follows."""


@clock.command("show")
def show() -> None:
    """Print the engine's time."""
    settings = _settings()
    now = engine_clock.now().astimezone(settings.timezone)
    click.echo(now.isoformat(timespec="seconds"))


@clock.command("set")
@click.argument("instant")
def set_clock(instant: str) -> None:
    """Let the clock go on from INSTANT, such as 2026-03-02T09:00:00+08:00, or `real` for the wall clock."""
    settings = _settings()
    if instant == "real":
        engine_clock.reset()
    else:
        try:
            value = datetime.fromisoformat(instant)
        except ValueError as error:
            raise InvalidInput(f"{instant!r} is no instant such as 2026-03-02T09:00:00+08:00") from error
        engine_clock.set_to(value if value.tzinfo else value.replace(tzinfo=settings.timezone))
    click.echo(engine_clock.now().astimezone(settings.timezone).isoformat(timespec="seconds"))


@clock.command("advance", context_settings={"ignore_unknown_options": True})
@click.argument("duration")
def advance(duration: str) -> None:
    """Move the clock by DURATION: 3d, 12h, 30m, 45s, or ISO 8601 as P3D or PT12H; `-` in front goes back."""
    settings = _settings()
    engine_clock.advance(read_duration(duration))
    click.echo(engine_clock.now().astimezone(settings.timezone).isoformat(timespec="seconds"))


_SHORT = re.compile(r"(-?)([0-9]{1,12})\s*(d|h|m|s)", re.IGNORECASE)
_ISO = re.compile(r"(-?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def read_duration(text: str) -> timedelta:
    """Read 3d, 12h, P3D, PT12H and the like. Raises InvalidInput."""
    try:
        value = _duration(text.strip())
    except OverflowError:
        value = None
    if value is None:
        raise InvalidInput(f"{text!r} is no duration; give 3d, 12h, 30m, 45s, P3D or PT12H")
    return value


def _duration(text: str) -> timedelta | None:
    if match := _SHORT.fullmatch(text):
        value = timedelta(**{_UNITS[match[3].lower()]: int(match[2])})
        return -value if match[1] else value
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    value = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -value if match[1] else value


def _settings() -> Config:
    settings = config.load()
    prepare_clock(settings)
    return settings
