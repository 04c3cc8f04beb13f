"""The demo: the whole service on real parts, and a small world around it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.text import Text

from runtime import brokers, demo_parts, demo_worlds, live, settings, wiring
from runtime.cli_answers import OUR_FAULT, UNAVAILABLE, fail, table
from runtime.cli_late import show_cases
from runtime.cli_views import REFUNDS, show_order
from runtime.demo_story import BACK, CASE, CROSSED, IN_TIME, PAID, REFUSED, News, Story
from runtime.demo_worlds import Playing
from runtime.escaping import escape
from runtime.settings import Settings

if TYPE_CHECKING:
    from application.event_store import EventStore

COLOURS = {
    IN_TIME: "green",
    CROSSED: "yellow",
    REFUSED: "magenta",
    BACK: "cyan",
    PAID: "bold green",
    CASE: "red",
}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, whoever wants it to end, and its terminal that goes."""
PATIENCE_SECONDS = 60.0
"""How long the service may take to start, and to read what it was told."""
AGREE_SECONDS = 20.0
"""How long a payment may be in the provider's books and not in our log: it is on its way."""
WITH_KAFKA = ["ingest", "process", "project", "publish", "serve"]
WITHOUT = ["project", "serve"]
"""Roles: without Kafka nobody would hear what is asked of them."""

say = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def run(*, seed: int, orders: int, kafka: bool) -> int:
    """Show everything, then end, or wait for Ctrl-C where a person watches; the exit code."""
    watched = settings.on_terminal() and not settings.in_ci()
    for number in ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # by nohup
            signal.signal(number, _as_interrupt)
    try:
        with (
            _everything(settings.load(), kafka=kafka, watched=watched) as stage,
            stage.world(seed, orders, watched=watched) as world,
        ):
            stage.play(world, orders)
            if watched:
                stage.stay(world)
            step("Stopping everything.")
    except KeyboardInterrupt:
        say.print("Stopped.")
    return 0


def _as_interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    say.quiet = number == signal.SIGHUP  # the terminal is gone: nothing can be said there
    _stop_undisturbed()
    raise KeyboardInterrupt


def _stop_undisturbed() -> None:
    """From now on all that runs is stopped in order; a terminal that goes says so twice."""
    for number in ENDING:
        signal.signal(number, _pass_over)


def _pass_over(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN: what came a moment before is complained about then, and children inherit it."""


def step(what: str) -> None:
    say.print(Text(what, style="bold"))


@contextmanager
def _everything(loaded: Settings, *, kafka: bool, watched: bool) -> Iterator[Stage]:
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
        if own.kafka_bootstrap_servers:
            own = live.at_the_pace_of(demo_worlds.speed(watched=watched), own)
        own = own.model_copy(update={"http_bind": demo_parts.free_address(loaded.http_bind)})
        names = WITH_KAFKA if own.kafka_bootstrap_servers else WITHOUT
        step(f"Starting the service: {', '.join(f'role {name}' for name in names)} ...")
        roles = stack.enter_context(demo_parts.roles(made, own, names))
        try:
            stage = Stage(own, store, roles, made)
            stage.say_where()
            yield stage
        finally:
            _stop_undisturbed()


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

    def world(self, seed: int, orders: int, *, watched: bool) -> AbstractContextManager[Playing]:
        """The world around the service: it reacts where there is Kafka, else it only tells."""
        if self._settings.kafka_bootstrap_servers:
            return demo_worlds.lived(self._settings, self._made, seed, orders, watched=watched)
        return demo_worlds.told(self._settings, self._store, seed, orders, watched=watched)

    def say_where(self) -> None:
        """Say where the pages are, once they are there."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not demo_parts.answers_at(self._settings.http_bind):
            self._see_that_all_run()
            if time.monotonic() > until:
                fail("The pages are not served in time.", "Please report it.", UNAVAILABLE)
            time.sleep(0.1)
        say.print(f"Pages and API: http://{self._settings.http_bind}")

    def play(self, world: Playing, orders: int) -> None:
        step(f"\n{world.title.format(orders=orders)}:\n")
        while world.goes_on():
            self._say_news()
            time.sleep(0.2)
        books = self._books(world)
        self._show_views(books)

    def _books(self, world: Playing) -> str | None:
        """The provider's books and ours, taken together: what was just paid is heard later."""
        until = time.monotonic() + AGREE_SECONDS
        while True:
            books = world.books()
            self._wait_until_read()
            self._say_news()
            if books is None:
                return None
            ours = self._story.paid()
            if ours == books["sums"] or time.monotonic() > until:
                return _books(books, ours)
            time.sleep(0.2)

    def _say_news(self) -> None:
        for news in self._story.news():
            say.print(_line(news))
        self._see_that_all_run()

    def _see_that_all_run(self) -> None:
        for role in self._roles:
            if failed := role.failed():
                fail(f"The demo cannot go on: {failed}.", "Please report it.", OUR_FAULT)

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

    def _show_views(self, books: str | None) -> None:
        from projections import late_cancellations, order_information, refunds
        from runtime import standing

        step("\nA few orders, as the views have them:\n")
        with self._store.connection() as conn:
            for what, order_id in self._story.examples().items():
                body = order_information.one(conn, order_id)
                if body:
                    say.print(Text(what, style="italic"))
                    show_order(body)
            state = "due" if books is None else "issued"
            money = refunds.listed(conn, state=state, limit=12)["refunds"]
            cases = late_cancellations.listed(conn, wiring.now(), limit=12)["cases"]
        _show_refunds(f"Refunds {state}", money)
        if cases:
            show_cases("\nLate cancellations that still wait", cases)
        say.print()
        if books is not None:
            say.print(books)
        say.print(standing.summary(self._store))

    def stay(self, world: Playing) -> None:
        """Keep everything running until Ctrl-C, and say how to look around."""
        step("\nEverything still runs. From another terminal, in this folder:")
        say.print(f"  export COUNTERMAND_DATA_DIR={self._settings.data_dir}")
        example = next(iter(self._story.examples().values()), "ORDER_ID")
        for command in (f"timeline {example}", "late", "refunds", "exposure", "audit replay"):
            say.print(f"  .venv/bin/countermand {command}")
        say.print(f"  or in a browser: http://{self._settings.http_bind}")
        step("Ctrl-C ends it.")
        while True:
            time.sleep(0.5)
            world.goes_on()
            self._say_news()


def _show_refunds(title: str, rows: list[dict[str, Any]]) -> None:
    columns = [name for name in REFUNDS if name != "held_until"]
    heads = [name.replace("_", " ") for name in columns]
    table(title, heads, ([row[name] for name in columns] for row in rows))


def _books(books: dict[str, Any], ours: dict[str, str]) -> str:
    """Compare the payment provider's books with ours."""
    sums = ", ".join(f"{total} {currency}" for currency, total in books["sums"].items())
    twice = "none of them twice" if not books["paid_twice"] else "SOME OF THEM TWICE"
    same = "the same" if ours == books["sums"] else f"SOMETHING ELSE: {ours}"
    return f"The payment provider paid {sums}, {twice}; our log says {same}."


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
