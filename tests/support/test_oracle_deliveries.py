"""Goods at the door and on their way back, row by row: rejected, delivered, back, lost."""

from __future__ import annotations

from tests.support.oracle_scene import Scene, line


def test_a_rejection_without_items_is_of_everything_in_the_parcel() -> None:
    """Of a part that is reported later under the same id, too."""
    scene = Scene()
    scene.ship("S", a=2)
    scene.reject("S")
    scene.ship("S", a=1)

    assert scene.line()["rejected"] == 3
    assert scene.status == "returning"
    assert scene.discrepancies == {"shipment_id_again"}


def test_a_rejection_of_more_than_the_parcel_holds_is_capped() -> None:
    scene = Scene()
    scene.ship("S", a=2)
    scene.reject("S", a=3)

    assert scene.line()["rejected"] == 2
    assert "more_than_the_parcel_holds" in scene.discrepancies


def test_wanted_units_leave_the_remaining_ones_when_they_are_rejected() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.reject("S", a=2)

    assert scene.goods() == (0, 0, 2, 3)
    scene.back("R", a=2)
    assert scene.goods() == (2, 0, 0, 3)
    assert scene.money() == [("due", "2.00")]


def test_a_rejection_wins_over_a_delivery_for_its_units() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.reject("S", a=2)
    scene.deliver("S")

    assert scene.line()["delivered"] == 3
    assert scene.line()["rejected"] == 2
    assert scene.goods() == (0, 0, 2, 3)


def test_the_cancellation_of_units_taken_at_the_door_lapses() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.ship("S", a=5)
    scene.deliver("S")

    assert scene.goods() == (0, 0, 0, 5)
    assert scene.status == "closed"


def test_wanted_units_are_taken_before_crossed_ones() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.ship("S", a=4)
    scene.ship("T", a=1)
    scene.deliver("S")

    assert scene.goods() == (0, 0, 1, 4)


def test_what_came_back_must_have_left() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.back("R", a=2)

    assert scene.goods() == (5, 0, 0, 0)
    assert scene.line()["shipped"] == 0
    assert scene.discrepancies == {"inferred_shipment", "inferred_rejection"}


def test_a_later_rejection_releases_the_rest_of_a_return() -> None:
    scene = Scene()
    scene.cancel("c", a=1)
    scene.ship("S", a=5)
    scene.back("R", a=3)

    assert scene.money() == [("due", "1.00")]
    scene.reject("S", a=3)
    assert scene.money() == [("due", "3.00")]


def test_good_units_fill_crossed_ones_before_damaged_ones() -> None:
    scene = Scene()
    scene.cancel("c", a=3)
    scene.ship("S", a=5)
    scene.back("R", "damaged", a=2)
    scene.back("Q", a=2)

    assert scene.goods() == (3, 0, 0, 2)
    assert scene.money() == [("due", "2.00")]


def test_more_back_than_crossed_moves_no_money() -> None:
    scene = Scene()
    scene.cancel("c", a=1)
    scene.ship("S", a=5)
    scene.back("R", a=2)

    assert scene.goods() == (1, 0, 0, 4)
    assert scene.money() == [("due", "1.00")]
    assert "back_more_than_crossed" in scene.discrepancies


def test_a_return_of_taken_units_is_an_ordinary_return() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.deliver("S")
    scene.back("R", a=1)

    assert scene.goods() == (0, 0, 0, 5)
    assert scene.money() == []
    assert "returned_after_delivery" in scene.discrepancies


def test_lost_crossed_units_count_as_cancelled_without_money() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.ship("S", a=5)
    scene.lose("S")

    assert scene.goods() == (2, 0, 0, 3)
    assert scene.money() == []


def test_lost_wanted_units_stay_remaining_and_cannot_be_cancelled() -> None:
    scene = Scene()
    scene.ship("S", a=3)
    scene.lose("S")

    assert scene.goods() == (0, 0, 0, 5)
    assert scene.line()["cancellable"] == 2
    assert scene.discrepancies == {"lost_wanted"}


def test_a_delivery_wins_over_a_loss() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.lose("S", a=2)
    scene.deliver("S")

    assert scene.line()["delivered"] == 5
    assert scene.discrepancies == set()


def test_a_return_wins_over_a_loss() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.ship("S", a=5)
    scene.lose("S")
    items = [{"line_id": "a", "quantity": 3}]
    scene.say("ReturnedToWarehouse", {"return_id": "R", "shipment_id": "S", "items": items})

    assert scene.goods() == (5, 0, 0, 0)
    assert scene.money() == [("due", "3.00")]
    assert "over_shipped" not in scene.discrepancies


def test_a_shipped_order_and_then_a_delivered_one() -> None:
    scene = Scene()
    assert scene.status == "not_yet_shipped"
    scene.ship("S", a=5)
    assert scene.status == "shipped"
    scene.deliver("S")
    assert scene.status == "closed"


def test_an_order_that_is_all_coming_soon_says_so() -> None:
    assert Scene(line("a", 1, coming_soon=True)).status == "coming_soon"


def test_an_order_cancelled_whole_is_cancelled_and_never_shipped() -> None:
    scene = Scene(paid="0")
    scene.ship("S", a=5)
    scene.cancel("c")
    assert scene.status == "refuse_delivery"
    scene.reject("S")
    assert scene.status == "returning"
    scene.back("R", a=5)
    assert scene.status == "cancelled"
