"""What the oracle answers to requests, repeats, parked messages and dead letters."""

from __future__ import annotations

from tests.support.oracle_scene import Scene, line


def test_units_not_shipped_are_cancelled() -> None:
    scene = Scene()

    assert scene.cancel("c", a=2) == "recorded"
    assert scene.goods() == (2, 0, 0, 3)


def test_a_late_cancellation_is_accepted_and_crosses() -> None:
    scene = Scene()
    scene.ship("S", a=5)

    assert scene.cancel("c", a=2) == "recorded"
    assert scene.goods() == (0, 0, 2, 3)


def test_the_order_of_shipment_and_request_does_not_matter() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.ship("S", a=5)

    assert scene.goods() == (0, 0, 2, 3)


def test_after_delivery_a_cancellation_is_refused() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.deliver("S")

    assert scene.cancel("c", a=1) == "refused"
    assert scene.refusal == "already_delivered"


def test_cancelling_everything_after_delivery_is_refused() -> None:
    scene = Scene()
    scene.ship("S", a=5)
    scene.deliver("S")

    assert scene.cancel("c") == "refused"
    assert scene.refusal == "already_delivered"


def test_everything_is_resolved_to_what_can_be_cancelled() -> None:
    scene = Scene(line("a", 5), line("b", 3))
    scene.ship("S", a=2)
    scene.deliver("S")
    scene.cancel("c")

    assert scene.goods("a") == (3, 0, 0, 2)
    assert scene.goods("b") == (3, 0, 0, 0)


def test_everything_was_decided_once_and_for_all() -> None:
    """A delivery that is later said not to have happened adds nothing to the cancellation."""
    scene = Scene()
    scene.ship("S", a=2)
    scene.deliver("S")
    delivered = scene.last
    scene.cancel("c")
    scene.correct(delivered, None)

    assert scene.goods() == (3, 0, 0, 2)
    assert scene.line()["cancellable"] == 2


def test_nothing_is_left_to_cancel() -> None:
    scene = Scene()
    scene.cancel("c")

    assert scene.cancel("d") == "refused"
    assert scene.refusal == "nothing_to_cancel"


def test_a_line_twice_in_a_request_is_added_up() -> None:
    scene = Scene()
    items = [{"line_id": "a", "quantity": 3}, {"line_id": "a", "quantity": 3}]
    data = {"cancellation_id": "c", "requested_by": "buyer", "reason": "other", "items": items}

    assert scene.say("ItemCancelRequested", data, by="/shop") == "refused"
    assert scene.refusal == "more_than_cancellable"


def test_a_request_is_refused_whole() -> None:
    scene = Scene(line("a", 5), line("b", 3))

    assert scene.cancel("c", a=1, b=4) == "refused"
    assert scene.goods("a") == (0, 0, 0, 5)


def test_an_unknown_line_refuses_the_request() -> None:
    scene = Scene()

    assert scene.cancel("c", a=1, z=1) == "refused"
    assert scene.refusal == "unknown_line"


def test_a_cancellation_id_used_again_with_the_same_content_is_a_repeat() -> None:
    scene = Scene()
    scene.cancel("c", a=2)

    assert scene.cancel("c", a=2) == "repeated"
    assert scene.goods() == (2, 0, 0, 3)
    assert scene.version == 2


def test_a_cancellation_id_used_again_with_other_content_is_refused() -> None:
    scene = Scene()
    scene.cancel("c", a=2)

    assert scene.cancel("c", a=1) == "refused"
    assert scene.refusal == "cancellation_id_in_use"
    assert scene.version == 3


def test_a_refused_request_gets_the_same_answer_again() -> None:
    """Even where the goods could be cancelled by now."""
    scene = Scene()
    scene.ship("S", a=5)
    scene.deliver("S")
    delivered = scene.last
    scene.cancel("c", a=1)
    scene.correct(delivered, None)

    assert scene.cancel("c", a=1) == "repeated"
    assert scene.goods() == (0, 0, 0, 5)


def test_a_withdrawal_of_an_unknown_cancellation_is_refused() -> None:
    scene = Scene()

    assert scene.withdraw("c") == "refused"
    assert scene.refusal == "unknown_cancellation"


def test_requested_units_may_be_withdrawn() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)

    assert scene.goods() == (0, 2, 0, 3)
    assert scene.withdraw("c") == "recorded"
    assert scene.goods() == (0, 0, 0, 5)


def test_a_withdrawn_cancellation_is_withdrawn_once() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.withdraw("c")

    assert scene.withdraw("c") == "repeated"
    assert scene.version == 4


def test_one_succeeded_unit_keeps_a_cancellation_from_being_withdrawn() -> None:
    scene = Scene()
    scene.release(a=4)
    scene.cancel("c", a=2)

    assert scene.withdraw("c") == "refused"
    assert scene.refusal == "already_succeeded"


def test_one_crossed_unit_keeps_a_cancellation_from_being_withdrawn() -> None:
    scene = Scene()
    scene.release()
    scene.cancel("c", a=2)
    scene.ship("S", a=4)

    assert scene.withdraw("c") == "refused"
    assert scene.refusal == "already_crossed"


def test_the_same_message_again_is_a_repeat() -> None:
    scene = Scene()
    scene.ship("S", a=2)

    assert scene.again() == "repeated"
    assert scene.line()["shipped"] == 2


def test_unknown_fields_and_the_writing_of_a_time_make_no_difference() -> None:
    scene = Scene()
    scene.ship("S", a=2)
    time = scene.last["time"].replace("+00:00", ".000Z")

    assert scene.again(time=time, data={"robot": 7}) == "repeated"


def test_one_and_a_half_is_written_in_two_ways() -> None:
    scene = Scene(line("a", 5, "1.5"))

    assert scene.again(data={"lines": [line("a", 5, "1.50", discount="0.00")]}) == "repeated"


def test_the_same_id_with_other_content_is_a_dead_letter_that_the_order_shows() -> None:
    scene = Scene()
    scene.ship("S", a=2)

    assert scene.again(data={"shipment_id": "T"}) == "dead"
    assert scene.line()["shipped"] == 2
    assert scene.discrepancies == {"conflicting_message"}
    assert scene.version == 3


def test_the_same_dead_letter_again_is_no_event() -> None:
    scene = Scene()
    scene.ship("S", a=2)
    scene.again(data={"shipment_id": "T"})

    assert scene.again(data={"shipment_id": "T"}) == "dead"
    assert scene.version == 3


def test_a_second_order_with_equal_data_is_a_repeat() -> None:
    scene = Scene()

    assert scene.place() == "repeated"
    assert scene.version == 1


def test_a_second_order_with_other_data_is_a_dead_letter() -> None:
    scene = Scene()

    assert scene.place(buyer_id="another") == "dead"
    assert scene.version == 2


def test_a_discount_greater_than_the_goods_makes_the_order_a_dead_letter() -> None:
    scene = Scene(line("a", 2, "1.00", discount="0.50"), discount="1.51", place=False)

    assert scene.place() == "dead"
    assert scene.place(discount="1.50") == "recorded"


def test_a_line_discount_greater_than_the_line_makes_the_order_a_dead_letter() -> None:
    scene = Scene(line("a", 2, "1.00", discount="2.01"), line("b", 9), place=False)

    assert scene.place() == "dead"


def test_messages_of_an_unknown_order_wait_for_it_in_arrival_order() -> None:
    scene = Scene(place=False)

    assert scene.cancel("c", a=4) == "parked"
    assert scene.cancel("d", a=2) == "parked"
    assert scene.ship("S", a=1) == "parked"
    assert scene.place() == "recorded"
    assert scene.goods() == (4, 0, 0, 1)
    assert scene.refusal == "more_than_cancellable"
    assert scene.version == 4


def test_a_parked_message_is_parked_once() -> None:
    scene = Scene(place=False)
    scene.ship("S", a=1)

    assert scene.again() == "repeated"
    scene.place()
    assert scene.version == 2


def test_ids_are_compared_within_one_order() -> None:
    scene = Scene()
    scene.ship("S", a=1)

    assert scene.again(subject="p", data={"order_id": "p"}) == "parked"
