"""Late cancellations brought home, through real Kafka: what is said, asked, told and shown.

All journeys are lived by one service on one clock, which jumps from day to day. What is compared
is everything: each message that left, Order Information, and each wait of the late view.
"""

from __future__ import annotations

import pytest

from consumers.kafka import KafkaSettings
from tests.support.journeys import ALL, START, by_moment
from tests.support.journeys_said import (
    FOUR_TIMES,
    HELD,
    PAY_RETURN,
    PLACED,
    REFUSE,
    RETURN,
    STOP,
    accepted,
    asked,
    confirmed,
    decided,
    paid,
    refuse,
    stop,
)
from tests.support.journeys_told import Library, Told
from tests.support.kafka import with_topics
from tests.support.whole import Clock, whole


@pytest.fixture(scope="module")
def kafka(kafka_bootstrap: str) -> KafkaSettings:
    return with_topics(kafka_bootstrap, partitions=2)


@pytest.fixture(scope="module")
def lived(module_postgres_url: str, kafka: KafkaSettings) -> Library:
    """What all orders ended with on day 40."""
    journeys = [make() for make in ALL]
    with whole(module_postgres_url, kafka, Clock(START)) as service:
        for moment, said in by_moment(journeys):
            service.clock.now = moment
            service.hear(*(one for _, one in said if "type" in one))
            service.until_still()
            for order_id, one in said:
                if "type" not in one:
                    assert service.decide(order_id, **one) == "recorded"
            service.until_still()
        return Library(service, journeys)


def test_stopped_in_time(lived: Library) -> None:
    assert lived.of("stopped") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(0, "c1", "24.90")],
        buyer=[accepted("2x1"), confirmed("2x1"), paid(0, "c1", "24.90")],
        events=f"{PLACED} CancellationConfirmed RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 24.90",
        refunds=["c1 24.90 issued"],
        late=["pay:c1 payment payment_pending 0 ended 0", STOP],
    )


def test_crossed_refused_returned_and_refunded(lived: Library) -> None:
    assert lived.of("crossed") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(8, "return")],
        buyer=[accepted("2x1"), refuse("2x1"), paid(8, "return")],
        events=f"{PLACED} ShippedFromWarehouse DeliveryRejected ReturnedToWarehouse"
        " RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["return 20.00 issued"],
        late=[PAY_RETURN, REFUSE, RETURN, STOP],
    )


def test_crossed_and_accepted_lapses(lived: Library) -> None:
    assert lived.of("accepted") == Told(
        warehouse=[stop("2x1")],
        payments=[],
        buyer=[accepted("2x1"), refuse("2x1"), "2 CancellationLapsed items=2x1"],
        events=f"{PLACED} ShippedFromWarehouse Delivered",
        page="closed: remaining 2; refunded 0.00",
        refunds=[],
        late=[REFUSE, STOP],
    )


def test_refused_in_part(lived: Library) -> None:
    assert lived.of("in-part") == Told(
        warehouse=[stop("3x1")],
        payments=[asked(8, "return", "10.00")],
        buyer=[
            accepted("3x1"),
            refuse("3x1"),
            "2 CancellationLapsed items=2x1",
            paid(8, "return", "10.00"),
        ],
        events=f"{PLACED} ShippedFromWarehouse DeliveryRejected Delivered ReturnedToWarehouse"
        " RefundRequested RefundIssued",
        page="closed: cancelled 1 remaining 2; refunded 10.00",
        refunds=["return 10.00 issued"],
        late=[PAY_RETURN, REFUSE, RETURN, STOP],
    )


def test_wanted_goods_in_a_refused_parcel_are_refunded_too(lived: Library) -> None:
    assert lived.of("wanted") == Told(
        warehouse=[],
        payments=[asked(8, "return", "30.00")],
        buyer=[accepted("1x1"), refuse("1x1"), paid(8, "return", "30.00")],
        events="OrderPlaced ShippedFromWarehouse ItemCancelRequested DeliveryRejected"
        " ReturnedToWarehouse RefundRequested RefundIssued",
        page="refunded: cancelled 3; refunded 30.00",
        refunds=["return 30.00 issued"],
        late=[PAY_RETURN, REFUSE, RETURN],
    )


def test_returned_short_pays_for_what_came_and_not_for_the_rest(lived: Library) -> None:
    assert lived.of("short") == Told(
        warehouse=[stop("3x1")],
        payments=[asked(8, "return")],
        buyer=[
            accepted("3x1"),
            refuse("3x1"),
            paid(8, "return"),
            decided(31, "no_refund", 1, by="deadline"),
        ],
        events=f"{PLACED} ShippedFromWarehouse DeliveryRejected ReturnedToWarehouse"
        " RefundRequested RefundIssued CaseDecided",
        page="returning: cancelled 2 refuse_delivery 1; refunded 20.00",
        refunds=["return 20.00 issued"],
        late=[PAY_RETURN, REFUSE, "return:1 seller return_missing 23 ended 31", STOP],
    )


def test_returned_damaged_is_refunded_when_nobody_decides_by_the_deadline(lived: Library) -> None:
    assert lived.of("damaged") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(23, "deadline")],
        buyer=[
            accepted("2x1"),
            refuse("2x1"),
            decided(23, "refund", 2, by="deadline"),
            paid(23, "deadline"),
        ],
        events=f"{PLACED} ShippedFromWarehouse DeliveryRejected ReturnedToWarehouse"
        " CaseDecided RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["deadline 20.00 issued"],
        late=[
            "damaged:1 seller returned_damaged 8 ended 23",
            "pay:deadline payment payment_pending 23 ended 23",
            REFUSE,
            RETURN,
            STOP,
        ],
    )


def test_lost_on_the_way_back_waits_for_the_seller(lived: Library) -> None:
    assert lived.of("lost") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(31, "d1")],
        buyer=[accepted("2x1"), refuse("2x1"), decided(31, "refund", 2), paid(31, "d1")],
        events=f"{PLACED} ShippedFromWarehouse DeliveryRejected LostInTransit"
        " CaseDecided RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["d1 20.00 issued"],
        late=[
            "lost:1 seller lost_on_the_way 8 ended 31",
            "pay:d1 payment payment_pending 31 ended 31",
            REFUSE,
            RETURN,
            STOP,
        ],
    )


def test_a_silent_warehouse_is_answered_for_by_the_seller(lived: Library) -> None:
    assert lived.of("silent") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(8, "c1")],
        buyer=[accepted("2x1"), decided(8, "stopped", 2), confirmed("2x1", 8), paid(8, "c1")],
        events=f"{PLACED} CaseDecided RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=[
            "pay:c1 payment payment_pending 8 ended 8",
            "stop:c1 seller warehouse_silent 2 ended 8",
        ],
    )


def test_a_warehouse_says_too_late(lived: Library) -> None:
    assert lived.of("too-late") == Told(
        warehouse=[stop("2x1")],
        payments=[asked(8, "return")],
        buyer=[accepted("2x1"), refuse("2x1"), paid(8, "return")],
        events=f"{PLACED} StopRefused ShippedFromWarehouse DeliveryRejected ReturnedToWarehouse"
        " RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["return 20.00 issued"],
        late=[PAY_RETURN, REFUSE, RETURN, "stop:c1 warehouse warehouse_too_late 0 ended 0"],
    )


def test_withdrawn_and_then_confirmed_all_the_same(lived: Library) -> None:
    assert lived.of("withdrawn") == Told(
        warehouse=[stop("2x1"), "0 StopWithdrawn cancellation_id=c1 items=2x1"],
        payments=[],
        buyer=[accepted("2x1"), decided(2, "no_refund", 1)],
        events=f"{PLACED} CancellationWithdrawn CancellationConfirmed CaseDecided"
        " ShippedFromWarehouse Delivered",
        page="closed: remaining 2; refunded 0.00",
        refunds=[],
        late=["odd: seller confirmed_after_withdrawal 0 ended 2", STOP],
    )


def test_a_refund_that_failed_three_times_and_was_paid_then(lived: Library) -> None:
    assert lived.of("failing") == Told(
        warehouse=[],
        payments=FOUR_TIMES,
        buyer=[accepted("2x1"), confirmed("2x1"), paid(8, "c1")],
        events="OrderPlaced ItemCancelRequested RefundRequested"
        " RefundFailed RefundFailed RefundFailed RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=["pay:c1 seller payment_unsettled 8 ended 8"],
    )


def test_a_refund_whose_answer_was_lost_is_asked_for_again_under_its_id(lived: Library) -> None:
    assert lived.of("unanswered") == Told(
        warehouse=[],
        payments=FOUR_TIMES,
        buyer=[accepted("2x1"), confirmed("2x1"), paid(8, "c1")],
        events="OrderPlaced ItemCancelRequested RefundRequested RefundIssued",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=["pay:c1 seller payment_unsettled 8 ended 8"],
    )


def test_refunded_at_once_and_shipped_then_is_not_paid_again(lived: Library) -> None:
    assert lived.of("exposed") == Told(
        warehouse=[stop("2x1", 2)],
        payments=[asked(0, "c1")],
        buyer=[accepted("2x1"), confirmed("2x1"), paid(0, "c1"), refuse("2x1", 2)],
        events="OrderPlaced ItemCancelRequested RefundRequested RefundIssued ReleasedToWarehouse"
        " ShippedFromWarehouse DeliveryRejected ReturnedToWarehouse",
        page="refunded: cancelled 2; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=[
            "pay:c1 payment payment_pending 0 ended 0",
            "refuse:S1 buyer buyer_to_refuse 2 ended 2",
            RETURN,
            "stop:c1 warehouse warehouse_to_stop 2 ended 2",
        ],
    )


def test_part_cancelled_with_the_rest_never_shipping_is_paid_in_the_end(lived: Library) -> None:
    assert lived.of("held") == Told(
        warehouse=[],
        payments=[asked(31, "c1")],
        buyer=[accepted("2x1"), confirmed("2x1"), HELD, paid(31, "c1")],
        events="OrderPlaced ItemCancelRequested RefundRequested RefundIssued",
        page="partly_cancelled: cancelled 2, remaining 1; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=["pay:c1 payment payment_pending 31 ended 31"],
    )


def test_a_correction_that_undoes_a_shipment_after_the_refund(lived: Library) -> None:
    assert lived.of("undone") == Told(
        warehouse=[],
        payments=[asked(0, "c1")],
        buyer=[accepted("2x1"), confirmed("2x1"), HELD, paid(0, "c1")],
        events="OrderPlaced ItemCancelRequested ShippedFromWarehouse RefundRequested RefundIssued"
        " FactCorrected ShippedFromWarehouse Delivered",
        page="closed: cancelled 2, remaining 1; refunded 20.00",
        refunds=["c1 20.00 issued"],
        late=["pay:c1 payment payment_pending 0 ended 0"],
    )


def test_every_journey_is_compared(lived: Library, request: pytest.FixtureRequest) -> None:
    compared = [name for name in dir(request.module) if name.startswith("test_")]

    assert len(ALL) == len(lived.orders) == len(compared) - 1
