"""Goods on their way out, row by row of the rules: released, confirmed, shipped, crossed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product

from tests.support.oracle_ledger import Counts, ledger_of
from tests.support.oracle_scene import Scene, line


def test_both_laws_hold_for_all_small_counts() -> None:
    """Two units of a line, up to three of everything that is reported about them."""
    for ordered, cancelled, *reported in product((1, 2), (0, 1, 2), *[range(4)] * 5):
        shipped, rejected, good, lost, released = reported
        if cancelled > ordered or rejected > shipped:
            continue
        told = ledger_of(
            Counts(
                ordered,
                cancelled,
                released=released,
                shipped=shipped,
                accepted=shipped - rejected,
                rejected=rejected,
                returned_good=good,
                lost=lost,
            )
        )
        figures = (told.stopped, told.crossed, told.kept, told.to_ship)
        page = (told.cancelled, told.requested, told.refuse_delivery, told.remaining)

        assert sum(figures) == sum(page) == ordered
        assert min(*figures, *page, told.cancellable) >= 0


def test_goods_are_the_same_in_every_order_of_the_facts() -> None:
    facts: tuple[Callable[[Scene], str], ...] = (
        lambda scene: scene.release(a=4),
        lambda scene: scene.ship("S", a=3),
        lambda scene: scene.reject("S", a=1),
        lambda scene: scene.deliver("S"),
        lambda scene: scene.back("R", a=1),
    )
    for order_of_facts in permutations(facts):
        scene = Scene()
        scene.cancel("c", a=3)
        for fact in order_of_facts:
            fact(scene)

        assert scene.goods() == (2, 1, 0, 2)


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
