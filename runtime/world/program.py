"""What every program of the world is: it hears, remembers what it meant to do, and tells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from runtime.world.book import Book, Note
from runtime.world.habits import DAY, HOUR, World
from runtime.world.wire import WORLD, Heard, Message


class Program(ABC):
    """One of the programs. All that it does in one step is one transaction of its book."""

    name: ClassVar[str]
    hears: ClassVar[tuple[str, ...]]
    """Topics, without their prefix."""

    def __init__(self, world: World, book: Book) -> None:
        self.world = world
        self.book = book
        self.now = 0
        """The time of the step, in microseconds since 1970."""

    def begin(self, at: int) -> None:  # noqa: B027  # most wait until they hear something
        """Note what there is to do before anything was heard; called at every start."""

    @abstractmethod
    def hear(self, message: Heard) -> None:
        """Take a message in that was not heard before, about an order of this world."""

    @abstractmethod
    def remember(self, what: str, about: str) -> None:
        """Do what was noted for now."""

    def take(self, message: Heard) -> None:
        """Hear a message, once."""
        ours = message.order_id.startswith(self.world.prefix)
        if ours and self.book.is_new(f"{message.channel} {message.source}", message.id):
            self.hear(message)

    def do_what_is_due(self, limit: int = 500) -> None:
        for note in self.book.due(self.now, limit):
            self.book.forget(note.what, note.about)
            self.remember(note.what, note.about)

    def later(self, what: str, about: str, low: int, high: int) -> None:
        """Note to do something after a while of the world's own time."""
        wait = self.world.takes(low, high, what, about)
        self.book.note(Note(what, about, self.now + wait))

    def tell(self, message: Message, at: int | None = None) -> None:
        """Say it, unless it was said before. `at` is when it happened; none: now."""
        if self.book.is_unsaid(f"{message.source} {message.id}"):
            self.tell_again(message, self.now if at is None else at)

    def tell_again(self, message: Message, at: int) -> None:
        """Say it, though it may have been said: with the same `at` it is the same message.

        What goes to the service may meet a wrong clock, or be sent twice.
        """
        if message.channel == WORLD:
            self.book.say(message.said(at), self.now)
            return
        about = (message.source, message.id)
        self.book.count(f"told:{message.type}")
        if self.has_trouble("wrong_clocks", *about):
            at += self.world.between(-12, 12, "hours off", *about) * HOUR
        said = message.said(at)
        self.book.say(said, self.now)
        if self.has_trouble("duplicates", *about):
            self.book.say(said, self.now + self.world.takes(HOUR, DAY, "again", *about))

    def answer(self, message: Message, at: int | None = None) -> None:
        """Tell what somebody waits for; now and then twice, under two ids."""
        self.tell(message, at)
        if self.has_trouble("double_answers", message.source, message.id):
            self.tell(message._replace(id=f"{message.id}:again"), at)

    def has_trouble(self, share: str, *about: object) -> bool:
        """Draw whether a fault happens here, and count it."""
        strikes = self.world.chance(share, *about)
        if strikes:
            self.book.count(f"fault:{share}")
        return strikes
