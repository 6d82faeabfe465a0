"""The page of an archive that people read in any browser: what happened, with links to the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from html import escape
from typing import Any, Final

from engine.cases.archive.page_words import FIELDS, HEADINGS, NO, YES
from engine.domain.deadlines import last_day_of
from engine.models.forms import Form
from engine.models.forms.options import normalize_options

LANGUAGE: Final = "zh-Hant"
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem;white-space:pre-wrap}h2{margin-top:2rem}"
)
_ENDS: Final = ("due_at", "until")
"""What the names of limits end with: one that lies at midnight is the end of the day before."""
_TIMES = "<p>時間均為 {zone}；JSON 文件中為 UTC。 Times are those of {zone}; the JSON files hold UTC.</p>"
_SUPPLEMENT = (
    "<p>補充檔案：封存之後新增的內容；同名文件以本補充為準。 A supplement: what came after the archive was "
    "sealed. A file that the archive has, too, holds as it is here; manifest.json names what it follows.</p>"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How people read what a page holds: the forms that records were filled in with, by id, and the zone that
    times are told in.
    """

    forms: Mapping[str, Form]
    zone: tzinfo


def case_page(
    case: Mapping[str, Any], paths: Iterable[str], reading: Reading, *, is_supplement: bool = False
) -> str:
    """Return the page as HTML: the complaint, its records, what was told and answered, all files.

    That of a supplement tells the whole case as it is now, and lists the files that it adds.
    """
    number = escape(str(case["complaint"]["no"]))
    parts = [
        f"<h1>投訴檔案 {number}</h1>",
        _SUPPLEMENT if is_supplement else "",
        _TIMES.format(zone=escape(str(reading.zone))),
        _section("complaint", [case["complaint"]], reading),
    ]
    parts += [_section(name, case[name], reading) for name in ("records", "contacts", "extensions", "survey")]
    links = "".join(f'<li><a href="{escape(path)}">{escape(path)}</a></li>' for path in paths)
    parts.append(f"<h2>文件 Files</h2><ul>{links}</ul>")
    parts.append(
        "<h2>驗證 Verification</h2><p>SHA256SUMS lists every file: run <code>sha256sum -c SHA256SUMS</code>. "
        "Each line of trail/*.jsonl is hashed over the one before; manifest.json tells how.</p>"
    )
    body = "".join(parts)
    return (
        f'<!doctype html><html lang="zh-Hant"><head><meta charset="utf-8"><title>{number}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _section(name: str, rows: Iterable[Mapping[str, Any]], reading: Reading) -> str:
    lists = "".join(f"<dl>{_row(row, reading)}</dl><hr>" for row in rows)
    return f"<h2>{HEADINGS[name]}</h2>{lists or '<p>—</p>'}"


def _row(row: Mapping[str, Any], reading: Reading) -> str:
    """Return the lines of a row of the database; what a form recorded in it is called as that form calls it,
    what others know of it as they do.
    """
    plain, own = _Words(reading.zone), reading.forms.get(str(row.get("form_id")))
    forms = [*reading.forms.values(), *([own] if own is not None else [])] if "values" in row else []
    recorded = _Words(reading.zone, *forms)
    lines = (_line(key, value, recorded if key == "values" else plain) for key, value in row.items())
    return "".join(lines)


class _Words:
    """What fields are called, and their values in words."""

    def __init__(self, zone: tzinfo, *forms: Form) -> None:
        """Of several forms that know a field, the last one's words hold."""
        self._zone = zone
        self._labels: dict[str, str] = {}
        self._options: dict[str, dict[str, str]] = {}
        for form in forms:
            for field in form.fields:
                told = field.label or field.raw.get("dateLabel") or field.raw.get("timeLabel")
                self._labels[field.key] = form.translated(str(told), LANGUAGE) if told else ""
                self._options[field.key] = {
                    str(each["value"]): form.translated(str(each["label"]), LANGUAGE)
                    for each in normalize_options(field.raw.get("values"))
                }

    def label(self, key: str) -> str:
        return self._labels.get(key) or FIELDS.get(key, key)

    def text(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return YES if value else NO
        try:
            at = value if isinstance(value, datetime) else _instant(value)
            local = at.astimezone(self._zone) if at is not None else None
        except (ValueError, OverflowError):  # a text that only looks like an instant
            local = None
        if local is None:
            return self._options.get(key, {}).get(str(value), str(value))
        if key.endswith(_ENDS) and local.time() == time.min:
            return f"{last_day_of(local, self._zone).isoformat()} 24:00"
        return local.strftime("%Y-%m-%d %H:%M")


def _instant(value: Any) -> datetime | None:
    """Return the instant that a value of JSON is; None for another one. Raises ValueError."""
    return datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else None


def _line(key: str, value: Any, words: _Words, number: str = "") -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        return "".join(_line(key, item, words, f"{place}.") for place, item in enumerate(value, start=1))
    if isinstance(value, Mapping):
        label = number or words.label(key)  # rows have labels within, their list has none
        inner = "".join(_line(str(name), item, words) for name, item in value.items())
        return f"<dt>{escape(label)}</dt><dd><dl>{inner}</dl></dd>"
    label = f"{words.label(key)} {number}".strip()
    return f"<dt>{escape(label)}</dt><dd>{escape(words.text(key, value))}</dd>"
