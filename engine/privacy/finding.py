"""Finding what tells who somebody is in text that people typed: numbers however they are grouped or written,
addresses, names behind a label (R61).

What is found follows how numbers look in China; what only resembles one (our own ids, amounts, dates, numbers
of contracts) is left readable. Names cannot be told from words where no label or title announces them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.errors import InvalidInput
from engine.privacy.identifiers import has_id_number_form, is_card_number, is_old_id_number
from engine.privacy.masking import COMPOUND_SURNAMES, HIDDEN, mask


class Found(NamedTuple):
    """Where something personal stands in a text, what is shown instead, and of what kind it is."""

    start: int
    end: int
    shown: str
    kind: str


class _Folding(dict[int, str]):
    """Each character as the patterns know it, one for one, so that every position stays: digits of any
    script, full-width signs, dashes, spaces.
    """

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


_JOINT = "\u2060"
_ALIKE = {"。": ".", "・": "·", "‧": "·", "×": "X", "Ⅹ": "X", "【": "[", "】": "]", "\u00ad": _JOINT}


def _fold(character: str) -> str:
    if character.isascii() or character in _ALIKE:
        return _ALIKE.get(character, character)
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in ("Pd", "Zs"):
        return "-" if category == "Pd" else " "
    if category == "Cf":  # zero-width and direction marks
        return _JOINT
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() else character


_FOLDED = _Folding()
_CHINESE = "零〇○一幺壹二两兩贰貳三叁參四肆五伍六陆陸七柒八捌九玖"
_CHINESE_DIGITS = str.maketrans(_CHINESE, "000111222223334455666778899")

_OWN = re.compile(
    r"""\b (?: [0-9a-f]{64} | [0-9a-f]{32} | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
        | [A-Z]{1,8}-[0-9]{8}-[0-9]{4,12} ) \b""",
    re.VERBOSE | re.ASCII,
)
"""Our own ids name nobody."""

_GAP = rf"[ \t(){_JOINT}-]"
_RUN = re.compile(rf"(?<!\d)(?<!\d\.)\d(?:{_GAP}{{0,3}}\d)*(?:{_GAP}?[Xx](?![A-Za-z\d]))?")
_NO_DIGIT = re.compile(r"[^\dXx]")
_GROUP = re.compile(r"\d+[Xx]?|[Xx]")
_IN_CHINESE = re.compile(rf"(?<![\d.])[\d{_CHINESE}](?:[ {_JOINT}-]?[\d{_CHINESE}]){{10,18}}[Xx]?")
_DOTTED = re.compile(
    r"""(?<![\d.]) (?: 1[3-9]\d (?P<a>[./_·,、*+~|:]) \d{4} (?P=a) \d{4}
        | \d{4} (?P<b>[./_·,、*|:]) \d{4} (?P=b) \d{4} (?P=b) (?: \d{4} (?P=b) \d{1,3} | \d{4,7} )
        | \d{6} (?P<c>[./_·,、*|:]) (?: \d{8} | \d{4} (?P=c) \d{4} ) (?P=c) \d{3}[\dXx] ) (?![\d.]*\d)""",
    re.VERBOSE,
)
_MONEY_BEFORE, _MONEY_AFTER = re.compile(r"[¥￥$€]\s?$"), re.compile(r"\.\d\d(?!\d)|\s?[元圓圆块塊万萬亿億]")
_AREA = re.compile(r"(?:010|02\d|0[3-9]\d\d)")
_PLUS, _DIALLED = re.compile(r"(?<!\d)\+\(?$"), re.compile(r"[+(]*$")
_MOST_GROUPS, _FEWEST, _FEWEST_ABROAD, _MOST = 8, 10, 8, 19

_MAY_HOLD_EMAIL = re.compile(r"[@#]|[\[(] ?at ?[\])]| dot ", re.IGNORECASE)
_EMAIL = re.compile(
    r"""(?<![\w.%+-]) (?P<local>[\w.%+-]++)
        (?: [ ]{0,2} @ [ ]{0,2} | [ ]? [\[(] [ ]? (?:at|@) [ ]? [\])] [ ]? )
        (?P<domain> [\w-]++ (?: (?: \. | [ ]? [\[(] dot [\])] [ ]? ) [\w-]++ )+ )
      | (?<![\w.%+-]) (?P<hashed>[\w.%+-]++) \#
        (?: qq|163|126|139|189|sina|sohu|gmail|outlook|hotmail|foxmail|icloud|yahoo|yeah|aliyun )
        \. (?: com|cn|net ) (?: \. cn )? \b
      | (?<![\w.%+-]) (?P<spelt>[\w.%+-]++) [ ] at [ ] [\w-]++ [ ] dot [ ] (?: com|cn|net|org ) \b""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_EMAIL_IN_CHINESE = re.compile(
    r"[\w.%+-]{1,40}@[\w-]{1,30}\.(?:中國|中国|公司|網絡|网络|香港|台灣|台湾|臺灣)(?!\w)"
)

_LABELLED_ID = re.compile(
    r"""(?: (?:微信|薇信|威信|weixin|wechat) [ ]?
                (?: (?:[号號]|id)[码碼]? [ ]? [:：]? | [:：] | (?=[a-z_-]*\d) )
          | (?:加[ ]?)? (?<![A-Za-z])(?:VX|WX|V信) (?: [ ]? [:：] | [ ] (?=[a-z_-]*\d) ) )
        \s? (?P<chat>[a-z][\w-]{5,19}) (?![\w-])
      | (?: (?<![A-Za-z])QQ | 扣扣 ) [ ]? (?:[号號][码碼]?)? [ ]? [:：]? [ ]? (?P<qq>[1-9]\d{4,10}) (?!\d)
      | (?:護照|护照|通行[證证]|台胞[證证]|臺胞證|回[鄉乡][證证]|居留[證证]|軍官[證证]|军官证)
        (?:[号號][码碼]?)? \s? [:：]? \s? (?P<passport>[a-z]{0,2}\d{7,9}) (?!\d)
      | (?<![A-Za-z0-9]) (?P<hongkong>[A-Z]{1,2}\d{6}\([\dA]\))""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_NAMES_A_CHANNEL = re.compile(r"[wv](?:e(?:chat|ixin)|x)|qq|\d{6}\(", re.ASCII | re.IGNORECASE)
_HAN = "㐀-鿿"
_SURNAMES = (
    "王李張张劉刘陳陈楊杨黃黄趙赵吳吴周徐孫孙馬马朱胡郭林梁宋鄭郑謝谢韓韩唐馮冯董蕭萧程曹袁鄧邓許许傅沈曾彭呂吕"
    "蘇苏盧卢蔣蒋蔡賈贾魏薛葉叶閻阎潘杜戴鍾钟汪姜范姚譚谭廖鄒邹熊陸陆郝崔邱秦顧顾侯邵孟龍龙段雷錢钱湯汤尹黎賀贺"
    "賴赖龔龚"
)
"""The most frequent surnames, without those that are words, too, and stand before names (方, 高, 任 ...)."""
_NAMED = re.compile(
    rf"""(?: (?:姓[ ]?名|[户戶]名|借款人|持卡人|收款人|[担擔]保人|[联聯][系繫絡络][人]|收件人)
             (?: \s{{0,3}} [:：] \s{{0,3}} ) | 姓名 [为為是] | 我叫 | 名字[叫是] )
        (?!本人|未|不[详詳]|[无無]|同上|公司|客[户戶]|[变變]更) (?P<name> [{_HAN}·]{{2,8}} )""",
    re.VERBOSE,
)
_TITLE = "(?:先生|女士|小姐|太太)"
_CALLED = re.compile(
    rf"""(?P<name> (?:{"|".join(COMPOUND_SURNAMES)}) [{_HAN}]{{1,2}}
        | [{_SURNAMES}] [{_HAN}] (?![{_SURNAMES}]{_TITLE}) [{_HAN}]? ) (?={_TITLE})""",
    re.VERBOSE,
)
"""A surname and what follows up to a title; a surname with a title names too many to name anybody."""
_HOUSE = re.compile(
    r"""(?: (?<![網网電电思線线套道])路 | 街 | (?<![知報报頻频通渠軌轨隧])道 | 巷 | 弄 | 胡同 | 村 | 小[区區]
          | 徑 | 径 )
        [ ]? [甲乙丙丁東东南西北]? (?: \d{1,5} (?:-\d{1,4})? | [一二三四五六七八九十百零〇]{1,6} )
        [ ]? (?: [号號弄] | (?<=\d) [栋棟幢] )
        (?: [ ]? [A-Za-z\d]{1,5} [ ]? (?:[号號]?[楼樓栋棟幢座院]|[单單]元|室|[层層]|房) ){0,5}""",
    re.VERBOSE,
)
_BEFORE_HOUSE = re.compile(rf"[{_HAN}]{{1,24}}$")
"""What stands before a street and number: town, district, the street's name."""


def mask_text(text: str, known: Mapping[str, str] | None = None) -> str:
    """Return `text` with what tells who somebody is masked; unchanged, the same text, where nothing does.

    For log lines, reasons and whatever else is shown to those who have not asked for personal data. `known`
    are values by kind, as `mask` takes them, that are masked too, however they are spaced.
    """
    parts: list[str] = []
    done = 0
    for found in _found(text, known or {}):
        if found.start >= done:
            parts += [text[done : found.start], found.shown]
        elif found.end > done:
            parts.append(HIDDEN)
        done = max(done, found.end)
    return "".join([*parts, text[done:]]) if parts else text


def holds_personal(text: str) -> bool:
    """Whether `mask_text` finds anything to mask in `text`."""
    return mask_text(text) != text


def kinds_in(text: str) -> frozenset[str]:
    """Return what kinds of personal data `mask_text` finds in `text`, and nothing of what it says."""
    return frozenset(found.kind for found in _found(text, {}))


def personal_texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Give every text in a JSON value that holds something personal, with its dotted path."""
    if isinstance(value, str):
        if holds_personal(value):
            yield ".".join(path), value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from personal_texts(item, (*path, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from personal_texts(item, (*path, str(number)))


def refuse_personal(**values: Any) -> None:
    """Refuse what tells who somebody is where texts are kept in clear and read by many (R60, R61).

    Takes values by the names of their fields. Raises InvalidInput at each field that does.
    """
    message = "tells who somebody is (a number or an address); leave that out"
    if errors := {path: [message] for path, _text in personal_texts(values)}:
        raise InvalidInput("this is kept where many read it: see the fields", errors)


def _found(text: str, known: Mapping[str, str]) -> list[Found]:
    """Everything found, in order of its place; of two at the same place the longer first."""
    folded = _OWN.sub(lambda own: "x" * len(own[0]), _folded(text))
    finders = (
        _FINDERS if not folded.isascii() or _NAMES_A_CHANNEL.search(folded) else (_emails, _numbers, _dotted)
    )
    everything = [found for finder in finders for found in finder(folded)]
    if known:
        everything += _known(_folded(text), known)
    return sorted(everything, key=lambda found: (found.start, -found.end))


def _known(text: str, known: Mapping[str, str]) -> Iterator[Found]:
    for kind, value in known.items():
        bare = re.sub(r"[\s-]", "", _folded(value))
        if len(bare) > 1:
            spaced = re.compile(rf"{_GAP}{{0,2}}".join(map(re.escape, bare)), re.IGNORECASE)
            yield from (Found(*each.span(), mask(kind, value), kind) for each in spaced.finditer(text))


def _folded(text: str) -> str:
    return text if text.isascii() else text.translate(_FOLDED)


def _emails(text: str) -> Iterator[Found]:
    if not _MAY_HOLD_EMAIL.search(text):
        return
    for found in _EMAIL.finditer(text):
        local, domain = found["local"] or found["hashed"] or found["spelt"], found["domain"]
        shown = mask("email", f"{local}@{domain}") if domain else f"{local[:1]}***"
        yield Found(found.start(), found.end(), shown, "email")
    for found in _EMAIL_IN_CHINESE.finditer(text):
        yield Found(found.start(), found.end(), mask("email", found[0]), "email")


def _labelled(text: str) -> Iterator[Found]:
    for found in _LABELLED_ID.finditer(text):
        kind = found.lastgroup or ""
        yield Found(found.start(kind), found.end(kind), found[kind][:1] + "***", kind)
    for found in _NAMED.finditer(text):
        yield Found(found.start("name"), found.end("name"), mask("name", found["name"]), "name")
    for found in _CALLED.finditer(text):
        yield Found(found.start("name"), found.end("name"), mask("name", found["name"]), "name")


def _addresses(text: str) -> Iterator[Found]:
    for found in _HOUSE.finditer(text):
        before = _BEFORE_HOUSE.search(text, max(0, found.start() - 24), found.start())
        if before is not None:
            yield Found(before.start(), found.end(), HIDDEN, "address")


def _numbers(text: str) -> Iterator[Found]:
    """Numbers written in digits, together or in groups with spaces and dashes between."""
    for run in _RUN.finditer(text):
        if run.end() - run.start() < _FEWEST_ABROAD:
            continue
        groups = [_Group(each.start(), each[0]) for each in _GROUP.finditer(text, run.start(), run.end())]
        if len(groups) > 1 and all(len(group.digits) == 1 for group in groups):  # digit by digit
            groups = [_Group(run.start(), "".join(group.digits for group in groups), run.end())]
        yield from _in_groups(
            text, groups, plus=bool(_PLUS.search(text, max(0, run.start() - 3), run.start()))
        )


class _Group(NamedTuple):
    """Digits that stand together."""

    start: int
    digits: str
    end_of_all: int | None = None

    @property
    def end(self) -> int:
        return self.end_of_all or self.start + len(self.digits)


def _in_groups(text: str, groups: list[_Group], *, plus: bool) -> Iterator[Found]:
    """Take the longest number that begins at a group, then look on behind it."""
    first = 0
    while first < len(groups):
        fewest = _FEWEST_ABROAD if plus and first == 0 else _FEWEST
        chosen: list[_Group] = []
        found = None
        for count in range(_fitting(groups, first), 0, -1):
            chosen = groups[first : first + count]
            if sum(len(group.digits) for group in chosen) < fewest:
                break
            found = _as_number(text, chosen, plus=plus and first == 0)
            if found is not None:
                yield found
                break
        first += len(chosen) if found is not None else 1


def _fitting(groups: list[_Group], first: int) -> int:
    """Return how many groups from the first on could be one number."""
    digits = 0
    for count, group in enumerate(groups[first : first + _MOST_GROUPS]):
        digits += len(group.digits)
        if digits > _MOST:
            return count
    return min(len(groups) - first, _MOST_GROUPS)


def _as_number(text: str, groups: list[_Group], *, plus: bool) -> Found | None:
    start, end, parts = groups[0].start, groups[-1].end, [group.digits for group in groups]
    kind = _kind_of(parts, plus=plus)
    if kind is None or (kind != "id_number" and _is_money(text, start, end)):
        return None
    if kind == "phone":
        start -= len(_DIALLED.search(text, max(0, start - 2), start)[0])  # type: ignore[index]
    return Found(start, end, mask(kind, "".join(parts)), kind)


def _is_money(text: str, start: int, end: int) -> bool:
    return bool(_MONEY_BEFORE.search(text[max(0, start - 2) : start]) or _MONEY_AFTER.match(text, end))


def _kind_of(groups: list[str], *, plus: bool = False) -> str | None:
    """What digits in these groups are: id_number, phone, account, or nothing personal."""
    bare, sizes = "".join(groups), [len(group) for group in groups]
    if has_id_number_form(bare) or (is_old_id_number(bare) and sizes[0] in (6, 15)):
        return "id_number"
    if _is_phone(bare, sizes) or (plus and bare[0] != "0" and 8 <= len(bare) <= 15 and bare.isdigit()):
        return "phone"
    issued = re.match(r"[3-69]|2[2-7]", bare)
    return "account" if issued and is_card_number(bare) and min(sizes[:-1], default=4) >= 4 else None


def _is_phone(bare: str, sizes: list[int]) -> bool:
    mobile = re.fullmatch(r"(?P<country>(?:00)?86)?1[3-9]\d{9}", bare)
    if mobile:
        own = sizes[1:] if mobile["country"] and len(sizes) > 1 and sizes[0] < 5 else sizes
        return own[0] >= 3 and len(own) <= 4
    alone = len(sizes) == 1
    if re.fullmatch(r"09\d{8}", bare) and sizes[0] in (4, 10):  # Taiwan
        return True
    if area := _AREA.match(bare):
        rest = len(bare) - area.end()
        fits = rest == 8 or (rest == 7 and area.end() == 4)
        return fits and (bare[area.end()] in "23456789" if alone else sizes[0] == area.end())
    near = re.fullmatch(r"(?:00)?(?:85[23][2-9]\d{7}|8869\d{8})", bare)
    return near is not None and not alone


def _dotted(text: str) -> Iterator[Found]:
    for found in _DOTTED.finditer(text):
        bare = _NO_DIGIT.sub("", found[0])
        kind = _kind_of([bare])
        if kind is not None:
            yield Found(found.start(), found.end(), mask(kind, bare), kind)


def _numbers_in_chinese(text: str) -> Iterator[Found]:
    for found in _IN_CHINESE.finditer(text):
        if found[0].replace(" ", "").replace("-", "").isascii():
            continue  # in digits alone: `_numbers`
        bare = _NO_DIGIT.sub("", found[0].translate(_CHINESE_DIGITS))
        kind = _kind_of([bare])
        if kind is not None:
            yield Found(found.start(), found.end(), mask(kind, bare), kind)


_FINDERS = (_emails, _labelled, _numbers, _dotted, _numbers_in_chinese, _addresses)
