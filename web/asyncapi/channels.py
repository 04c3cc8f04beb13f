"""The topics, and what countermand does with each: hears, translates, says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from web.asyncapi.kafka import Installed, channel_binding, operation_binding
from web.asyncapi.schemas import Named, Schema

_BY_ORDER = (
    " Keyed by order id; all topics that are heard have the same number of partitions. Heard at"
    " least once: the same `source` and `id` count once. What cannot be taken goes to"
    " `dead-letters`."
)
_AT_LEAST_ONCE = (
    " Keyed by order id, in order for each order. Said at least once, the same bytes under the same"
    " `id`: keep the ids that you have acted on."
)
_WORDS = {
    "storefront": "What storefronts say: orders, and who wants to cancel what." + _BY_ORDER,
    "warehouse": "What warehouses say of goods and parcels." + _BY_ORDER,
    "payments": "What payment providers say of refunds." + _BY_ORDER,
    "epcis": "What warehouses say in EPCIS 2.0. Translated to `warehouse`; any key.",
    "carrier": "What carriers say in their own words. Translated to `warehouse`; any key.",
    "orders": "Every event of every order, with `sequence` without a gap." + _AT_LEAST_ONCE,
    "warehouse-requests": "What warehouses are asked. Answer on `warehouse`." + _AT_LEAST_ONCE,
    "payment-requests": "What payment providers are asked. Answer on `payments`; a refund that"
    " was paid once is never paid again." + _AT_LEAST_ONCE,
    "buyer-notices": "What buyers are told, for those who write to them." + _AT_LEAST_ONCE,
    "dead-letters": "What could not be taken, byte by byte, with the reason. In no order.",
}
"""Every topic, in the order of the document."""


class _Done(NamedTuple):
    """What is done with a topic."""

    name: str
    channel: str
    action: str
    summary: str
    only: tuple[str, ...] = ()
    """Messages of the topic, where not all."""
    answered_on: str = ""
    answers: tuple[str, ...] = ()


_TRANSLATED = (
    "ShippedFromWarehouse",
    "Delivered",
    "DeliveryRejected",
    "ReturnedToWarehouse",
    "LostInTransit",
    "FactCorrected",
)
_DONE = (
    _Done("hearStorefront", "storefront", "receive", "Decide what becomes of orders."),
    _Done("hearWarehouse", "warehouse", "receive", "Learn what became of goods."),
    _Done("hearPayments", "payments", "receive", "Learn what became of refunds."),
    _Done("translateEpcis", "epcis", "receive", "Say it in the contract's words."),
    _Done("translateCarrier", "carrier", "receive", "Say it in the contract's words."),
    _Done("sayTranslated", "warehouse", "send", "Say what was translated.", _TRANSLATED),
    _Done("sayEvents", "orders", "send", "Say every event of every order."),
    _Done(
        "askWarehouses",
        "warehouse-requests",
        "send",
        "Ask a warehouse to stop units.",
        answered_on="warehouse",
        answers=("CancellationConfirmed", "StopRefused"),
    ),
    _Done(
        "askForPayment",
        "payment-requests",
        "send",
        "Ask the payment provider for a refund.",
        answered_on="payments",
        answers=("RefundIssued", "RefundFailed"),
    ),
    _Done("tellBuyers", "buyer-notices", "send", "Tell buyers what became of it."),
    _Done("sayDeadLetters", "dead-letters", "send", "Say what could not be taken."),
)


def channels(installed: Installed, messages: Iterable[str]) -> Named:
    """Every topic with its messages."""
    found: Named = {
        channel: {
            "address": installed.prefix + channel,
            "title": channel,
            "description": words,
            "servers": [{"$ref": "#/servers/kafka"}],
            "messages": {},
            "bindings": channel_binding(installed, channel),
        }
        for channel, words in _WORDS.items()
    }
    for name in messages:
        channel, _, plain = name.partition(".")
        found[channel]["messages"][plain] = {"$ref": f"#/components/messages/{name}"}
    return found


def operations(installed: Installed, of_channels: Mapping[str, Schema]) -> Named:
    """What countermand does: `receive` is what it hears, `send` what it says."""
    return {done.name: _operation(installed, done, of_channels) for done in _DONE}


def _operation(installed: Installed, done: _Done, of_channels: Mapping[str, Schema]) -> Schema:
    group = {"epcis": installed.translating_group, "carrier": installed.translating_group}.get(
        done.channel, installed.group
    )
    there = of_channels[done.channel]["messages"]
    found: Schema = {
        "action": done.action,
        "channel": {"$ref": f"#/channels/{done.channel}"},
        "summary": done.summary,
        "messages": _refs(done.channel, done.only or there),
        "bindings": operation_binding(group if done.action == "receive" else None),
    }
    if done.answers:
        both = [name + mode for name in done.answers for mode in ("", "Binary")]
        found["reply"] = {
            "channel": {"$ref": f"#/channels/{done.answered_on}"},
            "messages": _refs(done.answered_on, both),
        }
    return found


def _refs(channel: str, names: Iterable[str]) -> list[Schema]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
