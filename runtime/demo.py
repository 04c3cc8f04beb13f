"""The demo: the whole service on real parts, and a small world around it."""

from __future__ import annotations

import itertools
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.text import Text

from runtime import brokers, demo_parts, settings, simulate, telling, wiring
from runtime.cli_answers import OUR_FAULT, UNAVAILABLE, fail, table
from runtime.cli_views import REFUNDS, show_order
from runtime.demo_story import BACK, CROSSED, IN_TIME, REFUSED, News, Story
from runtime.escaping import escape
from runtime.settings import Settings
from runtime.simulate import Outgoing

if TYPE_CHECKING:
    from application.event_store import EventStore

COLOURS = {IN_TIME: "green", CROSSED: "yellow", REFUSED: "magenta", BACK: "cyan"}
WATCHED, HURRIED = 9.0, 30.0
"""Messages that the world tells in a second, while somebody watches and while nobody does."""
SO_FAR = 0.88
"""How much of its story the world tells: at the very end nothing would be held or on its way."""
PATIENCE_SECONDS = 60.0
"""How long the service may take to read what it was told."""

WORLD = simulate.World(
    seed=39,
    in_flight=15,
    lines_per_order=(1, 3),
    units_per_line=(1, 4),
    currencies=("EUR",) * 6 + ("GBP", "JPY"),
    cancel=0.75,
    crossings=0.45,
    refusals=0.95,
    released=0.4,
    withdrawals=0.05,
    too_late=0.05,
    duplicates=0.03,
    out_of_order=0.03,
    broken=0.015,
)

say = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def run(*, seed: int, orders: int, kafka: bool) -> int:
    """Show everything, then end, or wait for Ctrl-C where a person watches; the exit code."""
    watched = settings.on_terminal() and not settings.in_ci()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_interrupt)
    world = replace(WORLD, seed=seed, orders=orders)
    try:
        with _everything(settings.load(), kafka=kafka) as stage:
            stage.play(world, WATCHED if watched else HURRIED)
            if watched:
                stage.stay()
            step("Stopping everything.")
    except KeyboardInterrupt:
        say.print("Stopped.")
    return 0


def _as_interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def step(what: str) -> None:
    say.print(Text(what, style="bold"))


@contextmanager
def _everything(loaded: Settings, *, kafka: bool) -> Iterator[Stage]:
    """Start the parts one after the other; they stop in the opposite order."""
    with ExitStack() as stack:
        made = stack.enter_context(demo_parts.folder(loaded.data_dir))
        # Nothing of the environment: what the demo makes up never meets a database of yours.
        own = Settings.model_construct(data_dir=made / "data")
        step("Starting PostgreSQL (embedded) ...")
        _, store = stack.enter_context(wiring.opened(own))
        if kafka:
            own = _with_kafka(stack, own, made)
        else:
            say.print("Without Kafka: the same messages, taken in as from a file.")
        names = ["ingest", "project"] if own.kafka_bootstrap_servers else ["project"]
        step(f"Starting the service: {', '.join(f'role {name}' for name in names)} ...")
        roles = stack.enter_context(demo_parts.roles(made, own, names))
        try:
            yield Stage(own, store, roles, made)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # all that runs is stopped in order


def _with_kafka(stack: ExitStack, own: Settings, made: Path) -> Settings:
    fetching = "" if demo_parts.has_jars() else ", whose jars Maven fetches now (44 MB, once)"
    step(f"Starting Apache Kafka{fetching} ...")
    try:
        bootstrap = stack.enter_context(demo_parts.kafka(made))
    except demo_parts.NoKafka as reason:
        say.print(f"Kafka cannot be had here: {reason}")
        say.print("Going on without it, on the same messages, taken in as from a file.")
        return own
    own = own.model_copy(update={"kafka_bootstrap_servers": bootstrap})
    created = brokers.create_topics(own)
    say.print(f"Kafka at {bootstrap}, {len(created)} topics with {own.partitions} partitions each")
    return own


class Stage:
    """The parts while they run, and what is played on them."""

    def __init__(
        self,
        own: Settings,
        store: EventStore,
        roles: list[demo_parts.Role],
        made: Path,
    ) -> None:
        self._settings = own
        self._store = store
        self._roles = roles
        self._made = made
        self._story = Story(store, wiring.policy(own), wiring.now)
        self._failed: list[BaseException] = []

    def play(self, world: simulate.World, rate: float) -> None:
        told = list(simulate.messages(world))
        told = told[: round(len(told) * SO_FAR)]
        step(f"\nA small world tells {len(told)} messages of {world.orders} orders:\n")
        with self._told(telling.paced(told, rate)) as world_itself:
            while world_itself.is_alive():
                self._say_news()
                world_itself.join(0.2)
        self._wait_until_read()
        self._say_news()
        self._show_views()

    @contextmanager
    def _told(self, stream: Iterator[Outgoing]) -> Iterator[threading.Thread]:
        """Tell the messages in a thread; it ends before the parts that it talks to."""
        enough = threading.Event()
        until_enough = itertools.takewhile(lambda _: not enough.is_set(), stream)
        thread = threading.Thread(target=self._tell, args=(until_enough,), daemon=True)
        thread.start()
        try:
            yield thread
        finally:
            enough.set()
            thread.join()

    def _tell(self, stream: Iterator[Outgoing]) -> None:
        try:
            if self._settings.kafka_bootstrap_servers:
                self._by_kafka(stream)
            else:
                self._as_from_a_file(stream)
        except Exception as error:  # noqa: BLE001  # the watching thread raises it
            self._failed.append(error)

    def _by_kafka(self, stream: Iterator[Outgoing]) -> None:
        with brokers.sender(self._settings) as (send, flush):
            simulate.send_all(stream, send, flush, flush_every=20)

    def _as_from_a_file(self, stream: Iterator[Outgoing]) -> None:
        from consumers.cloudevents import Incoming

        intake = wiring.intake(self._settings, self._store)
        for message in stream:
            if message.trouble != "wrong_topic":  # a file has no topics
                intake.take([Incoming(message.value)])

    def _say_news(self) -> None:
        for news in self._story.news():
            say.print(_line(news))
        for role in self._roles:
            if failed := role.failed():
                fail(f"The demo cannot go on: {failed}.", "Please report it.", OUR_FAULT)
        if self._failed:
            raise self._failed[0]

    def _wait_until_read(self) -> None:
        """Until ingest has read the topics and the views have read the log."""
        from runtime import standing

        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self._say_news()
            if not standing.unread(self._settings, self._store):
                return
            if time.monotonic() > until:
                fail("The service did not read all in time.", "Please report it.", UNAVAILABLE)
            time.sleep(0.2)

    def _show_views(self) -> None:
        from projections import order_information, refunds
        from runtime import standing

        step("\nA few orders, as the views have them:\n")
        with self._store.connection() as conn:
            for what, order_id in self._story.examples().items():
                body = order_information.one(conn, order_id)
                if body:
                    say.print(Text(what, style="italic"))
                    show_order(body)
            due = refunds.listed(conn, state="due", limit=12)["refunds"]
        heads = [name.replace("_", " ") for name in REFUNDS if name != "held_until"]
        rows = ([row[name] for name in REFUNDS if name != "held_until"] for row in due)
        table("Refunds due", heads, rows)
        say.print()
        say.print(standing.summary(self._store))

    def stay(self) -> None:
        """Keep everything running until Ctrl-C, and say how to look around."""
        step("\nEverything still runs. From another terminal, in this folder:")
        say.print(f"  export COUNTERMAND_DATA_DIR={self._settings.data_dir}")
        example = next(iter(self._story.examples().values()), "ORDER_ID")
        for command in (f"order {example}", f"history {example}", "refunds", "audit replay"):
            say.print(f"  .venv/bin/countermand {command}")
        step("Ctrl-C ends it.")
        while True:
            time.sleep(0.5)
            self._say_news()


def _line(news: News) -> Text:
    line = Text(f"{news.order_id}  ")
    line.append(f"{news.kind:<25}", style=COLOURS.get(news.kind, "dim"))
    sentence = Text(escape(news.sentence))
    if news.due:
        sentence.append(f" Refund due: {news.due}.", style="bold green")
    if not say.is_terminal:
        return line + sentence
    # What does not fit goes on below where the sentence began.
    rows = sentence.wrap(say, max(30, say.width - len(line)))
    return line + Text(f"\n{' ' * len(line)}").join(rows)
