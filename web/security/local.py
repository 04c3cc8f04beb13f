"""Addresses within this service: where somebody may be sent on to, and never elsewhere."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_LONGEST = 1_000
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local(address: str) -> str:
    """The address, if it stays here: a path. Anything else leads to the start page."""
    is_local = len(address) <= _LONGEST and _LOCAL.fullmatch(address)
    return address if is_local else "/"


Next = Annotated[str, AfterValidator(local)]
