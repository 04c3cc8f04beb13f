"""A warehouse takes back or puts right what it said."""

from __future__ import annotations

from tests.support.oracle_scene import Scene, items_of, line


def shipment(shipment_id: str, **units: int) -> dict[str, object]:
    return {"shipment_id": shipment_id, "items": items_of(units)}


def test_a_correction_replaces_what_was_said() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, shipment("S", a=2))

    assert scene.line()["shipped"] == 2
    assert scene.version == 3


def test_a_correction_without_data_takes_the_message_back() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, None)

    assert scene.line()["shipped"] == 0


def test_a_correction_waits_for_what_it_corrects() -> None:
    scene = Scene()
    scene.correct({"source": "/wh", "id": "late"}, shipment("S", a=2))

    assert scene.line()["shipped"] == 0
    assert scene.discrepancies == set()
    scene.say("ShippedFromWarehouse", shipment("S", a=5), message_id="late")
    assert scene.line()["shipped"] == 2


def test_a_correction_is_corrected_by_correcting_it() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, shipment("S", a=2))
    scene.correct(scene.last, shipment("S", a=3))

    assert scene.line()["shipped"] == 3
    assert scene.discrepancies == set()


def test_a_correction_that_should_not_have_been_sent_leaves_the_first_fact() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, shipment("S", a=2))
    scene.correct(scene.last, None)

    assert scene.line()["shipped"] == 5


def test_of_two_corrections_the_one_with_the_greatest_time_counts() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    shipped = scene.last
    scene.correct(shipped, shipment("S", a=2))
    newer = scene.last
    scene.correct(shipped, shipment("S", a=3))
    assert scene.line()["shipped"] == 3
    scene.correct(scene.last, None)

    assert scene.line()["shipped"] == 2
    assert scene.discrepancies == set()
    scene.say("FactCorrected", newer["data"] | {"data": {"order_id": "o", **shipment("S", a=1)}})
    assert scene.line()["shipped"] == 1
    assert scene.discrepancies == {"corrected_twice"}


def test_a_correction_of_another_source_has_no_effect() -> None:
    scene = Scene()
    scene.ship("S", a=5)

    assert scene.correct(scene.last, None, by="/other") == "recorded"
    assert scene.line()["shipped"] == 5
    assert scene.discrepancies == {"correction_without_effect"}


def test_a_correction_of_a_request_has_no_effect() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.correct(scene.last, None, by="/shop")

    assert scene.goods() == (2, 0, 0, 3)
    assert scene.discrepancies == {"correction_without_effect"}


def test_data_of_another_type_have_no_effect() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, {"shipment_id": "S"})

    assert scene.line()["shipped"] == 5
    assert scene.discrepancies == {"correction_without_effect"}


def test_data_of_another_order_have_no_effect() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.correct(scene.last, shipment("S", a=1) | {"order_id": "p"})

    assert scene.line()["shipped"] == 5


def test_a_dead_letter_is_resolved_by_a_correction() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    shipped = scene.last
    scene.again(data=shipment("S", a=4))
    assert scene.discrepancies == {"conflicting_message"}
    scene.correct(shipped, shipment("S", a=4))

    assert scene.line()["shipped"] == 4
    assert scene.discrepancies == set()


def test_a_corrected_return_keeps_the_refund_id_of_its_message() -> None:
    scene = Scene()
    scene.cancel("c", a=3)
    scene.ship("S", a=5)
    scene.back("R", a=1)
    returned = scene.last
    scene.correct(returned, {"return_id": "R", "items": items_of({"a": 3})})

    assert scene.money() == [("due", "3.00")]
    assert scene.ask("return", f"/wh\n{returned['id']}")


def test_money_asked_for_is_never_taken_back_by_a_correction() -> None:
    scene = Scene()
    scene.cancel("c", a=3)
    scene.ship("S", a=5)
    scene.back("R", a=3)
    returned = scene.last
    scene.ask("return", f"/wh\n{returned['id']}")
    scene.correct(returned, {"return_id": "R", "items": items_of({"a": 1})})

    assert scene.goods() == (1, 0, 2, 2)
    assert scene.money() == [("requested", "3.00")]
    assert "at_large" in scene.discrepancies


def test_the_gate_closes_again_after_a_correction() -> None:
    scene = Scene(line("a", 5))
    scene.cancel("c", a=2)
    scene.ship("S", a=3)
    assert scene.money() == [("due", "2.00")]
    scene.correct(scene.last, shipment("S", a=2))

    assert scene.money() == [("held", "2.00")]
