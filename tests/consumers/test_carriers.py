"""Carriers' statuses in the words of the contract; a failed attempt is no rejection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumers.carriers import translate
from consumers.outside.rules import CarrierRules, load
from tests.support.capturing import RULES, Came, came, tracking

EIGHT = "2026-03-05T07:00:00Z"


def heard(*told: Any, rules: CarrierRules = RULES.carrier) -> Came:  # noqa: ANN401
    value = told[0] if len(told) == 1 else list(told)
    return came(translate(json.dumps(value).encode(), rules))


def rejected(kind: str) -> tuple[str, dict[str, str]]:
    return "DeliveryRejected", {"shipment_id": "S1", "kind": kind}


@pytest.mark.parametrize(
    ("subtag", "kind", "data"),
    [
        ("Delivered_001", "Delivered", {"shipment_id": "S1"}),
        ("Delivered_005", "Delivered", {"shipment_id": "S1"}),
        ("Exception_003", *rejected("refused")),
        ("Exception_008", *rejected("unclaimed")),
        ("Exception_009", *rejected("undeliverable")),
        ("Exception_010", *rejected("undeliverable")),
        ("Exception_011", *rejected("undeliverable")),
        ("Exception_013", "LostInTransit", {"shipment_id": "S1"}),
        ("Exception_021", "LostInTransit", {"shipment_id": "S1"}),
    ],
)
def test_what_became_of_a_parcel(subtag: str, kind: str, data: dict[str, Any]) -> None:
    outcome = data.get("kind") or {"Delivered": "delivered", "LostInTransit": "lost"}[kind]

    assert heard(tracking(subtag)) == Came(
        [(kind, f"dhl/O1/S1/{outcome}/{EIGHT}", EIGHT, data)], [], 0
    )


@pytest.mark.parametrize(
    "subtag",
    [
        *(f"AttemptFail_00{n}" for n in (1, 2, 3)),
        *(f"Exception_{n:03d}" for n in (1, 2, 4, 5, 6, 7, 12, 16, 17, 18, 19, 20)),
        "AvailableForPickup_001",
        "Expired_001",
        "InfoReceived_001",
        "InTransit_001",
        "InTransit_013",
        "OutForDelivery_001",
        "Pending_004",
    ],
)
def test_what_is_not_decided_yet_says_nothing(subtag: str) -> None:
    """Not even where fields are missing: nobody needs them."""
    assert heard(tracking(subtag, order_id=None, checkpoints=None)) == Came([], [], 1)


def test_a_failed_attempt_and_a_refusal_are_told_apart() -> None:
    found = heard(tracking("AttemptFail_002"), tracking("Exception_003"))

    assert ([one[0] for one in found.said], found.ignored) == (["DeliveryRejected"], 1)


def test_delivered_back_to_its_sender_is_not_delivered() -> None:
    found = heard(tracking("Delivered_001", return_to_sender=True))

    assert [(one[0], one[3]) for one in found.said] == [rejected("undeliverable")]


def test_the_same_status_is_one_message_however_it_is_delivered() -> None:
    """A webhook sent twice, another about the same scan, the list of all trackings."""
    webhook = tracking("Exception_003")
    other = webhook | {"event_id": "another", "ts": 1}
    listed = {"data": {"trackings": [webhook["msg"]]}}

    values = {
        message.value
        for told in (webhook, other, listed)
        for message in translate(json.dumps(told).encode(), RULES.carrier).messages
    }

    assert len(values) == 1


def test_plain_words_of_another_carrier() -> None:
    told = {
        "carrier": "pigeon",
        "tracking_number": "S9",
        "status": "Returned_To_Sender",
        "order_number": 4711,
        "time": "2026-03-05T07:00:00Z",
    }

    assert heard([told]) == Came(
        [
            (
                "DeliveryRejected",
                f"pigeon/4711/S9/undeliverable/{EIGHT}",
                EIGHT,
                {"shipment_id": "S9", "kind": "undeliverable"},
            )
        ],
        [],
        0,
    )


def test_other_words_and_places_are_a_matter_of_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        """
        [carrier]
        source = "/pigeon-post"
        order_id = [{ path = "ref", pattern = "shop/(?P<id>[^/]+)/.*" }]
        shipment_id = [{ path = "ref", pattern = "shop/[^/]+/(?P<id>.+)" }]
        status = [{ path = "event.code" }]
        time = [{ path = "event.at" }]
        statuses = { "P7" = "refused", "P8" = "nothing", "Exception_003" = "nothing" }
        """
    )
    rules = load(path).carrier
    told = {"ref": "shop/O1/S1", "event": {"code": "p7", "at": 1772694000}}
    (message,) = translate(json.dumps(told).encode(), rules).messages

    assert message.source == "/pigeon-post"
    assert heard(told, rules=rules).said == [
        ("DeliveryRejected", f"O1/S1/refused/{EIGHT}", EIGHT, rejected("refused")[1])
    ]
    for code in ("P8", "exception_003", "AttemptFail"):
        told["event"] = {"code": code}
        assert heard(told, rules=rules) == Came([], [], 1)


WEBHOOK = tracking("Exception_003")


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        (tracking("Exception_014"), "msg.subtag", "unknown_status"),
        (tracking("Exception"), "msg.subtag", "unknown_status"),
        (tracking("Exception_003", subtag=None, tag="Exception"), "msg.tag", "unknown_status"),
        (tracking("Exception_003", subtag=None, tag=None), "msg.subtag", "missing"),
        (tracking("Exception_003", subtag=["x"]), "msg.subtag", "not_a_string"),
        (tracking("x" * 600), "msg.subtag", "too_long"),
        (tracking("Exception_003", order_id=None), "msg.order_id", "no_order_id"),
        (tracking("Exception_003", order_id="O 1"), "msg.order_id", "id"),
        (tracking("Exception_003", order_id=True), "msg.order_id", "not_a_string"),
        (
            tracking("Exception_003", custom_fields=None, tracking_number=""),
            "msg.custom_fields.shipment_id",
            "no_shipment_id",
        ),
        (
            tracking("Exception_003", checkpoints=[]) | {"ts": None},
            "msg.checkpoints[-1].checkpoint_time",
            "missing",
        ),
        (
            tracking("Exception_003", checkpoints=[{"checkpoint_time": "2026-03-05T08:00:00"}])
            | {"ts": "soon"},
            "msg.checkpoints[-1].checkpoint_time",
            "not_a_time",
        ),
        ({}, "msg.subtag", "missing"),
        (7, "value", "not_an_object"),
        ([WEBHOOK, None], "[1]", "not_an_object"),
        ({"trackings": [WEBHOOK["msg"], {}]}, "trackings[1].msg.subtag", "missing"),
    ],
)
def test_a_bad_status_is_told_by_field_and_rule(told: object, field: str, rule: str) -> None:
    assert heard(told).dead == [(field, rule)]


def test_a_time_without_an_offset_is_passed_over() -> None:
    told = tracking("Delivered_001", checkpoints=[{"checkpoint_time": "2026-03-05T08:00:00"}])

    assert [one[2] for one in heard(told).said] == ["2026-03-05T08:00:00Z"]


def test_a_letter_says_which_order_it_is_about() -> None:
    (bad,) = translate(json.dumps(tracking("Exception_014")).encode(), RULES.carrier).bad

    assert bad.left == ("O1", "/carrier", None, None)
    assert "Exception_014" in bad.detail
    assert json.loads(bad.value or b"") == tracking("Exception_014")
