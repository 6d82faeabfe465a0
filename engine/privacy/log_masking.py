"""Keeping personal data out of logs: every handler's last gate (R61)."""

from __future__ import annotations

import logging

from engine.privacy.finding import mask_text

_plain = logging.Formatter()


class MaskingFilter(logging.Filter):
    """Masks the message, the traceback and the stack of each record that passes a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; nothing is ever dropped."""
        record.msg, record.args = mask_text(record.getMessage()), None
        if record.exc_info:
            # Rendered here and taken away, so that no formatter renders the clear one again.
            record.exc_text = record.exc_text or _plain.formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(record.stack_info)
        return True


def protect_logs(*loggers: logging.Logger) -> None:
    """Put a MaskingFilter on every handler of the given loggers, the root's without any; twice does no harm.

    Handlers, not loggers: a logger's filter does not see what its children hand up.
    """
    for logger in loggers or (logging.getLogger(),):
        for handler in logger.handlers:
            if not any(isinstance(existing, MaskingFilter) for existing in handler.filters):
                handler.addFilter(MaskingFilter())
