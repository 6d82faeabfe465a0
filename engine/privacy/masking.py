"""How personal values are shown to those who may not see them (R61); what finds them in text is `finding`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

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
COMPOUND_SURNAMES = frozenset(_SURNAMES.split())
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]+")


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


def _mask_name(name: str) -> str:
    """Keep the surname of a Chinese name, the first letter of each other part: 張三丰 -> 張**."""
    if "·" in name or "‧" in name or "・" in name:
        return "·".join(part[:1] + "**" for part in re.split("[·‧・]", name) if part)
    if _HAN.fullmatch(name):
        kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
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
