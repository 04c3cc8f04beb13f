"""Words of the standard's vocabulary, by any of the names that they go by."""

from __future__ import annotations

import re

_PREFIXES = re.compile(
    r"urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):"
    r"|(?:https?://(?:ref|ns)\.gs1\.org/(?:voc/)?cbv/|cbv:)(?:BizStep|Disp|BTT|SDT|ER)-"
)
_TYPE = re.compile(r"(?:https?://(?:ref|ns)\.gs1\.org/epcis/|epcis:)")

READ_TYPES = frozenset({"ObjectEvent", "AggregationEvent", "TransactionEvent"})
OTHER_TYPES = frozenset({"TransformationEvent", "AssociationEvent"})
"""Types of events that never tell of an order's goods leaving or coming back."""
DOCUMENT_TYPES = frozenset({"EPCISDocument", "EPCISQueryDocument"})


def word(text: str) -> str:
    """Shorten `urn:epcglobal:cbv:bizstep:shipping`, say, to `shipping`; others stay as they are."""
    return _PREFIXES.sub("", text, count=1) if _PREFIXES.match(text) else text


def type_name(text: str) -> str:
    """Shorten `epcis:ObjectEvent` to `ObjectEvent`."""
    return _TYPE.sub("", text, count=1) if _TYPE.match(text) else text
