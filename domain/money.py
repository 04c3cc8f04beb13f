"""Money as integers in the currency's minor unit, and how an amount is shared out exactly.

Source of the exponents: ISO 4217, list one, and what it withdrew since 2020 (old orders stay).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MINOR_DIGITS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_WITHDRAWN = "ANG BGN CUC HRK SLL ZWL"

EXPONENTS: dict[str, int] = {
    code: digits for digits, codes in _MINOR_DIGITS.items() for code in codes.split()
} | dict.fromkeys(_WITHDRAWN.split(), 2)
"""How many decimals a currency has. Codes without a minor unit (gold, testing) are no money."""

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,4}))?", re.ASCII)


class MoneyError(ValueError):
    """An amount or a currency that breaks a rule of the contract; `rule` is its stable name."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


def to_minor(text: str, currency: str) -> int:
    """Read a decimal string such as `"12.99"` as minor units of `currency`.

    Raises MoneyError with rule `unknown_currency`, `amount` (not a plain decimal string from 0
    to below 10^12) or `too_many_decimals`.
    """
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise MoneyError("unknown_currency", f"{currency!r} is no ISO 4217 currency with decimals")
    parts = _AMOUNT.fullmatch(text)
    if parts is None:
        raise MoneyError("amount", "must be a decimal string from 0 to below 10^12, like 12.99")
    decimals = parts[2] or ""
    if len(decimals) > digits:
        raise MoneyError("too_many_decimals", f"{currency} has {digits} decimals")
    return int(parts[1] + decimals.ljust(digits, "0"))


def to_text(minor: int, currency: str) -> str:
    """Write minor units as the decimal string of the contract, with all decimals it has."""
    digits = EXPONENTS[currency]
    if digits == 0:
        return str(minor)
    sign, figure = ("-", -minor) if minor < 0 else ("", minor)
    padded = str(figure).rjust(digits + 1, "0")
    return f"{sign}{padded[:-digits]}.{padded[-digits:]}"


def worth_of_first(units: int, quantity: int, amount: int) -> int:
    """What the first `units` of a line of `quantity` units worth `amount` are worth.

    Rounded half up, so that any sequence of partial cancellations ends exactly at `amount`:
    each pays the worth up to its last unit less what was paid before.
    """
    return (2 * amount * units + quantity) // (2 * quantity)


def shares(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Spread `total` in proportion to `weights` by largest remainder, ties to the earlier place.

    All weights 0: everything is 0, so `total` must not exceed their sum.
    """
    whole = sum(weights)
    if total == 0 or whole == 0:
        return (0,) * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place)
    )
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return tuple(parts)
