"""From what is told of an order to what is sent: bytes, and the trouble on the way."""

from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec

from runtime.simulated_damage import AFTER, Draw, damaged
from runtime.simulated_order import Content, Order, Told
from runtime.simulated_world import DUPLICATE, LATE, Outgoing, World

_encode = msgspec.json.Encoder().encode
_RANK_BEFORE, _RANK_SELF, _RANK_AFTER = 0, 1, 2

Sending = tuple[int, int, Outgoing]  # when, before or after its neighbours, what


class Envelope(msgspec.Struct, frozen=True):
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    data: Content


def sendings(order: Order) -> list[Sending]:
    world = order.world
    start = world.start.astimezone(UTC)
    key = order.order_id.encode()
    good = [_good(told, start, order.order_id, key) for told in order.told]
    # An orphan's facts wait for ever, so that nobody would ever notice what is wrong with them.
    if order.orphan or not (world.broken or world.duplicates or world.out_of_order):
        return good
    return _with_trouble(good, world, order.random)


def _good(told: Told, start: datetime, subject: str, key: bytes) -> Sending:
    at = start + timedelta(0, 0, 0, told.at)
    event = Envelope(
        "1.0", told.id, told.source, told.type, subject, at, "application/json", told.data
    )
    message = Outgoing(told.topic, key, _encode(event), False, at, told.type)
    return told.at, _RANK_SELF, message


def _with_trouble(good: list[Sending], world: World, draw: Draw) -> list[Sending]:
    """Shares are of all that is sent, copies included; the last message cannot be overtaken."""
    originals = 1 - world.broken - world.duplicates
    broken = world.broken / originals
    repeated = broken + world.duplicates / originals
    last = len(good) - 1
    late = repeated + world.out_of_order / originals * (last + 1) / max(last, 1)
    sent: list[Sending] = []
    for place, sending in enumerate(good):
        luck = draw()
        if luck < broken:
            sent += _beside_a_damaged_copy(sending, world, draw)
        elif luck < repeated:
            later = good[min(last, place + 1 + int(draw() * 4))]
            sent += sending, _moved_behind(later, _again(sending[2], draw), DUPLICATE)
        elif luck < late and place < last:
            later = good[min(last, place + 1 + int(draw() * 3))]
            sent.append(_moved_behind(later, sending[2], LATE))
        else:
            sent.append(sending)
    sent.sort(key=lambda sending: sending[:2])
    return sent


def _beside_a_damaged_copy(sending: Sending, world: World, draw: Draw) -> list[Sending]:
    at, _, message = sending
    copy = damaged(message, draw, world.damages)
    if copy is None:
        return [sending]
    return [sending, (at, _RANK_AFTER if copy.trouble in AFTER else _RANK_BEFORE, copy)]


def _moved_behind(later: Sending, message: Outgoing, trouble: str) -> Sending:
    at, _, neighbour = later
    return at, _RANK_AFTER, message._replace(at=neighbour.at, trouble=trouble)


def _again(message: Outgoing, draw: Draw) -> Outgoing:
    """Mostly the same bytes; sometimes the same content, written by another library."""
    if draw() < 0.75:
        return message
    envelope = cast("dict[str, object]", msgspec.json.decode(message.value))
    return message._replace(value=_encode(dict(reversed(envelope.items()))))
