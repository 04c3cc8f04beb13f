"""The rules that read ids and words from outside, in TOML; `default_rules.toml` explains each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from consumers.fields import PRINTABLE_PATTERN

DEFAULTS = "default_rules.toml"
GTIN_LENGTHS = (8, 12, 13)
"""Of GTINs that are written with leading zeros as one of 14 digits."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PRINTABLE_PATTERN)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE_PATTERN)]
Kind = Literal["gtin", "sscc", "gln", "gdti", "bt", "other"]
Place = Literal[
    "bizTransaction", "source", "destination", "readPoint", "bizLocation", "epc", "item"
]
Outcome = Literal["delivered", "refused", "unclaimed", "undeliverable", "lost", "nothing"]


_NAME = "[A-Za-z_][A-Za-z0-9_]*"


class BadRules(Exception):
    """A file of rules cannot be used; says which rule, and what it may be."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _Finding(_Part):
    """Makes an id of a text that was found."""

    pattern: Text | None = None
    """Matches all of the text; its group `id` is the id. None: what the text is known to carry."""
    values: dict[Text, Text] | None = None
    """Id by what was found; what is not in it does not count."""

    @field_validator("pattern")
    @classmethod
    def _names_an_id(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                groups = re.compile(pattern).groupindex
            except re.error as wrong:
                raise ValueError(f"is no regular expression: {wrong}") from None
            if "id" not in groups:
                raise ValueError("must have a group named id: (?P<id>...)")
        return pattern


class EventRule(_Finding):
    """Where in an EPCIS event an id stands."""

    place: Place = Field(alias="from")
    type: Text | None = None
    """Of a business transaction, a source or a destination. None: any."""
    kind: Kind | None = None
    """Which GS1 key it must be. None: any URI."""

    @model_validator(mode="before")
    @classmethod
    def _gtins_have_14_digits(cls, told: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        if not isinstance(told, dict) or told.get("from") != "item" or "pattern" in told:
            return told
        values = told.get("values")
        if not isinstance(values, dict):
            return told
        return told | {"values": {_gtin(key): line_id for key, line_id in values.items()}}

    @model_validator(mode="after")
    def _has_a_type_to_look_at(self) -> EventRule:
        if self.type is not None and self.place not in ("bizTransaction", "source", "destination"):
            raise ValueError(f"from = {self.place!r} has no type")
        return self


def _gtin(digits: str) -> str:
    return digits.zfill(14) if digits.isdecimal() and len(digits) in GTIN_LENGTHS else digits


class PathRule(_Finding):
    """Where in a carrier's message something stands, as `msg.checkpoints[-1].checkpoint_time`."""

    path: Annotated[
        str,
        StringConstraints(
            max_length=256,
            pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\[-?[0-9]+\]|\.[A-Za-z_][A-Za-z0-9_]*)*$",
        ),
    ]


Words = Annotated[tuple[Text, ...], Field(strict=False)]
EventRules = Annotated[tuple[EventRule, ...], Field(strict=False)]
PathRules = Annotated[tuple[PathRule, ...], Field(strict=False, min_length=1)]


class EpcisRules(_Part):
    """How EPCIS events are read."""

    source: Source
    shipping: Words
    shipping_dispositions: Words
    void_shipping: Words
    receiving: Words
    returned: Words
    damaged: Words
    pieces: Words
    order_id: EventRules
    shipment_id: EventRules
    return_id: EventRules
    warehouse_id: EventRules
    line_id: EventRules

    @field_validator("line_id")
    @classmethod
    def _of_items(cls, rules: tuple[EventRule, ...]) -> tuple[EventRule, ...]:
        if any(rule.place != "item" for rule in rules):
            raise ValueError("must be read from = 'item'")
        return rules

    @field_validator("order_id", "shipment_id", "return_id", "warehouse_id")
    @classmethod
    def _of_events(cls, rules: tuple[EventRule, ...]) -> tuple[EventRule, ...]:
        if any(rule.place == "item" for rule in rules):
            raise ValueError("cannot be read from = 'item': an event has many")
        return rules


class CarrierRules(_Part):
    """How a carrier's statuses are read."""

    source: Source
    lists: Words
    order_id: PathRules
    shipment_id: PathRules
    carrier: PathRules
    status: PathRules
    time: PathRules
    going_back: PathRules
    statuses: dict[Text, Outcome]

    @field_validator("statuses")
    @classmethod
    def _in_small_letters(cls, statuses: dict[str, Outcome]) -> dict[str, Outcome]:
        return {status.casefold(): outcome for status, outcome in statuses.items()}


class Rules(_Part):
    """All rules of one installation."""

    epcis: EpcisRules
    carrier: CarrierRules


def default_text() -> str:
    """Return the rules that hold where a file says nothing else, as TOML with comments."""
    return files("consumers.outside").joinpath(DEFAULTS).read_text(encoding="utf-8")


def load(path: Path | None = None) -> Rules:
    """Read the default rules and, over them, those of a file. Raises BadRules."""
    told = tomllib.loads(default_text())
    if path is not None:
        _over(told, _read(path), path)
    try:
        return Rules.model_validate(told)
    except ValidationError as wrong:
        error = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, error["loc"]))
        what = error["msg"].removeprefix("Value error, ")
        raise BadRules(f"{path or DEFAULTS}: {where}: {what}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:  # no UTF-8 and no TOML are both ValueErrors
        raise BadRules(f"{path} cannot be read: {wrong}") from None


def _over(told: dict[str, Any], more: Mapping[str, Any], path: Path) -> None:
    """Lay a file over the defaults: what it names is its own, statuses are added."""
    for section, rules in more.items():
        if section not in told or not isinstance(rules, dict):
            raise BadRules(f"{path}: there are the sections [epcis] and [carrier], not {section}")
        statuses = told[section].get("statuses", {})
        told[section] |= rules
        if isinstance(rules.get("statuses"), dict):
            told[section]["statuses"] = statuses | rules["statuses"]
