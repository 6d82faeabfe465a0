"""Sampling by weights: one seed, one sample; heavier cases come more often; the keys are fixed."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from engine.domain.sampling import draw, frame_digest, sampling_key

FRAME = {f"RC-{number:04d}": 1 + 4 * (number % 10 == 0) for number in range(200)}


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_frame() -> None:
    shuffled = list(FRAME.items())
    random.Random(7).shuffle(shuffled)
    first = [each.name for each in draw(FRAME, 20, "4711")]
    assert first == [each.name for each in draw(dict(shuffled), 20, "4711")]
    assert len(set(first)) == 20
    assert first != [each.name for each in draw(FRAME, 20, "4712")]
    assert first == [each.name for each in draw(FRAME, 30, "4711")][:20]
    assert len(draw(FRAME, 500, "4711")) == len(FRAME)


def test_a_key_is_what_the_documented_formula_gives() -> None:
    """-ln(u) / weight with u from SHA-256("42:RC-0001"), reckoned by hand in another language."""
    assert sampling_key("42", "RC-0001", 1) == pytest.approx(KEY_OF_42, rel=1e-12)
    assert sampling_key("42", "RC-0001", 2) == pytest.approx(KEY_OF_42 / 2, rel=1e-12)
    with pytest.raises(ValueError, match="above 0"):
        sampling_key("42", "RC-0001", 0)


def test_a_case_of_weight_five_is_drawn_about_five_times_as_often_first() -> None:
    first = Counter(FRAME[draw(FRAME, 1, str(seed))[0].name] for seed in range(3000))
    expected = 5 * 20 / (5 * 20 + 180)  # 0.357; five standard deviations are 0.044
    assert abs(first[5] / 3000 - expected) < 0.044


def test_the_digest_of_a_frame_does_not_depend_on_its_order() -> None:
    assert frame_digest([("b", 2.0), ("a", 1.0)]) == frame_digest([("a", 1.0), ("b", 2.0)])
    assert frame_digest([("a", 1.0)]) != frame_digest([("a", 2.0)])


KEY_OF_42 = 0.048260946636715464
