"""Records that must not be taken, each with the field and the rule that say why.

Everything that takes records can be tried on them: `BAD` by name, nothing in it twice.
"""

from __future__ import annotations

from tests.support.bad_bytes import BYTES, HEADED, KEYS_TWICE
from tests.support.bad_envelopes import ENVELOPE, TOPICS
from tests.support.bad_record import GOOD, HEADERS, MEGABYTE, Bad
from tests.support.bad_values import FIELDS, MONEY

__all__ = ["BAD", "GOOD", "HEADERS", "MEGABYTE", "Bad"]

BAD: dict[str, Bad] = BYTES | KEYS_TWICE | ENVELOPE | TOPICS | FIELDS | MONEY | HEADED
