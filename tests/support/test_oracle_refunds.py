"""Refunds one by one: asked for, issued, failed, never twice and never more than was paid."""

from __future__ import annotations

from tests.support.oracle_scene import SECOND, Scene, line, refund_id


def test_a_refund_id_is_a_hash_that_every_reader_can_compute() -> None:
    """The first 32 hex digits that sha256sum prints for the four lines o, cancellation, c, 1."""
    scene = Scene()
    scene.cancel("c")

    assert scene.page()["refunds"][0]["refund_id"] == "r-646c8957b5789a300b896042a6f33c6c"


def test_only_a_due_refund_may_be_asked_for_and_only_once() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    assert not scene.ask("cancellation", "c")
    scene.ship("S", a=3)
    version = scene.version

    assert scene.ask("cancellation", "c")
    assert not scene.ask("cancellation", "c")
    assert scene.version == version + 1


def test_refunded_goods_that_ship_after_all_are_not_refunded_twice() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.ask("cancellation", "c")
    scene.ship("S", a=2)
    assert "at_large" in scene.discrepancies
    scene.back("R", a=2)

    assert scene.money() == [("requested", "5.00")]
    assert "at_large" not in scene.discrepancies


def test_an_order_that_was_not_paid_is_not_refunded() -> None:
    scene = Scene(paid="0")
    scene.cancel("c")

    assert scene.money() == []


def test_a_refund_above_what_was_paid_is_held_whole_and_a_smaller_one_passes() -> None:
    scene = Scene(line("a", 5), line("b", 1), paid="3.00")
    scene.cancel("c", a=2)
    scene.cancel("d", a=3)
    scene.cancel("e", b=1)

    assert scene.money() == [("due", "2.00"), ("due", "1.00"), ("held", "3.00")]
    assert "exceeds_paid" in scene.discrepancies


def test_money_paid_beyond_the_total_stays() -> None:
    scene = Scene(paid="6.00")
    scene.cancel("c")

    assert scene.money() == [("due", "5.00")]
    assert scene.discrepancies == {"overpaid"}


def test_a_refund_of_nothing_is_not_created() -> None:
    scene = Scene(line("a", 2, "0"))
    scene.cancel("c")

    assert scene.money() == []
    assert scene.status == "cancelled"


def test_units_worth_nothing_alone_are_paid_with_their_neighbour() -> None:
    """One cent for three units: the first is worth 0, the second brings the cent."""
    scene = Scene(line("a", 3, "0.01", discount="0.02"))
    scene.cancel("c", a=1)
    assert scene.money() == []
    scene.cancel("d", a=1)

    assert scene.money() == [("held", "0.01")]


def test_an_issued_refund_counts_as_asked_for() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.issued(refund_id("cancellation", "c"), "5.00")

    assert scene.money() == [("issued", "5.00")]
    assert scene.page()["refunded"] == "5.00"
    assert scene.status == "refunded"


def test_a_refund_issued_before_its_cause_is_known_once_it_is_listed() -> None:
    scene = Scene()
    scene.issued(refund_id("cancellation", "c"), "2.00")
    assert scene.discrepancies == {"unknown_refund"}
    scene.cancel("c", a=2)

    assert scene.money() == [("issued", "2.00")]
    assert scene.discrepancies == set()


def test_an_unknown_refund_holds_what_is_due() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.issued("r-unknown", "1.00")

    assert scene.money() == [("held", "5.00")]
    assert scene.page()["refunds"][0]["held_until"] is None
    assert scene.page()["refunded"] == "1.00"
    assert not scene.ask("cancellation", "c")


def test_a_second_report_of_a_refund_is_a_discrepancy_and_counts_once() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.ask("cancellation", "c")
    scene.issued(refund_id("cancellation", "c"), "5.00")
    scene.issued(refund_id("cancellation", "c"), "4.00")

    assert scene.page()["refunded"] == "5.00"
    assert scene.discrepancies == {"refund_issued_twice"}


def test_another_amount_is_a_discrepancy() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.ask("cancellation", "c")
    scene.issued(refund_id("cancellation", "c"), "4.00")

    assert scene.money() == [("issued", "5.00")]
    assert scene.page()["refunded"] == "4.00"
    assert scene.discrepancies == {"refund_amount_differs"}


def test_issued_wins_over_failed_in_any_order() -> None:
    scene = Scene()
    scene.cancel("c")
    scene.ask("cancellation", "c")
    scene.failed(refund_id("cancellation", "c"))
    assert scene.money() == [("failed", "5.00")]
    scene.issued(refund_id("cancellation", "c"), "5.00")
    scene.failed(refund_id("cancellation", "c"))

    assert scene.money() == [("issued", "5.00")]


def test_the_gate_leaves_alone_what_was_asked_for() -> None:
    scene = Scene(line("a", 4), line("b", 2))
    scene.cancel("c", a=2)
    scene.ship("S", a=2)
    scene.release(b=2)
    scene.cancel("d", b=2)
    scene.ask("cancellation", "c")
    scene.withdraw("d")
    scene.clock += SECOND

    assert scene.money() == [("requested", "2.00")]
