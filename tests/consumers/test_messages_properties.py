"""What holds for any record whatsoever: only BadMessage comes out, and two readers agree."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.bad_message import Malformed
from consumers.cloudevents import BadMessage, Heard, Incoming, body, fingerprint, hear, judge
from consumers.envelope import content_mode
from consumers.messages import CHANNELS
from consumers.reading import read, read_binary
from tests.support import contract
from tests.support.bad_input import BAD
from tests.support.contract import EXAMPLE_IDS, EXAMPLES, KEY, NOTE, NOW

Reader = Callable[[Incoming, int, bytes], Heard]
Headers = list[tuple[str, bytes | None]]
Outcome = Heard | tuple[str, ...]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "o-1", "1.00", "1e9", "a\n", 1, 0, 10**9, 10**9 + 1, 2**64, "good"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(["line_id", "quantity", "items"]), inner)
    ),
    max_leaves=8,
)
headers = st.lists(
    st.tuples(
        st.text() | st.sampled_from(["ce_id", "ce_type", "CE_TIME", "content-type", "ce_subject"]),
        st.none() | st.binary() | st.sampled_from([b"Delivered", b"o-1", b"application/json"]),
    ),
    max_size=9,
)
channels = st.sampled_from([None, *CHANNELS])
examples = st.sampled_from(EXAMPLES)
modes = st.sampled_from([contract.structured, contract.binary])


def outcome(reader: Reader, record: Incoming) -> Outcome:
    try:
        heard = reader(record, NOW, KEY)
    except BadMessage as bad:
        return (bad.field, bad.rule, bad.detail, str(bad.order_id), str(bad.message_id))
    return heard


def places(part: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, by its path."""
    found = [path] if path else []
    inner = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part if isinstance(part, list) else ())
    )
    for key, value in inner:
        found += places(value, (*path, key))
    return found


@st.composite
def damaged(draw: st.DrawFn) -> Incoming:
    """An example with one or two places changed, lost or added to."""
    event = copy.deepcopy(contract.event(*draw(examples)))
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(places(event)))
        part: Any = event
        for key in path:
            part = part[key]
        match draw(st.sampled_from(["change", "lose", "add"])):
            case "change":
                part[last] = draw(json_values)
            case "lose":
                del part[last]
            case _ if isinstance(part, dict):
                part[draw(st.text())] = draw(json_values)
        if not places(event):
            break
    text = json.dumps(event, ensure_ascii=draw(st.booleans()), separators=draw(separators))
    return Incoming(text.encode(errors="surrogatepass"), channel=draw(channels))


separators = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")])


@st.composite
def scratched(draw: st.DrawFn) -> Incoming:
    """An example with a piece of its bytes cut out, doubled or overwritten."""
    record = draw(modes)(*draw(examples))
    value = record.value or b""
    start = draw(st.integers(0, len(value)))
    end = draw(st.integers(start, min(len(value), start + 40)))
    piece = draw(st.sampled_from([b"", value[start:end] * 2, b'"', b"\\", b"null", b"\x7f"]))
    return record._replace(value=value[:start] + piece + value[end:])


@given(st.none() | st.binary(), headers, st.none() | st.binary(), channels)
def test_any_bytes_are_heard_or_told(
    value: bytes | None, headers: Headers, key: bytes | None, channel: str | None
) -> None:
    record = Incoming(value, headers, key, channel)

    assert outcome(hear, record) == outcome(judge, record)


@given(json_values, headers)
def test_any_json_is_heard_or_told(value: object, headers: Headers) -> None:
    record = Incoming(json.dumps(value).encode(), headers)

    assert outcome(hear, record) == outcome(judge, record)


@settings(max_examples=400)
@given(damaged())
def test_the_short_way_hears_of_a_damaged_message_what_the_models_hear(record: Incoming) -> None:
    assert outcome(hear, record) == outcome(judge, record)


@settings(max_examples=400)
@given(scratched())
def test_the_short_way_hears_of_scratched_bytes_what_the_models_hear(record: Incoming) -> None:
    assert outcome(hear, record) == outcome(judge, record)


def test_the_short_way_takes_nothing_that_the_models_refuse() -> None:
    assert [name for name, bad in BAD.items() if outcome(hear, bad.record) !=
            outcome(judge, bad.record)] == []  # fmt: skip


@pytest.mark.parametrize("mode", [contract.structured, contract.binary])
@pytest.mark.parametrize(("kind", "data"), EXAMPLES, ids=EXAMPLE_IDS)
def test_what_is_plain_goes_the_short_way(
    mode: Callable[..., Incoming], kind: str, data: dict[str, Any]
) -> None:
    """Only a correction, or a note of several lines, takes the second look."""
    record = mode(kind, data)
    attributes = content_mode(record.headers)
    value = record.value or b""

    try:
        said = read(value) if attributes is None else read_binary(attributes, value)
    except Malformed:
        said = None

    assert (said is None) == (kind == "FactCorrected" or data.get("note") == NOTE)


def test_what_is_newer_goes_the_short_way_when_it_is_plain() -> None:
    newer = contract.event("Delivered", traceparent="00-ab-cd-01", sequence="1", sampled=True)
    newer["data"] |= {"door": 7, "floor": -0.5, "left_with": "Mrs Berg", "photo": None}

    assert read(json.dumps(newer).encode())[0] == "Delivered"


@pytest.mark.parametrize(
    "newer",
    ['{"a": 1}', "[1]", r'"\u0007"', '"\u00fc"', "1e9", "01", "1.", "1" * 30, '"\x01"', "NaN"],
)
def test_what_is_newer_and_not_plain_takes_the_second_look(newer: str) -> None:
    value = json.dumps(contract.event("Delivered"))[:-1] + f', "newer": {newer}}}'

    with pytest.raises(Malformed, match="in_doubt"):
        read(value.encode())


ids = st.text("abcXYZ019._:-", min_size=1, max_size=64)
quantities = st.integers(1, 10**9)
printable = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"],
    exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\r\t"))
items = st.lists(st.fixed_dictionaries({"line_id": ids, "quantity": quantities}), min_size=1)
amounts = st.integers(0, 10**14 - 1).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
lines = st.lists(
    st.fixed_dictionaries(
        {
            "line_id": ids,
            "sku": st.text(printable, min_size=1, max_size=64),
            "title": st.text(printable, min_size=1, max_size=300),
            "quantity": quantities,
            "unit_price": amounts,
        },
        optional={
            "discount": amounts | st.none(),
            "tax": amounts,
            "coming_soon": st.booleans() | st.none(),
        },
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: line["line_id"],
)
orders = st.fixed_dictionaries(
    {
        "buyer_id": ids,
        "seller_id": ids,
        "currency": st.sampled_from(["EUR", "KWD"]),
        "lines": lines,
    },
    optional=dict.fromkeys(["discount", "shipping_fee", "shipping_tax", "paid"], amounts),
)
cancellations = st.fixed_dictionaries(
    {"cancellation_id": ids, "requested_by": st.just("buyer"), "reason": st.just("other")},
    optional={"items": items, "note": texts},
)
refusals = st.fixed_dictionaries(
    {"cancellation_id": ids, "reason": texts.filter(bool).map(lambda text: text[:300])},
    optional={"items": items},
)
messages = (
    st.tuples(st.just("OrderPlaced"), orders)
    | st.tuples(st.just("ItemCancelRequested"), cancellations)
    | st.tuples(st.just("StopRefused"), refusals)
    | examples
)
times = (
    st.datetimes()
    .map(lambda time: f"{time.isoformat()}Z")
    .filter(lambda time: "0001-01-02" < time < "9999-12-30")
)
names = st.text(printable, min_size=1, max_size=256)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(messages, modes, times, names, names)
def test_a_good_message_is_heard_and_survives_its_being_kept(
    said: tuple[str, dict[str, object]],
    mode: Callable[..., Incoming],
    time: str,
    source: str,
    message_id: str,
) -> None:
    heard = hear(mode(*said, time=time, source=source, id=message_id), NOW, KEY)
    again = hear(Incoming(body(heard)), NOW, KEY)

    assert again == heard
    assert fingerprint(again) == fingerprint(heard)
    assert (heard.source, heard.message_id) == (source, message_id)
