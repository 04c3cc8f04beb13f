"""Cancelling over HTTP: each call's outcome, refusal and repeat."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api, refusal, wrong_fields

REFUSED = "/problems/cancellation-refused"


def everything(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the body
    return {"requested_by": "buyer", "reason": "changed_mind", **more}


def units(quantity: object, line_id: str = "L1") -> dict[str, Any]:
    return {"items": [{"line_id": line_id, "quantity": quantity}]}


def released(order_id: str) -> Said:
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1")


LATER = {"amount": "20.00", "when": "after_remaining_shipped", "reason": "goods_still_to_ship"}
WHEN_BACK = {"amount": "10.00", "when": "after_return", "reason": "goods_returned"}


def half_shipped(api: Api, order_id: str) -> str:
    """An order of which a unit has left; the address of its cancellations."""
    api.given(placed(order_id, 3, 1, shipping_fee="2.00"), shipped(order_id, 1))
    return f"/orders/{order_id}/cancellations"


def test_a_preview_says_what_a_cancellation_would_mean(api: Api, order_id: str) -> None:
    preview = api.post(f"{half_shipped(api, order_id)}/preview", units(3), key=None)

    assert preview.status_code == 200
    assert preview.json() == {
        "order_id": order_id,
        "version": 2,
        "outcome": "mixed",
        "items": [{"line_id": "L1", "quantity": 3, "stop": 2, "refuse": 1}],
        "refuse_parcels": ["S1"],
        "needs_confirmation": False,
        "refund": {
            "amount": "30.00",
            "currency": "EUR",
            "when": "after_return",
            "held_until": preview.json()["refund"]["held_until"],
            "parts": [LATER, WHEN_BACK],
            "reason": None,
        },
    }


def test_a_cancellation_says_what_it_means_as_its_preview_did(api: Api, order_id: str) -> None:
    address = half_shipped(api, order_id)

    preview = api.post(f"{address}/preview", units(3), key=None)
    answer = api.post(address, everything(cancellation_id="C1", **units(3)))

    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("cancellation_id") == "C1"
    assert told.pop("position") == str(api.store.head())
    expected = {**preview.json(), "version": 3}
    for body in (told, expected):
        body["refund"] = {**body["refund"], "held_until": "later"}
    assert told == expected


def cancelled(api: Api, order_id: str, **more: Any) -> Any:  # noqa: ANN401  # JSON
    """A cancellation that is accepted: its answer."""
    answer = api.post(f"/orders/{order_id}/cancellations", everything(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_without_an_id_one_is_made_and_everything_is_cancelled(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2))

    told = cancelled(api, order_id)

    assert told["cancellation_id"].startswith("c-")
    assert (told["outcome"], told["items"]) == (
        "cancelled",
        [{"line_id": "L1", "quantity": 2, "stop": 2, "refuse": 0}],
    )


def test_a_command_is_seen_at_its_position(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2))
    told = cancelled(api, order_id)

    api.until_seen()
    order = api.get(f"/orders/{order_id}", at_least=told["position"]).json()

    assert (order["version"], order["status"]) == (told["version"], "refund_due")
    assert order["refunds"][0]["amount"] == told["refund"]["amount"] == "20.00"


def test_what_cannot_be_cancelled_is_refused_with_what_can(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2, 1), shipped(order_id, 1, "L2"), delivered(order_id))
    address = f"/orders/{order_id}/cancellations"

    too_many = api.post(address, everything(**units(3)))
    gone = api.post(address, everything(**units(1, "L2")))
    unknown = api.post(address, everything(**units(1, "L9")))
    preview = api.post(f"{address}/preview", units(3), key=None)

    assert refusal(too_many) == (409, REFUSED, "more_than_cancellable")
    assert refusal(gone) == (409, REFUSED, "already_delivered")
    assert refusal(unknown) == (409, REFUSED, "unknown_line")
    assert too_many.json()["cancellable"] == [{"line_id": "L1", "quantity": 2}]
    assert [one.json()["version"] for one in (too_many, gone, unknown)] == [4, 5, 6]
    assert refusal(preview) == (409, REFUSED, "more_than_cancellable")
    assert preview.json()["version"] == 6


def test_a_refusal_is_recorded_and_repeated_under_its_id(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1))
    address = f"/orders/{order_id}/cancellations"
    body = everything(cancellation_id="C1", **units(2))

    first, again = api.post(address, body), api.post(address, body)
    history = api.get(f"/orders/{order_id}/history").json()

    assert again.json() == first.json()
    assert [one["type"] for one in history["events"]] == ["OrderPlaced", "CancellationRefused"]


def test_an_id_that_was_used_gets_the_first_answer_or_is_refused(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 3), cancel(order_id, "C1", **units(1)))
    cancelled(api, order_id, cancellation_id="C2", **units(1))
    address = f"/orders/{order_id}/cancellations"

    same = api.post(address, everything(cancellation_id="C1", **units(1)))
    other = api.post(address, everything(cancellation_id="C1", **units(2)))

    assert (same.status_code, same.json()["version"]) == (201, 2)
    assert refusal(other) == (409, REFUSED, "cancellation_id_in_use")


def test_a_note_is_kept_apart_from_the_event(api: Api, order_id: str) -> None:
    api.given(placed(order_id))
    cancelled(api, order_id, note="call me at noon", reason="other")

    with api.store.connection() as conn:
        notes = conn.execute(
            "SELECT note FROM countermand.notes WHERE order_id = %s", (order_id,)
        ).fetchall()

    assert notes == [("call me at noon",)]
    assert "noon" not in api.get(f"/orders/{order_id}/history").text


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("requested_by", "missing"), ("reason", "missing")]),
        (everything(requested_by="carrier"), [("requested_by", "unknown_value")]),
        (everything(reason="out_of_stock"), [("reason", "reason_of_other_party")]),
        (everything(reason="bored"), [("reason", "unknown_value")]),
        (everything(item=[]), [("item", "unknown_field")]),
        (everything(items=[]), [("items", "empty")]),
        (everything(**units(0)), [("items[0].quantity", "too_small")]),
        (everything(**units("2")), [("items[0].quantity", "not_an_integer")]),
        (everything(**units(1.5)), [("items[0].quantity", "not_an_integer")]),
        (everything(**units(True)), [("items[0].quantity", "not_an_integer")]),
        (everything(items=[{"line_id": "a b", "quantity": 1}]), [("items[0].line_id", "id")]),
        (everything(cancellation_id="x" * 65), [("cancellation_id", "id")]),
        (everything(note="\u0000"), [("note", "not_printable")]),
        ([], [("body", "not_an_object")]),
    ],
)  # fmt: skip
def test_a_malformed_request_names_field_and_rule(
    api: Api, order_id: str, body: object, wrong: list[tuple[str, str]]
) -> None:
    api.given(placed(order_id))

    answer = api.post(f"/orders/{order_id}/cancellations", body)

    assert wrong_fields(answer) == wrong
    assert api.get(f"/orders/{order_id}/history").json()["events"][-1]["type"] == "OrderPlaced"


def test_a_whole_number_is_an_integer_however_it_is_written(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 3))

    answer = api.post(f"/orders/{order_id}/cancellations/preview", units(2.0))

    assert answer.json()["items"][0]["quantity"] == 2


@pytest.mark.parametrize("call", ["preview", "", "C1/withdrawal", "C1/confirmation"])
def test_an_order_that_is_not_known_is_not_found(api: Api, call: str) -> None:
    answer = api.post(f"/orders/nowhere/cancellations/{call}".rstrip("/"), body_of(call))

    assert refusal(answer) == (404, "/problems/not-found", "")


def body_of(call: str) -> dict[str, Any] | None:
    return None if call else everything()


def test_requested_units_are_withdrawn_and_stay_to_ship(api: Api, order_id: str) -> None:
    api.given(placed(order_id), released(order_id), cancel(order_id))
    address = f"/orders/{order_id}/cancellations/C1/withdrawal"

    first, again = api.post(address), api.post(address, {})

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert first.json() == {
        "order_id": order_id,
        "cancellation_id": "C1",
        "outcome": "withdrawn",
        "version": 4,
        "position": str(api.store.head()),
    }


def test_a_withdrawal_is_refused_once_a_unit_has_succeeded(api: Api, order_id: str) -> None:
    api.given(placed(order_id), cancel(order_id))
    address = f"/orders/{order_id}/cancellations"

    late = api.post(f"{address}/C1/withdrawal")
    unknown = api.post(f"{address}/C9/withdrawal")

    kind = "/problems/withdrawal-refused"
    assert refusal(late) == (409, kind, "cancellation_has_succeeded")
    assert refusal(unknown) == (409, kind, "unknown_cancellation")
    assert (late.json()["version"], unknown.json()["version"]) == (3, 4)


def test_a_seller_confirms_in_the_warehouses_stead(api: Api, order_id: str) -> None:
    api.given(placed(order_id), released(order_id), cancel(order_id))
    address = f"/orders/{order_id}/cancellations/C1/confirmation"

    part = api.post(address, units(1) | {"confirmed_by": "seller"})
    rest = api.post(address)
    history = api.get(f"/orders/{order_id}/history").json()["events"]

    assert (part.json()["items"], part.json()["requested"]) == (
        [{"line_id": "L1", "quantity": 1}],
        2,
    )
    assert (rest.json()["items"], rest.json()["requested"]) == (
        [{"line_id": "L1", "quantity": 2}],
        0,
    )
    assert [(one["type"], one["data"].get("confirmed_by")) for one in history[3:]] == [
        ("CancellationConfirmed", "seller"),
        ("CancellationConfirmed", "seller"),
    ]


def test_confirming_again_is_silence(api: Api, order_id: str) -> None:
    api.given(placed(order_id), cancel(order_id))

    answer = api.post(f"/orders/{order_id}/cancellations/C1/confirmation")

    assert (answer.status_code, answer.json()["items"], answer.json()["version"]) == (200, [], 2)


def test_what_is_not_requested_cannot_be_confirmed(api: Api, order_id: str) -> None:
    api.given(
        placed(order_id, 2),
        released(order_id),
        cancel(order_id, "C1", **units(1)),
        say("CancellationWithdrawn", order_id, cancellation_id="C1"),
        cancel(order_id, "C2", **units(9)),
        cancel(order_id, "C3", **units(1)),
        shipped(order_id, 2),
        cancel(order_id, "C4", **units(1)),
    )
    kind = "/problems/confirmation-refused"

    def confirm(cancellation_id: str, **body: Any) -> tuple[int, str, str]:  # noqa: ANN401
        address = f"/orders/{order_id}/cancellations/{cancellation_id}/confirmation"
        return refusal(api.post(address, body))

    assert confirm("C1") == (409, kind, "cancellation_withdrawn")
    assert confirm("C2") == (409, kind, "cancellation_refused")
    assert confirm("C3") == (409, kind, "cancellation_has_crossed")
    assert confirm("C9") == (404, "/problems/not-found", "")


def test_more_than_is_requested_cannot_be_confirmed(api: Api, order_id: str) -> None:
    api.given(placed(order_id), released(order_id), cancel(order_id, "C1", **units(1)))

    answer = api.post(f"/orders/{order_id}/cancellations/C1/confirmation", units(2))

    assert refusal(answer) == (409, "/problems/confirmation-refused", "more_than_requested")
