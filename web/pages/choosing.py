"""What a form of the cancel flow says: which units, why, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from consumers.fields import REASONS, Item, Party
from domain.goods import Goods
from domain.wording import counted
from web.security.caller import Caller

PREFIX = "quantity."
LONGEST_NOTE = 500
"""Characters of a note, as the page takes it."""
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)


class Wrong(NamedTuple):
    """Something that is not right yet, and the field where it is."""

    field_id: str
    text: str
    short: str = ""
    """At the field, where it need not be named."""


class Chosen(NamedTuple):
    """Units of lines, or everything."""

    units: Mapping[str, str]
    """As it was typed, by line."""
    is_all: bool

    @property
    def items(self) -> list[Item] | None:
        """What is asked for; none: everything."""
        if self.is_all:
            return None
        return [
            Item(line_id=line_id, quantity=int(said))
            for line_id, said in self.units.items()
            if int(said or "0")
        ]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The hidden fields that carry it to the next step."""
        if self.is_all:
            return [("all", "1")]
        return [(f"{PREFIX}{line_id}", said) for line_id, said in self.units.items() if said]

    @property
    def query(self) -> str:
        return urlencode(self.fields)


def chosen(said: Mapping[str, str]) -> Chosen:
    """Read the fields of a form."""
    units = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in said.items()
        if name.startswith(PREFIX) and value.strip() not in {"", "0"}
    }
    return Chosen(units, said.get("all") == "1")


def wrong_units(choice: Chosen, where: Goods) -> list[Wrong]:
    """What is wrong with it, at the fields."""
    if choice.is_all:
        return []
    found = [wrong for one in choice.units.items() if (wrong := _wrong(*one, where))]
    if not found and not choice.units:
        first = next((n for n, line in where.lines.items() if line.ledger.cancellable), "")
        found.append(Wrong(f"q-{first}", "Say of at least one kind how many units to cancel."))
    return found


def _wrong(line_id: str, said: str, where: Goods) -> Wrong | None:
    field_id = f"q-{line_id}"
    line = where.lines.get(line_id)
    if line is None:
        return Wrong("main", "Some goods are not of this order.")
    title, most = line.line.title, line.ledger.cancellable
    if _NUMBER.fullmatch(said) is None:
        return Wrong(
            field_id, f"{title}: say a number of units, such as 1.", "Say a number, such as 1"
        )
    if int(said) > most:
        no_more = f"{title}: {counted(most)} can be cancelled, and no more."
        return Wrong(field_id, no_more, f"Choose {most} or fewer" if most else "")
    return None


def party_of(who: Caller) -> Party:
    """In whose name this one cancels."""
    return "seller" if who.role == "seller" else "buyer"


def wrong_reason(who: Caller, said: Mapping[str, str]) -> list[Wrong]:
    """What is wrong with the last form."""
    found = []
    if said.get("reason") not in REASONS[party_of(who)]:
        found.append(Wrong("reason", "Say why: choose one of the reasons."))
    if len(said.get("note", "")) > LONGEST_NOTE:
        found.append(Wrong("note", f"The note has at most {LONGEST_NOTE} characters."))
    return found
