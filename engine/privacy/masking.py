"""How personal values are shown to those who may not see them, and how they are found in free text (R61)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from engine.privacy.identifiers import has_id_number_form, is_card_number, is_old_id_number

HIDDEN = "***"


class Erased(str):
    """What is read in place of a value whose person was erased; compare with `is ERASED`."""

    __slots__ = ()


ERASED: Final = Erased("[erased]")

_SURNAMES = """
歐陽 欧阳 司馬 司马 上官 諸葛 诸葛 東方 东方 皇甫 尉遲 尉迟 公孫 公孙 慕容 令狐 司徒 司空 夏侯 長孫 长孙
宇文 端木 百里 南宮 南宫 獨孤 独孤 西門 西门 呼延 申屠 太史 東郭 东郭 鍾離 钟离 公冶 軒轅 轩辕 赫連 赫连
澹臺 澹台 濮陽 濮阳 淳于 單于 单于 聞人 闻人 万俟 萬俟 仲孫 仲孙 納蘭 纳兰 拓跋 第五 梁丘 左丘 閭丘 闾丘
"""
_COMPOUND_SURNAMES = frozenset(_SURNAMES.split())
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]+")
_WIDE = str.maketrans("０１２３４５６７８９＠Ｘｘ＋－　", "0123456789@Xx+- ")

_PERSONAL = re.compile(
    r"""
      (?P<own> (?<![0-9A-Za-z]) (?: [0-9a-f]{64} | [0-9a-f]{32} | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
               | [A-Z]{1,8}-[0-9]{8}-[0-9]{4,12} ) (?![0-9A-Za-z]) )  # our own ids name nobody
    | (?P<email> (?<![\w.%+-]) [\w.%+-]++ @ [\w-]++ (?: \. [\w-]++ )+ )
    | (?P<id> (?<!\d) [1-9]\d{5} [ -]? \d{8} [ -]? \d{3}[\dXx] (?!\d) )
    | (?P<old> (?<!\d) [1-9]\d{14} (?!\d) )
    | (?P<card> (?<!\d) [2-9]\d{3} (?P<gap>[ -]?) \d{4} (?P=gap) \d{4}
                (?P=gap) \d{1,4} (?: (?P=gap) \d{1,3} )? (?!\d) )
    | (?P<mobile> (?<!\d) (?: (?:\+|00)?86[ -]? )? 1[3-9]\d [ -]? \d{4} [ -]? \d{4} (?!\d) )
    | (?P<landline> (?<!\d) 0\d{2,3} [ -] \d{7,8} (?!\d) )
    | (?P<abroad> \+ \d{1,3} [ -]? \d (?: [ -]? \d ){6,11} (?!\d) )
    | (?<=姓名) (?P<colon> \s{0,3} [:：] \s{0,3} ) (?P<name> [㐀-鿿·]{2,8} )
    """,
    re.VERBOSE | re.ASCII,
)


def mask(kind: str, value: Any) -> str:
    """Return `value` in a form that shows it is there without telling it.

    `kind` is name, phone, email, id_number, account, or anything else for text, which is hidden whole: free
    text may hold any of the others. None gives '', and what was erased stays ERASED.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        return HIDDEN
    if isinstance(value, Erased):
        return value
    return _MASKS.get(kind, _mask_text)(value.strip())


def mask_text(text: str) -> str:
    """Return `text` with the identity numbers, phones, cards and e-mail addresses in it masked.

    For log lines. Full-width digits are recognised. Names are masked only where the text labels them
    (姓名：); other names cannot be told from words, so texts that hold them are not logged at all.
    """
    plain = text.translate(_WIDE)  # keeps every position
    parts: list[str] = []
    done = 0
    for found in _PERSONAL.finditer(plain):
        masked = _masked(found)
        if masked is not None:
            parts += [text[done : found.start()], masked]
            done = found.end()
    return "".join([*parts, text[done:]]) if parts else text


def holds_personal(text: str) -> bool:
    """Whether `mask_text` finds anything to mask in `text`."""
    return mask_text(text) != text


def _masked(found: re.Match[str]) -> str | None:
    kind, whole = found.lastgroup, found.group()
    bare = re.sub(r"[ -]", "", whole)
    if kind == "own":
        return None
    if kind == "email":
        return _mask_email(whole)
    if kind == "name":
        return found["colon"] + _mask_name(found["name"])
    if kind in ("mobile", "landline", "abroad"):
        return _mask_phone(whole)
    if has_id_number_form(bare) or is_old_id_number(bare):
        return _mask_id_number(bare)
    return _mask_account(bare) if is_card_number(bare) else None


def _mask_name(name: str) -> str:
    """Keep the surname of a Chinese name, the first letter of each other part: 張三丰 -> 張**."""
    if "·" in name or "‧" in name or "・" in name:
        return "·".join(part[:1] + "**" for part in re.split("[·‧・]", name) if part)
    if _HAN.fullmatch(name):
        kept = 2 if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else 1
        return name[:kept] + "*" * max(1, min(len(name) - kept, 2))
    return " ".join(part[:1] + "***" for part in name.split())


def _mask_phone(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    if len(digits) > 11:
        digits = digits.removeprefix("00").removeprefix("86")
    if len(digits) < 8:
        return HIDDEN
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"****{digits[-3:]}"


def _mask_email(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else HIDDEN


def _mask_id_number(number: str) -> str:
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) >= 8 else HIDDEN


def _mask_account(account: str) -> str:
    bare = re.sub(r"[\s-]", "", account)
    return f"****{bare[-4:]}" if len(bare) >= 10 else HIDDEN


def _mask_text(_text: str) -> str:
    return HIDDEN


_MASKS: dict[str, Callable[[str], str]] = {
    "name": _mask_name,
    "phone": _mask_phone,
    "email": _mask_email,
    "id_number": _mask_id_number,
    "account": _mask_account,
}
