"""GS1 keys, written as EPC URNs or as Digital Links, and ids of one's own in URIs.

An SGTIN, an LGTIN, a class and a Digital Link of one product all come to its GTIN of 14 digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple
from urllib.parse import unquote

Kind = Literal["gtin", "sscc", "gln", "gdti", "bt", "other"]


class Identifier(NamedTuple):
    """A URI, understood: which key it is, and the id that it carries."""

    kind: Kind
    id: str
    """gtin: 14 digits; sscc: 18; gln: 13. gdti and bt: the document's own number. Others: the last
    part of the URI."""


def identifier(uri: str) -> Identifier:
    """Understand a URI. What is no GS1 key is `other`; nothing is refused."""
    for pattern, understood in _KEYS:
        match = pattern.fullmatch(uri)
        if match is not None:
            found = understood(match)
            if found is not None:
                return found
    return Identifier("other", unquote(_last_part(uri)))


def with_check_digit(digits: str) -> str:
    """Append the check digit of a GS1 key."""
    weighted = sum(int(d) * (3, 1)[n % 2] for n, d in enumerate(reversed(digits)))
    return f"{digits}{-weighted % 10}"


def _last_part(uri: str) -> str:
    path = re.split(r"[?#]", uri, maxsplit=1)[0] if "//" in uri else uri
    return re.split(r"[/:]", path.rstrip("/"))[-1]


def _trade_item(found: re.Match[str]) -> Identifier | None:
    prefix, item = found["prefix"], found["item"]
    if len(prefix + item) != 13:  # noqa: PLR2004 - a GTIN without its check digit
        return None
    return Identifier("gtin", with_check_digit(item[0] + prefix + item[1:]))


def _logistic_unit(found: re.Match[str]) -> Identifier | None:
    prefix, serial = found["prefix"], found["serial"]
    if len(prefix + serial) != 17:  # noqa: PLR2004 - an SSCC without its check digit
        return None
    return Identifier("sscc", with_check_digit(serial[0] + prefix + serial[1:]))


def _location(found: re.Match[str]) -> Identifier | None:
    prefix, place = found["prefix"], found["place"]
    if len(prefix + place) != 12:  # noqa: PLR2004 - a GLN without its check digit
        return None
    return Identifier("gln", with_check_digit(prefix + place))


def _document(found: re.Match[str]) -> Identifier:
    return Identifier("gdti", unquote(found["serial"]))


def _transaction(found: re.Match[str]) -> Identifier:
    return Identifier("bt", unquote(found["id"]))


def _linked(kind: Kind) -> Callable[[re.Match[str]], Identifier]:
    return lambda found: Identifier(kind, unquote(found["id"]))


def _linked_gtin(found: re.Match[str]) -> Identifier:
    return Identifier("gtin", found["id"].zfill(14))


_PREFIX = r"(?P<prefix>[0-9]{6,12})"
_WEB = r"https?://[^?#]+"
_REST = r"(?:[/?#].*)?"
_KEYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Identifier | None]], ...] = tuple(
    (re.compile(pattern, re.ASCII), understood)
    for pattern, understood in (
        (rf"urn:epc:id:sgtin:{_PREFIX}\.(?P<item>[0-9]{{1,7}})\..+", _trade_item),
        (rf"urn:epc:class:lgtin:{_PREFIX}\.(?P<item>[0-9]{{1,7}})\..+", _trade_item),
        (rf"urn:epc:idpat:sgtin:{_PREFIX}\.(?P<item>[0-9]{{1,7}})\.\*", _trade_item),
        (rf"urn:epc:id:sscc:{_PREFIX}\.(?P<serial>[0-9]{{5,11}})", _logistic_unit),
        (rf"urn:epc:id:[sp]gln:{_PREFIX}\.(?P<place>[0-9]{{0,6}})(?:\..+)?", _location),
        (r"urn:epc:id:gdti:[0-9]{6,12}\.[0-9]{0,6}\.(?P<serial>.+)", _document),
        (r"urn:epcglobal:cbv:bt:[0-9]+:(?P<id>.+)", _transaction),
        (r"urn:epcglobal:cbv:bt:(?P<id>[^:]+)", _transaction),
        (rf"{_WEB}/01/(?P<id>[0-9]{{8}}|[0-9]{{12,14}}){_REST}", _linked_gtin),
        (rf"{_WEB}/00/(?P<id>[0-9]{{18}}){_REST}", _linked("sscc")),
        (rf"{_WEB}/41[47]/(?P<id>[0-9]{{13}}){_REST}", _linked("gln")),
        (rf"{_WEB}/253/[0-9]{{13}}(?P<id>[^/?#]{{1,51}}){_REST}", _linked("gdti")),
    )
)
