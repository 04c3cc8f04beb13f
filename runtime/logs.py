"""The service's log: structured, one event a line, with nothing personal and no control characters.

The other rooms log through `logging` with message ids as `extra` fields, or through structlog; both
end here, on standard error. Message contents are never logged, only ids, positions and rules.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from runtime.escaping import escape

LONGEST = 500
"""Characters of one value at most: a log line stays a line, whatever a producer sent."""

PERSONAL = frozenset({"note", "value", "body", "password", "database_url", "headers", "title"})
"""Fields that may hold a person's words or a secret; their values never reach the log."""

HIDDEN = "(not logged)"

Event = MutableMapping[str, Any]


def configure(level: str, form: str, role: str | None = None) -> None:
    """Send every log to standard error. `form`: auto, json, console."""
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared = _shared(role)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(shared, readable=readable))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quieten()


def _formatter(shared: list[Any], *, readable: bool) -> logging.Formatter:
    last = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared[:3], structlog.stdlib.ExtraAdder(), *shared[3:]],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def _shared(role: str | None) -> list[Any]:
    def with_role(_logger: object, _method: str, event: Event) -> Event:
        if role:
            event["role"] = role
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        with_role,
        safe,
    ]


def safe(_logger: object, _method: str, event: Event) -> Event:
    """Mask what may be personal, escape control characters, cut what is long."""
    clean = {key: HIDDEN if key in PERSONAL else _clean(event[key]) for key in event}
    if "exception" in event:  # the one text of several lines
        clean["exception"] = "\n".join(map(escape, str(event["exception"]).splitlines()))
    return clean


def _clean(value: object) -> object:
    """Keep numbers; everything else becomes one line of harmless text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(_clean(k)): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    text = value if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return escape(text if len(text) <= LONGEST else text[:LONGEST] + "...")


def _quieten() -> None:
    # The client logs every reconnect attempt of every node; our own loop says what matters.
    logging.getLogger("kafka").setLevel(logging.ERROR)
    # The event store's library sets these at import; a lost connection is said by us.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
