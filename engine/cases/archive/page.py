"""The page of an archive that people read in any browser: what happened, with links to the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem;white-space:pre-wrap}h2{margin-top:2rem}"
)
_HEADINGS = {
    "complaint": "登記信息 Registration",
    "records": "記錄 Records",
    "contacts": "溝通 Contacts",
    "extensions": "延期說明 Delay notices",
    "survey": "滿意度調查 Survey",
}

_SUPPLEMENT = (
    "<p>補充檔案：封存之後新增的內容；同名文件以本補充為準。 A supplement: what came after the archive was "
    "sealed. A file that the archive has, too, holds as it is here; manifest.json names what it follows.</p>"
)


def case_page(case: Mapping[str, Any], paths: Iterable[str], *, is_supplement: bool = False) -> str:
    """Return the page as HTML: the complaint, its records, what was told and answered, all files.

    That of a supplement tells the whole case as it is now, and lists the files that it adds.
    """
    number = escape(str(case["complaint"]["no"]))
    parts = [
        f"<h1>投訴檔案 {number}</h1>",
        _SUPPLEMENT if is_supplement else "",
        _section("complaint", [case["complaint"]]),
    ]
    parts += [_section(name, case[name]) for name in ("records", "contacts", "extensions", "survey")]
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


def _section(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    lists = "".join(
        f"<dl>{''.join(_line(key, value) for key, value in row.items())}</dl><hr>" for row in rows
    )
    return f"<h2>{_HEADINGS[name]}</h2>{lists or '<p>—</p>'}"


def _line(key: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, Mapping):
        inner = "".join(_line(str(name), item) for name, item in value.items())
        return f"<dt>{escape(key)}</dt><dd><dl>{inner}</dl></dd>"
    if isinstance(value, list):
        return "".join(_line(f"{key} {number}", item) for number, item in enumerate(value, start=1))
    return f"<dt>{escape(key)}</dt><dd>{escape(str(value))}</dd>"
