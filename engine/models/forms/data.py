"""Reading and writing nested values by their path."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

Path = tuple[str | int, ...]


def get_at(data: Any, path: Path, default: Any = None) -> Any:
    """Return the value at `path`, or `default` where there is none."""
    for part in path:
        in_list = isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
        if not in_list and not (isinstance(data, Mapping) and part in data):
            return default
        data = data[part]
    return data


def set_at(data: Any, path: Path, value: Any, *, force: bool = False) -> bool:
    """Put `value` at `path`, making objects on the way.

    Where something else is in the way: replace it (`force`), or return False and change nothing.
    """
    for part, following in pairwise(path):
        inner = get_at(data, (part,))
        in_the_way = not isinstance(inner, dict) and isinstance(following, str)
        if inner is None or (force and in_the_way):
            inner = {}
            if not _put(data, part, inner):
                return False
        data = inner
    return _put(data, path[-1], value)


def _put(data: Any, part: str | int, value: Any) -> bool:
    fits = isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
    if fits or (isinstance(data, dict) and isinstance(part, str)):
        data[part] = value
        return True
    return False


def remove_at(data: Any, path: Path) -> None:
    """Take away what is at `path`, and the objects that are empty then."""
    parent = get_at(data, path[:-1])
    if isinstance(parent, dict) and path[-1] in parent:
        del parent[path[-1]]
        if not parent and len(path) > 1 and isinstance(path[-2], str):
            remove_at(data, path[:-1])


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of `below` with the values of `above`; objects are merged, anything else replaced."""
    result = dict(below)
    for name, value in above.items():
        old = result.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[name] = overlay(old, value)
        else:
            result[name] = value
    return result


def copied(value: Any) -> Any:
    """Return a copy of nested dicts and lists; other values are shared."""
    if isinstance(value, Mapping):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def is_shallow(value: Any, bound: int) -> bool:
    """Return whether `value` is nested no deeper than `bound`."""
    if isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        return bound > 0 and all(is_shallow(item, bound - 1) for item in inner)
    return True
