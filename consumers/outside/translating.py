"""The consumer of what comes from outside: reads its topics, writes to `warehouse`, at least once.

It stands in the ingest loop where the intake stands, so that positions, stopped partitions, dead
limits and broken parts are one matter. A batch is translated, remembered, sent, and acknowledged;
only then are its dead letters and positions written, in one transaction. Redone after a crash it
is sent again, as the same bytes: the ids are the events' own, and what was said is remembered.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Event as Flag
from typing import NamedTuple

from application.event_store import EventStore, Step
from consumers.batch import Outcome, Record
from consumers.carriers import translate as translate_carrier
from consumers.cloudevents import BadMessage, Incoming
from consumers.dead_limit import DeadLimit
from consumers.epcis import translate as translate_epcis
from consumers.ingest import STOP_AT, Ingest
from consumers.intake import Intake, Taken
from consumers.kafka import KafkaRefused, KafkaSettings, KafkaUnavailable, Sender, existing
from consumers.outgoing import Headers, Outgoing
from consumers.outside.memory import Memory
from consumers.outside.rules import Rules
from consumers.outside.said import Message, Translated
from consumers.outside.stored import Stored
from consumers.topics import OUTSIDE, Topics
from consumers.traces import trace_of

log = logging.getLogger(__name__)

CHANNEL = "warehouse"
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json; charset=utf-8"),)
TRIES = 3
"""How often a batch is translated when other processes say some of it at the same time."""
LOOK_AGAIN = 5.0
"""Seconds between looks for topics that are not there yet."""


def translated(channel: str, value: bytes | None, rules: Rules, memory: Memory) -> Translated:
    """Translate what came on a topic from outside, named without its prefix."""
    if channel == "carrier":
        return translate_carrier(value, rules.carrier)
    return translate_epcis(value, rules.epcis, memory)


def translated_again(
    store: EventStore, intake: Intake, rules: Rules, records: Sequence[Record]
) -> str:
    """Translate letters again and take what they say, without Kafka; say what became of them."""
    memory = Stored(store)
    messages: list[Message] = []
    for record in records:
        if not isinstance(record, Incoming):
            return "dead"
        found = translated(record.channel or "", record.value, rules, memory)
        if found.bad:
            return "dead"
        messages += found.messages
    memory.flush()
    said = [Incoming(one.value, key=one.order_id.encode(), channel=CHANNEL) for one in messages]
    outcomes = intake.take(said).outcomes
    if "dead" in outcomes:
        return "dead"
    return outcomes[0] if outcomes else "ignored"


class _Batch(NamedTuple):
    """What a batch of documents came to."""

    outgoing: list[Outgoing]
    letters: list[tuple[Record, BadMessage]]
    are_bad: list[bool]
    """Of each document, whether any of it is a letter."""
    counts: Counter[str]


class Translation:
    """What the loop drives in the place of the intake. For one thread."""

    def __init__(
        self, store: EventStore, intake: Intake, kafka: KafkaSettings, rules: Rules
    ) -> None:
        self.orders = intake.orders
        self.counts: Counter[str] = Counter()
        """Messages by type, and what was `ignored` or `dead`."""
        self._store, self._intake = store, intake
        self._kafka, self._rules = kafka, rules
        self._sender: Sender | None = None

    def hear(self, records: Sequence[Record]) -> list[Record | BadMessage]:
        """Only say which records could not be read at all; the rest waits for `record`."""
        return [one if type(one) is Incoming else self._unread(one) for one in records]

    def _unread(self, record: Record) -> BadMessage:
        (said,) = self._intake.hear([record])
        assert isinstance(said, BadMessage)  # noqa: S101 - an unreadable batch is nothing else
        return said

    def record(
        self,
        records: Sequence[Record],
        said: Sequence[Record | BadMessage],
        steps: Sequence[Step] = (),
    ) -> Taken:
        """Translate, send, then write the letters and the positions. As `Intake.record`."""
        done = self._translated(records, said)
        self._send(done.outgoing)
        about = [record for record, _ in done.letters]
        taken = self._intake.record(about, [letter for _, letter in done.letters], steps)
        self.counts += done.counts
        outcomes: list[Outcome] = ["dead" if bad else "recorded" for bad in done.are_bad]
        return Taken(outcomes, [None] * len(outcomes), [], taken.position, taken.events)

    def _translated(self, records: Sequence[Record], said: Sequence[Record | BadMessage]) -> _Batch:
        """Translate a batch, and remember it before anybody hears of it.

        Whoever does it again finds what was said, and says the same. Where another process said
        it meanwhile, its words count.
        """
        left = TRIES
        while True:
            memory, done = Stored(self._store), _Batch([], [], [], Counter())
            for record, one in zip(records, said, strict=True):
                self._translate(record, one, memory, done)
            left -= 1
            if memory.flush() or not left:
                return done

    def _translate(
        self, record: Record, said: Record | BadMessage, memory: Memory, into: _Batch
    ) -> None:
        if isinstance(said, BadMessage) or not isinstance(record, Incoming):
            found = Translated([], [])
            letters = [(record, said)] if isinstance(said, BadMessage) else []
        else:
            found = translated(record.channel or "", record.value, self._rules, memory)
            letters = [(record._replace(value=b.value), b.as_bad_message()) for b in found.bad]
        into.outgoing.extend(_outgoing(found.messages, record))
        into.letters.extend(letters)
        into.are_bad.append(bool(letters))
        into.counts.update(message.type for message in found.messages)
        into.counts.update(ignored=found.ignored, dead=len(letters))

    def _send(self, messages: Sequence[Outgoing]) -> None:
        if not messages:
            return
        try:
            if self._sender is None:
                self._sender = Sender(self._kafka)
            self._sender.send(messages)
        except (KafkaUnavailable, KafkaRefused):
            self.close()  # after an error only a new one helps
            raise
        except Exception as error:
            self.close()
            # Never the fault of a record: that could be heard, or it would be a letter by now.
            raise KafkaUnavailable(f"the Kafka client failed: {error!r}") from error

    def close(self) -> None:
        if self._sender is not None:
            self._sender.close()
        self._sender = None


def _outgoing(messages: Sequence[Message], record: Record) -> Iterator[Outgoing]:
    trace = trace_of(record._replace(value=None)) if isinstance(record, Incoming) else None
    headers = STRUCTURED + (trace.headers if trace else ())
    for message in messages:
        yield Outgoing(CHANNEL, message.order_id.encode(), message.value, headers)


class Translating:
    """A process of the role `translate`; start as many as serve best."""

    def __init__(
        self,
        store: EventStore,
        intake: Intake,
        kafka: KafkaSettings,
        rules: Rules,
        limit: DeadLimit = STOP_AT,
    ) -> None:
        self._store, self._limit = store, limit
        self._kafka = replace(kafka, topics=kafka.topics._replace(channels=OUTSIDE))
        self.translation = Translation(store, intake, kafka, rules)

    def run(self, stop: Flag) -> None:
        """Translate until `stop` is set. Waits while there are no such topics."""
        topics = self._wait_for_topics(stop)
        if topics is None:
            return
        kafka = replace(self._kafka, topics=topics)
        try:
            Ingest(self._store, self.translation, kafka, self._limit).run(stop)
        finally:
            self.translation.close()

    def _wait_for_topics(self, stop: Flag) -> Topics | None:
        """Return those of our topics that there are; None: it is to stop."""
        told = False
        while not stop.is_set():
            try:
                there = existing(self._kafka, self._kafka.topics.inbound())
            except KafkaUnavailable as away:
                log.warning("Kafka is away: %s", away)
                there, told = [], True
            if there:
                topics = self._kafka.topics
                return topics._replace(channels=tuple(filter(None, map(topics.channel, there))))
            if not told:
                log.info("nothing to translate: %s are not there", self._kafka.topics.inbound())
                told = True
            stop.wait(LOOK_AGAIN)
        return None
