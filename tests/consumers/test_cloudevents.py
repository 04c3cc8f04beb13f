"""The Kafka protocol binding of CloudEvents: what the standard's own library writes, we hear."""

from __future__ import annotations

import base64
import json
from datetime import datetime

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from consumers.cloudevents import BadMessage, Heard, Incoming, body, hear
from tests.support import contract
from tests.support.contract import EXAMPLE_IDS, EXAMPLES, KEY, NOW

each_example = pytest.mark.parametrize(("kind", "data"), EXAMPLES, ids=EXAMPLE_IDS)
STRUCTURED = ("content-type", b"application/cloudevents+json")


def heard(record: Incoming) -> Heard:
    return hear(record, NOW, KEY)


def told(record: Incoming) -> tuple[str, str]:
    with pytest.raises(BadMessage) as caught:
        heard(record)
    return caught.value.field, caught.value.rule


def written(kind: str, data: dict[str, object], **more: object) -> CloudEvent:
    """The example as the standard's library has it."""
    said = contract.attributes(kind, datacontenttype="application/json", **more)
    time = datetime.fromisoformat(said.pop("time"))
    return CloudEvent(said | {"time": time}, {"order_id": "o-1", **data})


def record(message: kafka.KafkaMessage) -> Incoming:
    return Incoming(message.value, list(message.headers.items()))


@each_example
def test_we_hear_what_the_standard_library_writes_in_structured_mode(
    kind: str, data: dict[str, object]
) -> None:
    message = kafka.to_structured_event(written(kind, data))

    assert heard(record(message)) == heard(contract.structured(kind, data))


@each_example
def test_we_hear_what_the_standard_library_writes_of_bytes_in_structured_mode(
    kind: str, data: dict[str, object]
) -> None:
    event = written(kind, data)
    octets = json.dumps(event.get_data()).encode()
    message = kafka.to_structured_event(CloudEvent(event.get_attributes(), octets))

    assert b"data_base64" in message.value
    assert heard(record(message)) == heard(contract.structured(kind, data))


@pytest.mark.parametrize(
    ("octets", "field", "rule"),
    [
        ("no base64!", "data_base64", "not_json"),
        (7, "data_base64", "not_json"),
        (base64.b64encode(b"no json").decode(), "data_base64", "not_json"),
        (base64.b64encode(b'{"a": NaN}').decode(), "data_base64", "not_json"),
        (base64.b64encode(b'{"a": 1, "a": 2}').decode(), "value", "duplicate_key"),
        (base64.b64encode(b"[]").decode(), "data", "not_an_object"),
        (base64.b64encode(b"null").decode(), "data", "not_an_object"),
        (base64.b64encode(b"{}").decode(), "data.order_id", "missing"),
        (None, "data", "missing"),
    ],
)
def test_bytes_that_hold_no_data_of_ours_are_told(octets: object, field: str, rule: str) -> None:
    event = contract.attributes("Delivered") | {"data_base64": octets}

    assert told(Incoming(json.dumps(event).encode())) == (field, rule)


@each_example
def test_we_hear_what_the_standard_library_writes_in_binary_mode(
    kind: str, data: dict[str, object]
) -> None:
    message = kafka.to_binary_event(written(kind, data))

    assert heard(record(message)) == heard(contract.structured(kind, data))


@each_example
def test_the_standard_library_reads_what_we_keep_of_a_parked_message(
    kind: str, data: dict[str, object]
) -> None:
    said = body(heard(contract.structured(kind, data)))

    event = kafka.from_kafka(kafka.KafkaMessage({}, None, said), JSONFormat())

    assert (event.get_id(), event.get_source(), event.get_type(), event.get_subject()) == (
        "m-1", "/shop", kind, "o-1",
    )  # fmt: skip
    assert event.get_time() == datetime.fromisoformat("2026-01-31T12:00:00.123456Z")


def test_texts_of_any_language_travel_in_headers() -> None:
    said = written("Delivered", contract.LEAST["Delivered"], source="/håndverk", id="ش-1")

    assert heard(record(kafka.to_binary_event(said))).source == "/håndverk"


@pytest.mark.parametrize(
    "name", ["specversion", "id", "source", "type", "subject", "time", "content-type"]
)
def test_a_header_s_name_may_be_in_capitals(name: str) -> None:
    plain = contract.binary("Delivered")
    header = name if name == "content-type" else f"ce_{name}"
    headers = [(at.upper() if at == header else at, value) for at, value in plain.headers]

    assert heard(plain._replace(headers=headers)) == heard(plain)


@pytest.mark.parametrize(
    "content_type",
    [b"application/json", b"application/json; charset=utf-8", b"APPLICATION/JSON",
     b"application/vnd.shop+json", b"text/json"],
)  # fmt: skip
def test_binary_data_are_json_of_any_name(content_type: bytes) -> None:
    plain = contract.binary("Delivered")
    headers = [*plain.headers[:-1], ("content-type", content_type)]

    assert heard(plain._replace(headers=headers)) == heard(plain)


def test_binary_data_without_a_content_type_are_json() -> None:
    plain = contract.binary("Delivered")

    assert heard(plain._replace(headers=plain.headers[:-1])) == heard(plain)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [STRUCTURED],
        [("Content-Type", b"Application/CloudEvents+JSON")],
        [("content-type", b"application/cloudevents+json; charset=UTF-8")],
        [("content-type", b"application/cloudevents")],
        [("content-type", b"application/json")],
        [("content-type", b"application/octet-stream")],
        [("content-type", None)],
        [("traceparent", b"00-ab-cd-01"), ("\u00fc", b"\xff")],
    ],
    ids=str,
)
def test_a_value_is_a_structured_event_unless_the_headers_say_otherwise(
    headers: list[tuple[str, bytes | None]],
) -> None:
    plain = contract.structured("Delivered")

    assert heard(plain._replace(headers=headers)) == heard(plain)


def test_the_content_type_says_structured_whatever_other_headers_say() -> None:
    plain = contract.structured("Delivered")
    copied = [("ce_id", b"another"), ("ce_type", b"OrderPlaced"), STRUCTURED]

    assert heard(plain._replace(headers=copied)) == heard(plain)


def test_a_header_that_comes_twice_and_says_the_same_is_no_harm() -> None:
    plain = contract.binary("Delivered")

    assert heard(plain._replace(headers=[*plain.headers, *plain.headers])) == heard(plain)


def test_a_header_without_a_value_is_not_there() -> None:
    plain = contract.binary("Delivered")
    empty: list[tuple[str, bytes | None]] = [("ce_dataschema", None), ("trace", None)]

    assert heard(plain._replace(headers=[*plain.headers, *empty])) == heard(plain)


def test_other_headers_may_come_as_often_as_they_like() -> None:
    plain = contract.binary("Delivered")
    traces = [("trace", b"\xff"), ("trace", b"2"), ("ce_traceparent", b"3"), ("ce_", b"4")]

    assert heard(plain._replace(headers=[*plain.headers, *traces])) == heard(plain)


def test_a_tombstone_is_told_in_either_mode() -> None:
    for headers in ([], [STRUCTURED], contract.binary("Delivered").headers):
        assert told(Incoming(None, headers)) == ("value", "tombstone")


def test_a_batch_is_told_apart_from_one_event() -> None:
    batch = json.dumps([contract.event("Delivered")]).encode()
    headers = [("content-type", b"application/cloudevents-batch+json")]

    assert told(Incoming(batch, headers)) == ("datacontenttype", "batch_mode")


def test_an_attribute_that_is_null_is_not_there() -> None:
    """CloudEvents JSON format, 2.2: a null attribute is an unset one."""
    assert heard(contract.structured("Delivered", dataschema=None)).message_id == "m-1"
    assert told(contract.structured("Delivered", time=None)) == ("time", "missing")


@pytest.mark.parametrize("dataschema", ["/v1", "https://shop.example/Delivered/v1", "urn:a:/v1"])
def test_data_of_version_one_are_read(dataschema: str) -> None:
    for mode in (contract.structured, contract.binary):
        assert heard(mode("Delivered", dataschema=dataschema)) == heard(mode("Delivered"))


@pytest.mark.parametrize("name", ["id", "source", "type", "specversion"])
def test_what_the_standard_requires_we_require(name: str) -> None:
    """The library makes up a missing id and specversion; ours is the producer's to give."""
    lacking = contract.binary("Delivered", **{name: None})
    message = kafka.KafkaMessage(dict(lacking.headers), None, lacking.value or b"")  # type: ignore[arg-type]

    assert told(lacking) == (name, "missing")
    if name in {"source", "type"}:
        with pytest.raises(CloudEventValidationError):
            kafka.from_kafka(message, JSONFormat())
