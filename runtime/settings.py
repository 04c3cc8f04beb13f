"""The settings, and the only reader of the environment. `runtime.declared*` have what there is.

A setting is an environment variable with the prefix `COUNTERMAND_`, or a line of a `.env` file in
the working folder. `countermand settings` lists them all from here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from runtime.declared_web import DeclaredWeb

PREFIX = "COUNTERMAND_"
ENV_FILE = ".env"
DAY = 86_400

OURS = "Value error, "
"""How pydantic marks an error that we raised."""


class BadSettings(Exception):
    """A setting cannot be used; the message names each one and says what it may be."""


class Settings(DeclaredWeb):
    """All settings, checked. Frozen: a process keeps the settings it started with."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )


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
        lines = [f"{_variable(e['loc'])}: {_said(e)}" for e in wrong]
        raise BadSettings("; ".join(lines)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{ENV_FILE} cannot be read: {error}") from None


def _said(error: ErrorDetails) -> str:
    if error["type"] == "too_short":  # of a secret, whose characters pydantic calls items
        return f"must have at least {error['ctx']['min_length']} characters"
    return error["msg"].removeprefix(OURS)


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
