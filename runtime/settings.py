"""Every setting, and the only reader of the environment.

A setting is an environment variable with the prefix `COUNTERMAND_`, or a line of a `.env` file in
the working folder. `countermand settings` lists them all from here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "COUNTERMAND_"
ENV_FILE = ".env"
DAY = 86_400

OURS = "Value error, "
"""How pydantic marks an error that we raised."""
Count = Annotated[int, Field(ge=1)]
URL = "postgresql://user:password@host/database"
Port = r"[^\s:,]+:\d{1,5}"


class BadSettings(Exception):
    """A setting cannot be used; the message names each one and says what it may be."""


def setting(default: Any, reason: str, unit: str = "", **bounds: Any) -> Any:  # noqa: ANN401
    """Declare a setting: what it is by default, in which unit, and why one would change it."""
    return Field(default, description=reason, json_schema_extra={"unit": unit}, **bounds)


class Settings(BaseSettings):
    """All settings, checked. Frozen: a process keeps the settings it started with."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    # Where things are
    database_url: SecretStr | None = setting(
        None, "Your PostgreSQL, 15 or newer. Absent: an embedded one below DATA_DIR.", "URL"
    )
    data_dir: Path = setting(
        Path(".countermand"), "Where the embedded PostgreSQL keeps its data.", "folder"
    )
    database_pool_size: int = setting(
        5,
        "Connections that one process keeps open at most. A replay needs three.",
        "connections",
        ge=3,
        le=100,
    )
    kafka_bootstrap_servers: str | None = setting(
        None,
        "Your Kafka. Absent: no Kafka, messages come by `ingest`.",
        "host:port, ...",
        pattern=rf"^{Port}(,\s*{Port})*$",
    )

    # Kafka
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = setting(
        "PLAINTEXT", "How to talk to your Kafka. Anything but loopback deserves SASL_SSL."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = setting(
        None, "How to log in, with a SASL protocol."
    )
    kafka_username: str | None = setting(None, "Who logs in, with a SASL protocol.")
    kafka_password: SecretStr | None = setting(None, "The password of that user.")
    kafka_ca_file: Path | None = setting(
        None, "Certificates that sign your brokers'. Absent: the system's.", "PEM file"
    )
    kafka_group: str = setting(
        "countermand-ingest",
        "The consumer group of the ingest role; its members share the partitions.",
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
    )
    kafka_session_timeout: float = setting(
        10.0,
        "How long a silent member keeps its partitions. Shorter: a crash is noticed sooner.",
        "seconds",
        ge=6,
        le=300,
    )
    topic_prefix: str = setting(
        "countermand.",
        "Stands before every topic's name, so that one Kafka serves several.",
        pattern=r"^[A-Za-z0-9._-]{0,100}$",
    )
    partitions: Count = setting(
        4,
        "How many each topic gets by `topics create`: ingest scales to as many processes.",
        "partitions",
        le=1000,
    )
    replication: Count = setting(
        1,
        "How many brokers keep each partition, by `topics create`. Three, where you have them.",
        "copies",
        le=10,
    )

    # The way in
    batch: Count = setting(
        2000,
        "Messages decided in one transaction at most. More: faster. Fewer: sooner seen.",
        "messages",
        le=100_000,
    )
    cached_orders: Count = setting(
        50_000, "Orders that an ingest process keeps in memory.", "orders"
    )
    dead_share: float = setting(
        0.5,
        "A partition with more dead records than this stops: a broken producer is noticed "
        "before its topic is emptied into the dead letters.",
        "share of the last 1,000 records",
        gt=0,
        le=1,
    )
    dead_at_least: Count = setting(
        100, "A partition with fewer dead records among its last 1,000 never stops.", "records"
    )

    # The views
    follow_batch: Count = setting(
        20_000,
        "Events that the views take in one transaction at most: an order is worked out once in it.",
        "events",
        le=1_000_000,
    )
    follow_poll: float = setting(
        0.5, "How often the views look for new events, told or not.", "seconds", gt=0, le=10
    )

    # Money
    maximum_hold: float = setting(
        30.0,
        "How long a refund waits at most for the remaining goods to ship.",
        "days",
        ge=0,
        le=3650,
    )

    # How it speaks
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "The least that the log says."
    )
    log_format: Literal["auto", "json", "console"] = setting(
        "auto", "`auto`: readable on a terminal, else one JSON object a line."
    )

    @field_validator("database_url")
    @classmethod
    def _can_be_parsed(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            from psycopg import ProgrammingError
            from psycopg.conninfo import conninfo_to_dict

            try:
                conninfo_to_dict(url.get_secret_value())
            except (ProgrammingError, UnicodeError):  # its text may hold the password
                raise ValueError(f"must be like {URL}") from None
        return url


class Listed(NamedTuple):
    """One setting as `countermand settings` shows it; `value` is masked where it is a secret."""

    name: str
    value: str | None
    default: str | None
    unit: str
    reason: str


def load() -> Settings:
    """Read the environment and `.env`. Raises BadSettings naming every setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False)
        lines = [f"{_variable(e['loc'])}: {e['msg'].removeprefix(OURS)}" for e in wrong]
        raise BadSettings("; ".join(lines)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{ENV_FILE} cannot be read: {error}") from None


def listed(settings: Settings) -> Iterator[Listed]:
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        unit = str(extra["unit"]) if isinstance(extra, dict) else ""
        value, default = getattr(settings, name), field.default
        reason = field.description or ""
        yield Listed(_variable((name,)), _shown(value), _shown(default), unit, reason)


def in_ci() -> bool:
    """Say whether nobody is there to press Ctrl-C, whatever the terminal looks like."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def child_environment(**changed: str) -> dict[str, str]:
    """Return this process's environment with settings replaced, for a process it starts."""
    named = {f"{PREFIX}{name.upper()}": value for name, value in changed.items()}
    return {**os.environ, **named}


def written(settings: Settings) -> dict[str, str]:
    """Write settings as `child_environment` takes them, secrets too; empty: absent."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    values["data_dir"] = settings.data_dir.absolute()
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else _shown(value) or ""
        for name, value in values.items()
    }


def whole_environment() -> Mapping[str, str]:
    """Return all variables, for a check that no other program's settings get in our way."""
    return os.environ


def unknown_names() -> list[str]:
    """List variables with our prefix that are no setting: most likely spelled wrong."""
    known = {_variable((name,)) for name in Settings.model_fields}
    return sorted(n for n in os.environ if n.startswith(PREFIX) and n.upper() not in known)


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + str(location[0]).upper() if location else PREFIX + "*"


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value)


def on_terminal() -> bool:
    """Say whether a person reads standard output as it is written."""
    return sys.stdout.isatty()
