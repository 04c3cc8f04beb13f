"""AsyncAPI: valid by the official schema, and true of every message that is heard or said."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from consumers import messages as heard
from consumers import said
from consumers.carriers import translate as translate_carrier
from consumers.cloudevents import Incoming, hear
from consumers.epcis import translate as translate_epcis
from consumers.outgoing import Outgoing
from consumers.outside.memory import Remembered
from consumers.outside.rules import load
from consumers.publish_letters import message as letter_of
from consumers.said.dead_letters import DeadLetter
from consumers.topics import CHANNELS, OUTSIDE, SAID, Topics
from runtime import simulate
from tests.consumers.test_publish_letters import ODD, WHERE, letter
from tests.support import said_examples
from tests.support.command import ROOT
from web.asyncapi.document import document
from web.asyncapi.kafka import Installed

Json = dict[str, Any]
INSTALLED = Installed("shop.", "shop-ingest", 8, 3, "SASL_SSL", "SCRAM-SHA-512")
DOCUMENT = document(INSTALLED)
MESSAGES: Json = DOCUMENT["components"]["messages"]
NOW = 1_795_000_000_000_000
EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{example['name']}")
    for name, message in MESSAGES.items()
    for example in message["examples"]
]


@pytest.fixture(scope="module")
def official() -> jsonschema_rs.Draft7Validator:
    """AsyncAPI's own schema, as its makers publish it."""
    told = subprocess.run(
        [ROOT / "deploy" / "asyncapi" / "schema", "3.1.0"], capture_output=True, check=False
    )
    assert told.returncode == 0, told.stderr.decode()
    with open(told.stdout.decode().strip()) as file:  # noqa: PTH123
        schema = json.load(file)
    assert schema["$id"] == "http://asyncapi.com/definitions/3.1.0/asyncapi.json"
    return jsonschema_rs.Draft7Validator(schema)


@cache
def validator(ref: str) -> jsonschema_rs.Draft7Validator:
    """A part of the document, by its reference."""
    return jsonschema_rs.Draft7Validator({"$ref": ref, "components": DOCUMENT["components"]})


def payload_of(name: str) -> jsonschema_rs.Draft7Validator:
    return validator(f"#/components/messages/{name}/payload")


def headers_of(name: str) -> jsonschema_rs.Draft7Validator:
    return validator(f"#/components/messages/{name}/headers")


@pytest.mark.parametrize("mechanism", [None, "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_it_is_valid_by_the_official_schema(
    official: jsonschema_rs.Draft7Validator, mechanism: str | None
) -> None:
    made = document(INSTALLED._replace(mechanism=mechanism))

    assert [error.message for error in official.iter_errors(made)] == []


def _shout(one: Json) -> None:
    one["operations"]["sayEvents"]["action"] = "shout"


def _older(one: Json) -> None:
    one["asyncapi"] = "3.0.0"


def _no_location(one: Json) -> None:
    del one["components"]["correlationIds"]["refund"]["location"]


def _partitions(one: Json) -> None:
    one["channels"]["orders"]["bindings"]["kafka"]["partitions"] = 0


def _strange_schema(one: Json) -> None:
    one["components"]["schemas"]["orders.Delivered"]["properties"]["shipment_id"]["type"] = "words"


def _example_without_anything(one: Json) -> None:
    one["components"]["messages"]["orders.Delivered"]["examples"] = ["Delivered"]


@pytest.mark.parametrize(
    "tamper",
    [_shout, _older, _no_location, _partitions, _strange_schema, _example_without_anything],
)
def test_a_document_that_was_tampered_with_is_not(
    official: jsonschema_rs.Draft7Validator, tamper: Callable[[Json], None]
) -> None:
    made = copy.deepcopy(DOCUMENT)
    tamper(made)

    assert not official.is_valid(made)


def test_every_topic_is_a_channel_with_its_name_here() -> None:
    addresses = {name: one["address"] for name, one in DOCUMENT["channels"].items()}
    bindings = {one["bindings"]["kafka"]["topic"] for one in DOCUMENT["channels"].values()}

    assert addresses == {name: f"shop.{name}" for name in CHANNELS + OUTSIDE + SAID}
    assert bindings == set(Topics("shop.").all())


def test_what_is_heard_is_received_and_what_is_said_is_sent() -> None:
    done = {
        (one["channel"]["$ref"].rpartition("/")[2], one["action"])
        for one in DOCUMENT["operations"].values()
    }
    groups = {
        one["channel"]["$ref"].rpartition("/")[2]: one["bindings"]["kafka"]["groupId"]["const"]
        for one in DOCUMENT["operations"].values()
        if one["action"] == "receive"
    }

    assert done == {
        *((channel, "receive") for channel in CHANNELS + OUTSIDE),
        *((channel, "send") for channel in SAID),
        ("warehouse", "send"),  # what is translated
    }
    assert groups == {
        **dict.fromkeys(CHANNELS, "shop-ingest"),
        **dict.fromkeys(OUTSIDE, "shop-ingest-translate"),
    }


def test_every_message_of_the_contract_is_on_its_channel() -> None:
    names = {name: set(one["messages"]) for name, one in DOCUMENT["channels"].items()}
    modes = ("", "Binary")

    assert names == {
        **{
            channel: {kind.__name__ + mode for kind in kinds for mode in modes}
            for channel, kinds in heard.CHANNELS.items()
        },
        **{channel: {one.__name__ for one in kinds} for channel, kinds in said.CHANNELS.items()},
        "dead-letters": {"DeadLetter"},
        "epcis": {"EpcisDocument"},
        "carrier": {"CarrierStatus"},
    }


def test_every_reference_leads_somewhere() -> None:
    def refs(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for one in part.values():
                yield from refs(one)
        elif isinstance(part, list):
            for one in part:
                yield from refs(one)

    seen = set(refs(DOCUMENT))
    for ref in seen:
        found: Any = DOCUMENT
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]
    unused = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]} - seen

    assert len(seen) > 200
    assert unused == set()


def test_every_field_is_told_in_words() -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, kind in schema.get("properties", {}).items()
        if "$ref" not in kind and not kind.get("description")
    ]

    assert silent == []


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_fits_its_schemas(name: str, example: Json) -> None:
    payload = [error.message for error in payload_of(name).iter_errors(example["payload"])]
    headers = [error.message for error in headers_of(name).iter_errors(example["headers"])]

    assert (payload, headers) == ([], [])


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_is_taken_by_the_code_that_hears_or_says_it(name: str, example: Json) -> None:
    channel, _, kind = name.partition(".")
    value = json.dumps(example["payload"]).encode()
    headers = [(key, text.encode()) for key, text in example["headers"].items()]
    if channel in CHANNELS:
        key = b"key of the notes' names"
        found = hear(Incoming(value, headers, channel=channel), NOW, key)
        assert (found.type, found.order_id) == (kind.removesuffix("Binary"), "A-1")
    elif channel in said.CHANNELS:
        model = said.MESSAGES[channel, kind]
        assert model.model_validate_json(value).model_dump(exclude_unset=True) == example["payload"]
    elif channel == "dead-letters":
        assert DeadLetter.model_validate(example["headers"]).rule == "missing"
    else:
        rules = load(None)
        told = (
            translate_carrier(value, rules.carrier)
            if channel == "carrier"
            else translate_epcis(value, rules.epcis, Remembered())
        )
        assert (told.bad, [one.order_id for one in told.messages]) == ([], ["A-1"])


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_what_a_message_belongs_to_is_where_the_document_says(name: str, example: Json) -> None:
    if "correlationId" not in MESSAGES[name]:
        assert name.partition(".")[0] in (*OUTSIDE, "buyer-notices", "dead-letters")
        return
    which = MESSAGES[name]["correlationId"]["$ref"].rpartition("/")[2]
    location = DOCUMENT["components"]["correlationIds"][which]["location"]
    place, _, path = location.removeprefix("$message.").partition("#/")
    found: Any = example["payload"] if place == "payload" else example["headers"]
    for step in path.split("/"):
        found = found[step]

    assert isinstance(found, str)


@pytest.mark.parametrize(("stored", "message"), said_examples.SAID)
def test_what_is_really_said_fits(stored: str, message: Outgoing) -> None:
    told = json.loads(message.value or b"")
    name = f"{message.channel}.{told['type']}"
    headers = {key: (text or b"").decode() for key, text in message.headers}

    assert [error.message for error in payload_of(name).iter_errors(told)] == [], stored
    assert headers_of(name).is_valid(headers), stored


def test_what_a_small_world_says_fits() -> None:
    seen = set()
    for message in simulate.messages(simulate.World(seed=7, orders=150)):
        told = json.loads(message.value)
        if told.get("type") in heard.DATA:
            name = f"{heard.CHANNEL_OF[told['type']]}.{told['type']}"
            seen.add(name)
            assert [error.message for error in payload_of(name).iter_errors(told)] == []

    assert len(seen) >= 9


@pytest.mark.parametrize(
    "one",
    [
        letter(),
        letter(**WHERE, key=b"\xff", headers=list(ODD), order_id="A-1", source="/x", type="Y"),
        letter(value=None, rule="tombstone", field=None, detail=None),
        letter(value=b"x" * 1_600_000, key=b"k" * 20_000, message_id="m"),
    ],
)
def test_real_dead_letters_fit(one: Any) -> None:  # noqa: ANN401
    sent = letter_of(one, b"digest")
    headers = {name: (text or b"").decode("latin-1") for name, text in sent.headers}

    ours = {name: text for name, text in headers.items() if not name.startswith("original")}
    found = DeadLetter.model_validate(ours).model_dump(by_alias=True, exclude_unset=True)
    assert found == ours
    assert [
        error.message for error in headers_of("dead-letters.DeadLetter").iter_errors(headers)
    ] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity", 0), ("quantity", 10**9 + 1), ("unit_price", "-1"), ("line_id", "a b")],
)
def test_what_would_be_a_dead_letter_does_not_fit(field: str, value: object) -> None:
    name = "storefront.OrderPlaced"
    one = copy.deepcopy(MESSAGES[name]["examples"][0]["payload"])
    one["data"]["lines"][0][field] = value

    assert not payload_of(name).is_valid(one)
