"""The goods of an order, row by row of the rules: shipped, confirmed, refused, back, lost."""

from __future__ import annotations

from tests.support.oracle_scene import Scene, line


def test_parcels_add_up() -> None:
    scene = Scene()
    scene.ship("S", a=2)
    scene.ship("T", a=1)

    assert scene.line()["shipped"] == 3
    assert scene.line()["to_ship"] == 2
    assert scene.status == "partly_shipped"


def test_a_release_makes_a_cancellation_wait_for_the_warehouse() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)

    assert scene.goods() == (0, 2, 0, 3)
    assert scene.status == "cancellation_requested"


def test_units_not_released_are_cancelled_first() -> None:
    scene = Scene()
    scene.release(a=4)
    scene.cancel("c", a=3)

    assert scene.goods() == (1, 2, 0, 2)


def test_releases_add_up_and_are_capped() -> None:
    scene = Scene()
    scene.release(a=3)
    scene.release(a=3)
    scene.cancel("c", a=1)

    assert scene.goods() == (0, 1, 0, 4)


def test_a_coming_soon_line_is_released_only_by_name() -> None:
    scene = Scene(line("a", 5), line("b", 3, coming_soon=True))
    scene.release()
    scene.cancel("c", a=1, b=1)

    assert scene.goods("a") == (0, 1, 0, 4)
    assert scene.goods("b") == (1, 0, 0, 2)
    scene.release(b=3)
    assert scene.goods("b") == (0, 1, 0, 2)


def test_a_release_heard_after_success_asks_again() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.release()

    assert scene.goods() == (0, 2, 0, 3)


def test_a_confirmation_without_items_is_of_the_whole_cancellation() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.confirm("c")

    assert scene.goods() == (2, 0, 0, 3)


def test_confirmations_add_up_and_more_than_the_cancellation_is_a_discrepancy() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.cancel("d", a=2)
    scene.confirm("c", a=1)
    scene.confirm("c", a=2)

    assert scene.goods() == (2, 2, 0, 1)
    assert "confirmed_too_much" in scene.discrepancies


def test_a_confirmation_may_come_before_its_cancellation() -> None:
    scene = Scene()
    scene.release()
    scene.confirm("c")
    scene.cancel("c", a=2)

    assert scene.goods() == (2, 0, 0, 3)


def test_a_confirmation_after_a_withdrawal_stops_nothing() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.withdraw("c")
    scene.confirm("c")

    assert scene.goods() == (0, 0, 0, 5)
    assert scene.line()["to_ship"] == 5
    assert "confirmed_after_withdrawal" in scene.discrepancies


def test_a_confirmation_of_a_refused_request_is_a_discrepancy() -> None:
    scene = Scene()
    scene.cancel("c", a=6)
    scene.confirm("c")

    assert scene.discrepancies == {"confirmed_though_refused"}


def test_units_that_the_warehouse_will_not_stop_stay_requested_until_they_ship() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.too_late("c")

    assert scene.goods() == (0, 2, 0, 3)
    scene.ship("S", a=5)
    assert scene.goods() == (0, 0, 2, 3)


def test_unconfirmed_units_cross_first() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.confirm("c")
    scene.cancel("d", a=2)
    scene.ship("S", a=3)

    assert scene.goods() == (2, 0, 2, 1)
    assert "confirmed_then_shipped" not in scene.discrepancies


def test_confirmed_units_that_ship_cross_with_a_discrepancy() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.confirm("c")
    scene.ship("S", a=4)

    assert scene.goods() == (1, 0, 1, 3)
    assert "confirmed_then_shipped" in scene.discrepancies


def test_the_newest_cancellation_crosses_first() -> None:
    """The first one, still whole, has both succeeded units and their refund."""
    scene = Scene()
    scene.cancel("c", a=2)
    scene.cancel("d", a=2)
    scene.ship("S", a=3)

    assert scene.goods() == (2, 0, 2, 1)
    assert scene.ask("cancellation", "c")
    assert not scene.ask("cancellation", "d")


def test_more_shipped_than_ordered_is_a_discrepancy() -> None:
    scene = Scene()
    scene.ship("S", a=7)

    assert scene.line()["shipped"] == 7
    assert scene.goods() == (0, 0, 0, 5)
    assert scene.discrepancies == {"over_shipped"}


def test_the_good_part_of_a_shipment_with_an_unknown_line_counts() -> None:
    scene = Scene()
    scene.ship("S", a=2, z=1)

    assert scene.line()["shipped"] == 2
    assert scene.discrepancies == {"unknown_line"}


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
