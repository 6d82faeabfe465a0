"""FEEL, the expression language of DMN 1.5: pure, without `eval`, compiled to closures and cached by text."""

from __future__ import annotations

from engine.errors import FeelError
from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.values.durations import YearsMonths
from engine.feel.values.ranges import Range

__all__ = [
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "Range",
    "UnaryTests",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
]
