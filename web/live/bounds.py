"""How many may listen, and how often they are told something."""

from __future__ import annotations

from typing import NamedTuple


class Bounds(NamedTuple):
    """Numbers of listeners, and seconds."""

    most: int = 500
    """Listeners of one process; 0: nobody may listen, and pages are renewed by loading them."""
    of_one: int = 20
    """Listeners of one caller: windows that are looked at; hidden ones do not listen."""
    look: float = 0.25
    """Between two looks at the views, for all listeners together."""
    spacing: float = 1.0
    """Between two messages to one listener, at least: what comes meanwhile is told at once."""
    flow: float = 3.0
    """The same for who looks at the flow, where something always moves."""
    still: float = 15.0
    """After which the flow is renewed though nothing moves: rates and delays change by time."""
    heartbeat: float = 15.0
    """Of silence, after which something is sent, so that proxies keep the connection."""
    life: float = 300.0
    """That a stream lasts: its browser comes again, and has to show who it is again."""
    retry: float = 2.0
    """After which a browser comes again, up to twice as much: not all at the same time."""
