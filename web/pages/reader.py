"""To whom a page of an order speaks: to its buyer, or about the buyer to whoever else reads it."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from web.security.caller import Caller

Words = TypeVar("Words", bound=str)


class Reader(NamedTuple):
    """Whoever reads."""

    is_buyer: bool

    @classmethod
    def of(cls, who: Caller) -> Reader:
        """By who looks; nobody in particular is no buyer."""
        return cls(who.role == "buyer")

    def hears(self, as_buyer: Words, as_other: Words) -> Words:
        """The words for this one."""
        return as_buyer if self.is_buyer else as_other
