"""What is wrong with a FEEL text, and where."""

from __future__ import annotations

from engine.errors import FeelError, Message


class FeelSyntaxError(FeelError):
    """A text that is not FEEL. `position` counts from 0; `expected` says what could stand there."""

    def __init__(self, message: Message, position: int = 0, expected: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.expected = expected
