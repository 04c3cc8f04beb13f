"""What is wrong with a message, in the words of the contract: a field, a rule, a detail.

The rules are a public, stable list (docs/messages.md); pydantic's own names never leave this file.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic_core import ErrorDetails

from consumers.fields import PATTERN_RULES


class Malformed(Exception):
    """A value breaks a rule. `field` is a path such as `data.lines[0].quantity`."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(f"{field}: {detail} ({rule})")
        self.field = field
        self.rule = rule
        self.detail = detail


class Left(NamedTuple):
    """What could still be read of a bad record's envelope; each none where it could not."""

    order_id: str | None = None
    source: str | None = None
    message_id: str | None = None
    type: str | None = None


NOTHING_LEFT = Left()


class BadMessage(Malformed):
    """A record that cannot be taken, and what is left of its envelope."""

    def __init__(self, field: str, rule: str, detail: str, left: Left = NOTHING_LEFT) -> None:
        super().__init__(field, rule, detail)
        self.order_id, self.source, self.message_id, self.type = left


def internal_error(error: Exception) -> BadMessage:
    """A bug of ours, which must not stop a partition: the message is kept, and can be retried."""
    return BadMessage("value", "internal_error", f"{type(error).__name__}: {error}"[:300])


RULES: dict[str, tuple[str, str]] = {
    "missing": ("missing", "is required"),
    "union_tag_not_found": ("missing", "is required"),
    "union_tag_invalid": ("unknown_type", "is no type of message that we know"),
    "string_type": ("not_a_string", "must be a string"),
    "int_type": ("not_an_integer", "must be an integer, without quotes or decimals"),
    "int_from_float": ("not_an_integer", "must be an integer, without quotes or decimals"),
    "int_parsing_size": ("too_great", "is too great"),
    "bool_type": ("not_a_boolean", "must be true or false"),
    "list_type": ("not_a_list", "must be a list"),
    "dict_type": ("not_an_object", "must be an object"),
    "model_type": ("not_an_object", "must be an object"),
    "model_attributes_type": ("not_an_object", "must be an object"),
    "string_too_short": ("empty", "must not be empty"),
    "too_short": ("empty", "must not be empty; leave it out where it is optional"),
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "too_long": ("too_many", "must have at most {max_length} entries"),
    "greater_than_equal": ("too_small", "must be at least {ge}"),
    "less_than_equal": ("too_great", "must be at most {le}"),
    "literal_error": ("unknown_value", "must be {expected}"),
}
"""pydantic's error type to our rule and what to say."""

PATTERN_DETAILS: dict[str, str] = {
    "id": "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -",
    "not_printable": "must not hold control characters, nor (where it is one line) line breaks"
    " or direction overrides",
    "tracking_number": "must be up to 128 of A-Z a-z 0-9 space . , : ; / _ + * # = ( ) -",
    "amount": "must be a decimal string from 0 to below 10^12, like 12.99",
    "unknown_currency": "must be an ISO 4217 code such as EUR",
    "unsupported_version": "must end in /v1, the only version that we know",
}
ENVELOPE_NULLS = frozenset({"specversion", "id", "source", "subject", "time", "type"})


def complaint(error: ErrorDetails, prefix: tuple[str, ...] = ()) -> Malformed:
    """Say an error of a validation in our words; `prefix` leads its path."""
    kind, said, context = error["type"], error["input"], error.get("ctx", {})
    field = path(prefix + error["loc"])
    if kind == "union_tag_invalid":
        field, said = "type", said["type"]
    elif kind == "union_tag_not_found":
        field = "type"
    if said is None and field in ENVELOPE_NULLS:
        kind = "missing"  # CloudEvents: a null attribute is one that is not there
    if kind == "literal_error" and field == "specversion":
        return Malformed(field, "unsupported_specversion", "must be 1.0")
    if kind == "string_pattern_mismatch":
        rule = PATTERN_RULES[context["pattern"]]
        return Malformed(field, rule, PATTERN_DETAILS[rule])
    rule, detail = RULES.get(kind, ("not_understood", "cannot be read"))
    return Malformed(field, rule, detail.format_map(context))


def path(parts: tuple[int | str, ...]) -> str:
    """Write `("data", "lines", 0, "sku")` as `data.lines[0].sku`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "value"
