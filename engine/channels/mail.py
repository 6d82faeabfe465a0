"""Sending a mail over SMTP: encrypted where the server can, and always where there is a password."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.channels.sink import Sink
from engine.config import Config
from engine.errors import ConfigurationError, RedressError

TIMEOUT_S = 20.0
_FOR_EVER = 500
SINK = "mail"
"""The folder of the data folder that holds mails as files where no server is set."""


class NotSent(RedressError):
    """The mail server did not take a mail; the message says why, without whom it was for."""


class Refused(NotSent):
    """The mail server will never take a mail for this address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text. `key` marks it, so that a mail sent twice has one Message-ID."""

    to: str
    subject: str
    text: str
    key: str


class _Remembering(smtplib.SMTP):
    """Keeps what the server said when it took the mail: its proof, mostly with a queue id."""

    said = ""

    def data(self, msg: Any) -> Any:
        """As the library's."""
        answer = super().data(msg)
        self.said = answer[1].decode("ascii", "replace")
        return answer


class _RememberingTls(_Remembering, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def send_mail(config: Config, mail: Mail) -> str:
    """Send a mail; return what the server answered when it took it, at most 200 characters.

    Call it while no transaction is open: a mail server may be slow.

    Raises ConfigurationError where no server is set, NotSent where it does not take the mail.
    """
    if config.smtp_url is None:
        raise ConfigurationError("no mail server is set: REDRESS_SMTP_URL")
    parts = urlsplit(config.smtp_url)
    host, is_tls = str(parts.hostname), parts.scheme == "smtps"
    try:
        server = (
            _RememberingTls(host, parts.port or 465, timeout=TIMEOUT_S, context=ssl.create_default_context())
            if is_tls
            else _Remembering(host, parts.port or 25, timeout=TIMEOUT_S)
        )
        with server:
            if not is_tls and (parts.username or _offers_tls(server)):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(_message(config, mail))
            return " ".join(server.said.split())[:200]
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= _FOR_EVER for code, _said in error.recipients.values()):
            raise Refused(f"the mail server at {host} refuses the address") from error
        raise NotSent(f"the mail server at {host} does not take a mail for this address now") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"the mail server at {host} did not take a mail: {type(error).__name__}") from error


def deliver(config: Config, mail: Mail, sink: Sink) -> str:
    """Send a mail; without a mail server keep it in the sink.

    Returns what the server answered, `file` without one. Raises as `send_mail`.
    """
    if config.smtp_url is not None:
        return send_mail(config, mail)
    return sink.keep(SINK, mail.key, _message(config, mail).as_bytes())


def _offers_tls(server: smtplib.SMTP) -> bool:
    server.ehlo_or_helo_if_needed()
    return server.has_extn("starttls")


def _message(config: Config, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail_from, mail.to, mail.subject
    message["Message-ID"] = f"<{mail.key}@{config.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
