"""The one way in: outcome, refusal, repeat and lost race; what is written is written whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typing_extensions import override

from application.event_store import EventStore, StalePosition, Step, StoreUnavailable
from consumers import dead_letters
from consumers.cloudevents import Incoming
from consumers.intake import Contended, Intake
from domain.events import (
    CancellationRefused,
    Event,
    ItemCancelRequested,
    ShippedFromWarehouse,
)
from domain.order import Decision, Message, Order, decide, evolve
from domain.refunds import Policy
from tests.support.saying import cancel, delivered, encoded, placed, record, say, shipped
from tests.support.streams import emptied, events_of, kinds

NOW = 1_800_000_000_000_000


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def intake(store: EventStore) -> Intake:
    return Intake(store, now=lambda: NOW)


def test_a_batch_is_decided_in_order_and_recorded_whole(store: EventStore, intake: Intake) -> None:
    taken = intake.take(
        [record(placed("A")), record(placed("B")), record(cancel("A")), record(shipped("B", 2))]
    )
    assert taken.outcomes == ["recorded"] * 4
    assert taken.problems == [None] * 4
    assert taken.position == store.head()
    assert taken.events == 4
    assert kinds(store, "A") == ["OrderPlaced", "ItemCancelRequested"]
    assert kinds(store, "B") == ["OrderPlaced", "ShippedFromWarehouse"]


def test_events_of_a_batch_are_stamped_with_our_clock(store: EventStore, intake: Intake) -> None:
    intake.take([record(placed("A")), record(shipped("A", 1))])
    assert [event.recorded_at for event in events_of(store, "A")] == [NOW, NOW]


def test_our_clock_never_runs_backwards_within_an_order(store: EventStore) -> None:
    Intake(store, now=lambda: NOW).take([record(placed("A"))])
    Intake(store, now=lambda: NOW - 5_000_000).take([record(shipped("A", 1)), record(cancel("A"))])
    assert [event.recorded_at for event in events_of(store, "A")] == [NOW, NOW, NOW]


def test_a_refused_request_is_recorded_with_its_rule(store: EventStore, intake: Intake) -> None:
    asked = cancel("A", items=[{"line_id": "L1", "quantity": 9}])
    taken = intake.take([record(placed("A")), record(asked)])
    assert taken.outcomes == ["recorded", "refused"]
    assert taken.problems[1] is not None
    assert taken.problems[1].rule == "more_than_cancellable"
    refusal = events_of(store, "A")[1]
    assert isinstance(refusal, CancellationRefused)
    assert refusal.rule == "more_than_cancellable"


def test_a_repeated_message_writes_nothing(store: EventStore, intake: Intake) -> None:
    messages = [record(placed("A")), record(cancel("A")), record(shipped("A", 1))]
    intake.take(messages)
    head = store.head()
    taken = intake.take(messages)
    assert taken.outcomes == ["repeated"] * 3
    assert taken.position is None
    assert store.head() == head


def test_a_message_twice_in_one_batch_counts_once(store: EventStore, intake: Intake) -> None:
    once = record(shipped("A", 1))
    taken = intake.take([record(placed("A")), once, once])
    assert taken.outcomes == ["recorded", "recorded", "repeated"]
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse"]


def test_a_batch_of_repetitions_still_moves_the_position(store: EventStore, intake: Intake) -> None:
    message = record(placed("A"))
    intake.take([message], [Step("kafka/t/0", None, 0)])
    intake.take([message], [Step("kafka/t/0", 0, 1)])
    assert store.positions("kafka/") == {"kafka/t/0": 1}


def test_a_stale_writer_is_turned_away_and_writes_nothing(
    store: EventStore, intake: Intake
) -> None:
    intake.take([record(placed("A"))], [Step("kafka/t/0", None, 4)])
    zombie = Intake(store)
    with pytest.raises(StalePosition):
        zombie.take([record(placed("B"))], [Step("kafka/t/0", None, 9)])
    assert events_of(store, "B") == []
    assert store.positions("kafka/") == {"kafka/t/0": 4}


def test_one_stale_position_of_several_rolls_all_of_them_back(
    store: EventStore, intake: Intake
) -> None:
    intake.take([record(placed("A"))], [Step("kafka/t/0", None, 4), Step("kafka/t/1", None, 7)])
    steps = [Step("kafka/t/0", 4, 5), Step("kafka/t/1", 6, 8)]
    with pytest.raises(StalePosition):
        intake.take([record(cancel("A"))], steps)
    assert store.positions("kafka/") == {"kafka/t/0": 4, "kafka/t/1": 7}
    assert kinds(store, "A") == ["OrderPlaced"]


def test_a_lost_race_for_a_version_is_decided_again(store: EventStore, intake: Intake) -> None:
    intake.take([record(placed("A"))])
    Intake(store).take([record(shipped("A", 3)), record(delivered("A"))])
    taken = intake.take([record(cancel("A"))])  # its cache does not know of the delivery
    assert taken.outcomes == ["refused"]
    assert taken.problems[0] is not None
    assert taken.problems[0].rule == "already_delivered"
    assert len(events_of(store, "A")) == 4


def test_a_lost_race_for_a_new_order_is_a_repetition(store: EventStore) -> None:
    message = record(placed("A"))
    overtaken = _overtaken(store, lambda: Intake(store).take([message]))
    assert overtaken.take([message]).outcomes == ["repeated"]
    assert kinds(store, "A") == ["OrderPlaced"]


def test_a_batch_that_is_overtaken_for_ever_gives_up(store: EventStore, intake: Intake) -> None:
    intake.take([record(placed("A"))])
    rival = Intake(store)
    overtaken = _overtaken(store, lambda: rival.take([record(shipped("A", 1))]), always=True)
    with pytest.raises(Contended):
        overtaken.take([record(shipped("A", 1))])


def _overtaken(store: EventStore, rival: Callable[[], Any], *, always: bool = False) -> Intake:
    """An intake whose orders are changed by somebody else after it has looked."""

    class Overtaken(EventStore):
        def __init__(self) -> None:
            self.__dict__.update(store.__dict__)
            self.fast = True

        @override
        def append(self, *args: Any) -> int | None:
            if self.fast:
                self.fast = always
                rival()
            return super().append(*args)

    return Intake(Overtaken())


def test_what_a_transaction_did_not_commit_is_not_remembered(store: EventStore) -> None:
    failing = True

    def break_off() -> None:
        if failing:
            raise StoreUnavailable("the line is dead")

    intake = Intake(store, inside=break_off)
    messages = [record(placed("A")), record(cancel("A"))]
    with pytest.raises(StoreUnavailable):
        intake.take(messages)
    failing = False
    assert intake.take(messages).outcomes == ["recorded", "recorded"]


def test_a_note_is_kept_apart_from_its_event(store: EventStore, intake: Intake) -> None:
    intake.take([record(placed("A")), record(cancel("A", note="my neighbour Ines has one"))])
    request = events_of(store, "A")[1]
    assert isinstance(request, ItemCancelRequested)
    with store.connection() as conn:
        rows = conn.execute("SELECT note_ref, order_id, note FROM countermand.notes").fetchall()
    assert rows == [(request.note_ref, "A", "my neighbour Ines has one")]


def test_a_free_reason_of_a_payment_provider_is_kept_apart(
    store: EventStore, intake: Intake
) -> None:
    failed = say("RefundFailed", "A", refund_id="r-1", reason="Card of Ines M. was closed")
    intake.take([record(placed("A")), record(failed)])
    with store.connection() as conn:
        rows = conn.execute("SELECT note FROM countermand.notes").fetchall()
    assert rows == [("Card of Ines M. was closed",)]
    assert b"Ines" not in b"".join(_states(store))


def _states(store: EventStore) -> list[bytes]:
    with store.connection() as conn:
        return [row[0] for row in conn.execute("SELECT state FROM countermand.orders_events")]


def test_an_erased_note_does_not_come_back_with_a_repetition(
    store: EventStore, intake: Intake
) -> None:
    message = record(cancel("A", note="my neighbour Ines has one"))
    intake.take([record(placed("A")), message])
    with store.connection() as conn:
        conn.execute("DELETE FROM countermand.notes")
    assert intake.take([message]).outcomes == ["repeated"]
    with store.connection() as conn:
        assert conn.execute("SELECT * FROM countermand.notes").fetchall() == []


def test_a_bad_record_stops_nobody(store: EventStore, intake: Intake) -> None:
    taken = intake.take([record(placed("A")), record(b"{"), record(shipped("A", 1))])
    assert taken.outcomes == ["recorded", "dead", "recorded"]
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse"]
    assert [one.rule for one in dead_letters.listed(store)] == ["not_json"]


def test_an_empty_batch_is_nothing(store: EventStore, intake: Intake) -> None:
    taken = intake.take([])
    assert (taken.outcomes, taken.position, store.head()) == ([], None, 0)


def test_the_cache_holds_no_more_than_it_may(store: EventStore) -> None:
    small = Intake(store, cached_orders=10)
    small.take([record(placed(f"O{n}")) for n in range(50)])
    assert len(small.orders._cache) == 10
    assert small.take([record(cancel(f"O{n}")) for n in range(50)]).outcomes == ["recorded"] * 50


def test_a_message_that_our_own_code_fails_on_is_a_dead_letter(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(order: Order | None, message: Message, policy: Policy) -> Decision:
        if isinstance(message, ShippedFromWarehouse):
            raise ZeroDivisionError("a bug")
        return decide(order, message, policy)

    monkeypatch.setattr("application.orders.decide", fails)
    bad = shipped("A", 1)
    taken = Intake(store).take([record(placed("A")), record(bad), record(delivered("A"))])
    assert taken.outcomes == ["recorded", "dead", "recorded"]
    (letter,) = dead_letters.listed(store)
    assert (letter.rule, letter.value) == ("internal_error", encoded(bad))
    assert "MessageSetAside" in kinds(store, "A")


def test_an_event_that_our_own_code_cannot_fold_is_not_recorded(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded, it would keep its order from ever being read again."""

    def fails(order: Order | None, event: Event) -> Order:
        if isinstance(event, ShippedFromWarehouse):
            raise ZeroDivisionError("a bug")
        return evolve(order, event)

    monkeypatch.setattr("application.orders.evolve", fails)
    taken = Intake(store).take([record(placed("A")), record(shipped("A", 1))])
    assert taken.outcomes == ["recorded", "dead"]
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside"]


def test_a_file_and_kafka_are_the_same_way_in(intake: Intake) -> None:
    message = placed("A")
    by_kafka = Incoming(encoded(message), (), b"A", "storefront", "countermand.storefront", 0, 5)
    assert intake.take([by_kafka]).outcomes == ["recorded"]
    assert intake.take([record(message)]).outcomes == ["repeated"]
