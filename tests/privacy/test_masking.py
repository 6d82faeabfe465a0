"""Masks, and finding personal values in free text and log lines."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from engine.privacy.finding import mask_text
from engine.privacy.identifiers import is_card_number, is_id_number, normalise
from engine.privacy.log_masking import MaskingFilter, protect_logs
from engine.privacy.masking import ERASED, mask

ID_NUMBER = "11010519491231002X"
CARD = "6222021234567890128"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "張三", "張*"),
        ("name", "張三丰", "張**"),
        ("name", "欧阳修", "欧阳*"),
        ("name", "司馬相如", "司馬**"),
        ("name", "歐陽", "歐*"),
        ("name", "阿卜杜拉·買買提", "阿**·買**"),
        ("name", "王", "王*"),
        ("name", "John Smith", "J*** S***"),
        ("phone", "13800138000", "138****8000"),
        ("phone", "+86 138 0013 8000", "138****8000"),
        ("phone", "010-12345678", "010****5678"),
        ("phone", "12345678", "****678"),
        ("phone", "12378", "***"),
        ("email", "zhang.san@example.com", "z***@example.com"),
        ("email", "nonsense", "***"),
        ("id_number", ID_NUMBER, "1****************X"),
        ("id_number", "1234", "***"),
        ("account", CARD, "****0128"),
        ("account", "6222 0212 3456 7890", "****7890"),
        ("account", "1234567", "***"),
        ("text", "張三丰住在北京", "***"),
        ("anything else", "x", "***"),
        ("name", {"first": "x"}, "***"),
        ("text", None, ""),
        ("name", "", ""),
        ("phone", ERASED, "[erased]"),
    ],
)
def test_a_masked_value_shows_that_it_is_there_and_little_else(kind: str, value: Any, shown: str) -> None:
    assert mask(kind, value) == shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"身份證{ID_NUMBER}，請查", "身份證1****************X，請查"),
        ("身份證 110105 19491231 002x。", "身份證 1****************x。"),
        ("舊號110105491231002", "舊號1*************2"),
        ("電話13800138000轉", "電話138****8000轉"),
        ("電話１３８００１３８０００", "電話138****8000"),
        ("tel:+86-138-0013-8000,", "tel:138****8000,"),
        ("座機 010-12345678", "座機 010****5678"),
        ("call +44 20 7946 0958 now", "call 442****0958 now"),
        (f"卡號{CARD}扣款", "卡號****0128扣款"),
        ("卡號4111 1111 1111 1111", "卡號****1111"),
        ("請寄zhang_san@mail.example.com.", "請寄z***@mail.example.com."),
        ("客戶姓名：歐陽明月，男", "客戶姓名：歐陽**，男"),
        ("13800138000 and 13900139000", "138****8000 and 139****9000"),
        ('{"phone": "13800138000"}', '{"phone": "138****8000"}'),
    ],
)
def test_personal_values_in_free_text_are_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "complaint RC-20261124-000123 registered",
        "instance 01934f3e5a7b7cc24111111111111111 advanced",
        "task 0193512345678901234567890abcdef0",
        "sha256 " + "62220212345678901284" * 3 + "abcd",
        "at 2026-11-24T01:02:03.000000Z due 2026-12-15T16:00:00Z",
        "2026-11-24 01:02:03,123 INFO engine.runtime 1234 ms",
        "took 0.123456789 s, 1732410123456789 ns, port 8000",
        "card 6222021234567890129 has a wrong digit",
        "月息1.5%，本金120000元，分24期",
        "",
        "no digits at all @ home",
    ],
)
def test_our_own_numbers_and_ordinary_figures_stay_readable(text: str) -> None:
    assert mask_text(text) == text


def test_very_long_lines_are_masked_in_reasonable_time() -> None:
    for hostile in ("a" * 200_000, "1" * 200_000, "a.b-" * 50_000 + "@", "138 " * 50_000, "姓名" * 100_000):
        assert len(mask_text(hostile)) <= len(hostile)


def test_identity_numbers_are_told_by_their_check_digit() -> None:
    assert is_id_number(ID_NUMBER)
    assert is_id_number(ID_NUMBER.lower())
    for wrong in (
        "110105194912310021",
        "11010519491331002X",
        "110105",
        "",
        "11010519491231002Ｘ",
        ID_NUMBER + "1",
    ):
        assert not is_id_number(wrong)


def test_card_numbers_are_told_by_their_luhn_digit() -> None:
    assert is_card_number(CARD)
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")
    assert not is_card_number("411111111111")


def test_an_identity_number_of_15_digits_is_found_under_its_new_form() -> None:
    assert normalise("id_number", "110105491231002") == ID_NUMBER


def test_phones_from_abroad_keep_their_country() -> None:
    assert normalise("phone", "+44 20 7946 0958") == normalise("phone", "0044 2079460958") == "442079460958"


@pytest.fixture
def stream() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, text = logging.getLogger("redress.test.masked"), io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    protect_logs(logger)
    protect_logs(logger)
    assert len(handler.filters) == 1
    yield logger, text
    logger.removeHandler(handler)


def test_log_lines_are_masked_with_their_arguments(stream: tuple[logging.Logger, io.StringIO]) -> None:
    logger, text = stream
    logger.warning("caller %s asked about %r", "13800138000", {"id": ID_NUMBER})
    assert text.getvalue() == "WARNING caller 138****8000 asked about {'id': '1****************X'}\n"


def test_tracebacks_in_logs_are_masked(stream: tuple[logging.Logger, io.StringIO]) -> None:
    logger, text = stream
    try:
        int("bad phone 13800138000")
    except ValueError:
        logger.exception("refused", stack_info=True)
    assert "'bad phone 138****8000'" in text.getvalue()
    assert "Traceback" in text.getvalue()
    assert "13800138000" not in text.getvalue()


def test_a_formatter_that_renders_tracebacks_itself_finds_none_in_clear() -> None:
    try:
        int("bad phone 13800138000")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "refused", (), sys.exc_info())
    MaskingFilter().filter(record)
    assert record.exc_info is None
    assert "138****8000" in (record.exc_text or "")


def test_a_record_without_anything_personal_passes_unchanged() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "step took %d ms", (12,), None)
    assert MaskingFilter().filter(record)
    assert record.getMessage() == "step took 12 ms"
