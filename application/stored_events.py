"""Events to stored names and bytes, and back. Names are ours, never Python paths.

An unknown name is refused: it was written by a newer version of us, or by nobody we know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from domain.events import STORED_NAMES, Event
from domain.process_events import PROCESS_NAMES

Upcast = Callable[[bytes], tuple[str, bytes]]

SHAPES: dict[str, type[Event]] = {**STORED_NAMES, **PROCESS_NAMES}
"""Every stored name of the log: of orders, and of their processes."""

UPCASTS: dict[str, Upcast] = {}
"""From an old stored name to the next newer name and its bytes. Kept for ever."""


class UnreadableEvent(Exception):
    """A stored event's bytes do not fit its name: the log was changed, or a shape was."""


class UnknownStoredName(UnreadableEvent):
    """A stored name that this version does not know. Nothing is imported to find out."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"stored event name {name!r} is unknown: written by a newer version?"
            " Upgrade countermand, then try again"
        )
        self.name = name


class Decoders(dict[str, Callable[[bytes], Event]]):
    """Stored name to decoder, made when first asked for."""

    def __init__(
        self,
        shapes: Mapping[str, type[Event]] = SHAPES,
        upcasts: Mapping[str, Upcast] = UPCASTS,
    ) -> None:
        super().__init__()
        self._shapes = shapes
        self._upcasts = upcasts

    def __missing__(self, name: str) -> Callable[[bytes], Event]:
        self[name] = decoder = self._make(name)
        return decoder

    def _make(self, name: str) -> Callable[[bytes], Event]:
        if name in self._shapes:
            return msgspec.json.Decoder(self._shapes[name]).decode
        if name in self._upcasts:
            return lambda state: self._raise_up(name, state)
        raise UnknownStoredName(name)

    def _raise_up(self, name: str, state: bytes) -> Event:
        newer, raised = self._upcasts[name](state)
        return self[newer](raised)


NAMES: dict[type[Event], str] = {shape: name for name, shape in SHAPES.items()}
"""What an event is stored as: the newest name of its shape."""

encode: Callable[[Event], bytes] = msgspec.json.Encoder().encode
