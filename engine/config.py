"""Settings: environment variables `REDRESS_*`, read once into one frozen object.

Each setting is documented in the README; `redress doctor` prints what is in force.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine import clock
from engine.errors import ConfigurationError

Environment = Literal["demo", "test", "production"]
Dispatching = Literal["local", "cluster"]
DISPATCHERS: tuple[Dispatching, ...] = ("local", "cluster")
LogFormat = Literal["auto", "json", "text"]
PUSH_SERVICES = (
    "https://fcm.googleapis.com",  # Chrome, Edge on Android, Chromium
    "https://updates.push.services.mozilla.com",
    "https://*.push.services.mozilla.com",
    "https://*.notify.windows.com",  # Edge
    "https://*.push.apple.com",
)
SHORTEST_SECRET = 32
LAST_PORT = 65_535
_DIGITS = re.compile(r"[0-9]{1,9}")
ENVIRONMENTS: tuple[Environment, ...] = ("demo", "test", "production")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set from outside. Paths are absolute."""

    environment: Environment
    data_dir: Path
    database_url: str
    secret_key_file: Path
    master_key_file: Path
    timezone: ZoneInfo
    secret_key: str | None = None
    clock: str | None = None
    port: int = 8000
    upload_limit_bytes: int = 20 * 1024 * 1024
    dispatcher: Dispatching = "local"
    log_format: LogFormat = "auto"
    log_level: str = "info"
    disk_reserve_bytes: int = 500 * 1024 * 1024
    keep_jobs_days: int = 30
    proxies: int = 0
    public_per_hour: int = 30
    public_total_per_hour: int = 3000
    public_url: str | None = None
    smtp_url: str | None = None
    mail_from: str = "redress@localhost"
    sms_url: str | None = None
    sms_secret: str | None = None
    chat_secret: str | None = None
    hotline_secret: str | None = None
    imap_urls: tuple[str, ...] = ()
    imap_handled: str | None = None
    imap_since: date | None = None
    push_services: tuple[str, ...] = ()
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_claim: str = "preferred_username"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def clock_settable(self) -> bool:
        """Whether the clock may be set and advanced: never in production."""
        return self.environment != "production"


def load(environ: Mapping[str, str] | None = None, *, root: Path | None = None) -> Config:
    """Read the settings. `root` (default: the working directory) is where `./var` lies without any setting.

    A variable that is set to nothing counts as not set. Raises ConfigurationError naming the variable and
    what it takes.
    """
    env = {name: text for name, text in (os.environ if environ is None else environ).items() if text}
    environment = env.get("REDRESS_ENV", "demo")
    if environment not in ENVIRONMENTS:
        raise ConfigurationError(f"REDRESS_ENV is {environment!r}; it takes one of {', '.join(ENVIRONMENTS)}")
    dispatcher = env.get("REDRESS_DISPATCHER") or "local"
    if dispatcher not in DISPATCHERS:
        raise ConfigurationError(f"REDRESS_DISPATCHER is {dispatcher!r}; it takes local or cluster")
    data_dir = Path(env.get("REDRESS_DATA_DIR") or (root or Path.cwd()) / "var").absolute()
    config = Config(
        environment=environment,
        data_dir=data_dir,
        database_url=_database_url(env.get("REDRESS_DATABASE_URL"), data_dir),
        secret_key_file=data_dir / "secret.key",
        master_key_file=Path(env.get("REDRESS_MASTER_KEY_FILE") or data_dir / "master.key").absolute(),
        timezone=_zone(env.get("REDRESS_TIMEZONE", "Asia/Shanghai")),
        secret_key=_secret(env, "REDRESS_SECRET_KEY"),
        clock=env.get("REDRESS_CLOCK"),
        port=_port(env),
        upload_limit_bytes=_positive(env, "REDRESS_UPLOAD_LIMIT_MB", 20) * 1024 * 1024,
        dispatcher=dispatcher,
        log_format=_one_of(env, "REDRESS_LOG_FORMAT", ("auto", "json", "text")),
        log_level=_one_of(env, "REDRESS_LOG_LEVEL", ("info", "debug", "warning", "error")),
        disk_reserve_bytes=_positive(env, "REDRESS_DISK_RESERVE_MB", 500) * 1024 * 1024,
        keep_jobs_days=_positive(env, "REDRESS_KEEP_JOBS_DAYS", 30),
        proxies=_count(env, "REDRESS_PROXIES"),
        public_per_hour=_positive(env, "REDRESS_PUBLIC_PER_HOUR", 30),
        public_total_per_hour=_positive(env, "REDRESS_PUBLIC_TOTAL_PER_HOUR", 3000),
        public_url=_url(env, "REDRESS_PUBLIC_URL"),
        smtp_url=_smtp_url(env.get("REDRESS_SMTP_URL")),
        mail_from=env.get("REDRESS_MAIL_FROM", "redress@localhost"),
        sms_url=_url(env, "REDRESS_SMS_URL"),
        sms_secret=_secret(env, "REDRESS_SMS_SECRET"),
        chat_secret=_secret(env, "REDRESS_CHAT_SECRET"),
        hotline_secret=_secret(env, "REDRESS_HOTLINE_SECRET"),
        imap_urls=_imap_urls(env.get("REDRESS_IMAP_URL")),
        imap_handled=env.get("REDRESS_IMAP_HANDLED") or None,
        imap_since=_date(env, "REDRESS_IMAP_SINCE"),
        push_services=_push_services(env, environment),
        oidc_issuer=_url(env, "REDRESS_OIDC_ISSUER"),
        oidc_client_id=env.get("REDRESS_OIDC_CLIENT_ID"),
        oidc_client_secret=env.get("REDRESS_OIDC_CLIENT_SECRET"),
        oidc_claim=env.get("REDRESS_OIDC_CLAIM", "preferred_username"),
    )
    if config.clock and not config.clock_settable:
        raise ConfigurationError("REDRESS_CLOCK is refused in production: remove it, or set REDRESS_ENV=demo")
    if config.oidc_issuer and not (config.oidc_client_id and config.oidc_client_secret):
        raise ConfigurationError(
            "REDRESS_OIDC_ISSUER needs REDRESS_OIDC_CLIENT_ID and REDRESS_OIDC_CLIENT_SECRET beside it"
        )
    if config.sms_url and not config.sms_secret:
        raise ConfigurationError(
            "REDRESS_SMS_URL needs REDRESS_SMS_SECRET beside it, which signs what we send"
        )
    if config.dispatcher == "cluster" and config.is_sqlite:
        raise ConfigurationError(
            "REDRESS_DISPATCHER is cluster, which needs PostgreSQL: set REDRESS_DATABASE_URL, or take local"
        )
    return config


def prepare_clock(config: Config) -> None:
    """Follow the clock's setting of this data directory; start from REDRESS_CLOCK where nothing was set
    yet.
    """
    path = config.data_dir / "clock.json"
    clock.use_file(path, settable=config.clock_settable)
    if config.clock and not path.exists():
        try:
            instant = datetime.fromisoformat(config.clock)
        except ValueError as error:
            raise ConfigurationError(
                f"REDRESS_CLOCK {config.clock!r} is no instant such as 2026-03-02T09:00:00+08:00"
            ) from error
        clock.set_to(instant)


def shown_url(url: str) -> str:
    """Return the database address without its password."""
    head, _, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://...@{tail}" if head else url


def _database_url(url: str | None, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'redress.db'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise ConfigurationError("REDRESS_DATABASE_URL takes sqlite:///PATH or postgresql://USER@HOST/DATABASE")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"REDRESS_TIMEZONE {name!r} is no IANA time zone, such as Asia/Shanghai"
        ) from error


_Choice = TypeVar("_Choice", bound=str)


def _one_of(env: Mapping[str, str], name: str, choices: tuple[_Choice, ...]) -> _Choice:
    """Return the choice that is set, the first without a setting."""
    text = env.get(name) or choices[0]
    for choice in choices:
        if choice == text:
            return choice
    raise ConfigurationError(f"{name} is {text!r}; it takes one of {', '.join(choices)}")


def _url(env: Mapping[str, str], name: str) -> str | None:
    """Return an address without a slash at its end, or None. Raises ConfigurationError."""
    text = env.get(name)
    if not text:
        return None
    if not _is_address(text, "http", "https"):
        raise ConfigurationError(f"{name} is {text!r}; it takes an address such as https://redress.example")
    return text.rstrip("/")


def _is_address(text: str, *schemes: str) -> bool:
    """Whether a text is an address of one of these schemes, with a host and, where it names one, a port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _push_services(env: Mapping[str, str], environment: str) -> tuple[str, ...]:
    """Return the origins of push services, in which `*` stands for anything; none for `off`."""
    text = env.get("REDRESS_PUSH_SERVICES")
    if not text:
        return PUSH_SERVICES
    if text == "off":
        return ()
    services = tuple(part.strip().rstrip("/") for part in text.split(","))
    allowed = ("https",) if environment == "production" else ("https", "http")
    for service in services:
        parts = urlsplit(service)
        if parts.scheme not in allowed or not parts.netloc or parts.path or "@" in service:
            raise ConfigurationError(
                f"REDRESS_PUSH_SERVICES has {service!r}; it takes origins such as https://push.example, "
                "separated by commas, or off"
            )
    return services


def _smtp_url(url: str | None) -> str | None:
    if url and not _is_address(url, "smtp", "smtps"):
        raise ConfigurationError("REDRESS_SMTP_URL takes smtp://USER:PASSWORD@HOST:PORT, or smtps://...")
    return url or None


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """Return a secret that signs messages, or None. Raises ConfigurationError for one that can be guessed."""
    text = env.get(name) or None
    if text is not None and len(text) < SHORTEST_SECRET:
        raise ConfigurationError(f"{name} is too short; take {SHORTEST_SECRET} random characters or more")
    return text


def _imap_urls(text: str | None) -> tuple[str, ...]:
    """Return the mailboxes to read, as many as are named between spaces. Raises ConfigurationError."""
    urls = tuple((text or "").split())
    for url in urls:
        if not (_is_address(url, "imap", "imaps") and urlsplit(url).username):
            raise ConfigurationError(
                "REDRESS_IMAP_URL takes imaps://USER:PASSWORD@HOST:PORT/FOLDER, several with spaces between"
            )
    return urls


def _date(env: Mapping[str, str], name: str) -> date | None:
    text = env.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ConfigurationError(f"{name} is {text!r}; it takes a day such as 2026-03-02") from error


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not _DIGITS.fullmatch(text) or int(text) == 0:
        raise ConfigurationError(f"{name} is {text!r}; it takes a positive whole number")
    return int(text)


def _port(env: Mapping[str, str]) -> int:
    port = _positive(env, "PORT", 8000)
    if port > LAST_PORT:
        raise ConfigurationError(f"PORT is {port}; the last port is {LAST_PORT}")
    return port


def _count(env: Mapping[str, str], name: str) -> int:
    text = env.get(name) or "0"
    if not _DIGITS.fullmatch(text) or int(text) > 10:
        raise ConfigurationError(f"{name} is {text!r}; it takes a whole number from 0 to 10")
    return int(text)
