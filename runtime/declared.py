"""Each setting, as it is declared: default, unit, reason. `runtime.settings` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

URL = "postgresql://user:password@host/database"
Port = r"[^\s:,]+:\d{1,5}"


def setting(default: Any, reason: str, unit: str = "", **bounds: Any) -> Any:  # noqa: ANN401
    """Declare a setting: what it is by default, in which unit, and why one would change it."""
    return Field(default, description=reason, json_schema_extra={"unit": unit}, **bounds)


Count = Annotated[int, Field(ge=1)]
A_YEAR = 8_760
"""Hours."""


class Declared(BaseSettings):
    """All settings, with what each may be."""

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
    adapter_rules: Path | None = setting(
        None,
        "How ids are read in what warehouses and carriers send, where it differs from "
        "`countermand translate rules`.",
        "TOML file",
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

    # Deadlines: how long each is waited for. One that was set stays as it is when these change.
    stop_deadline: float = setting(
        24.0,
        "How long a warehouse has to answer a stop; then a seller decides. It works every day.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    refusal_deadline: float = setting(
        336.0,
        "How long a parcel may be on its way to the door where it is to be refused: carriers keep "
        "an unclaimed one for a week or two.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    return_deadline: float = setting(
        504.0,
        "How long refused goods may take to the warehouse: the way back is slower.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    rest_deadline: float = setting(
        168.0,
        "How long the rest may take of goods that are back in part.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    case_deadline: float = setting(
        168.0,
        "How long a seller has for a case. Then goods that came back damaged are refunded, missing "
        "ones are not, and any other case is overdue.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    payment_deadline: float = setting(
        72.0,
        "How long a refund may be with the payment provider before it is a case: a weekend and a "
        "working day.",
        "hours",
        gt=0,
        le=A_YEAR,
    )
    payment_retry_first: float = setting(
        5.0,
        "The pause before a refund that failed, or was not answered, is asked for again under its "
        "id. Each pause after it is four times as long.",
        "minutes",
        gt=0,
        le=1440,
    )
    payment_retry_longest: float = setting(
        24.0, "The longest of these pauses.", "hours", gt=0, le=A_YEAR
    )
    process_batch: Count = setting(
        5000,
        "Events that process managers take in one transaction at most: an order is looked at once "
        "in it. Fewer, where others often write to the same orders, by itself.",
        "events",
        le=100_000,
    )
    deadline_batch: Count = setting(
        500,
        "Deadlines that one process fires in one transaction at most; others take the next ones.",
        "deadlines",
        le=10_000,
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
