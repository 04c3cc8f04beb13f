"""The carrier: brings parcels to the door and back, loses some, and says what became of them.

A failed attempt to deliver is no rejection: nothing of it is told to the service.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from typing_extensions import override

from runtime.world.habits import DAY, HOUR
from runtime.world.program import Program
from runtime.world.wire import WORLD, Content, Heard, Message, Units, items, less, units

NOBODY_HOME = 4
"""After so many attempts a parcel that nobody takes goes back."""
ATTEMPTS = 60
"""After so many, whatever the reason was."""
TURNS_UP = 0.5
"""Of lost parcels."""


class Parcel(Struct):
    """A parcel, from the dock until it is at rest."""

    order_id: str
    shipment_id: str
    goods: Units
    attempts: int = 0
    nobody: int = 0
    back: Units | None = None
    """What is on its way back."""


class Carrier(Program):
    name: ClassVar[str] = "carrier"
    hears: ClassVar[tuple[str, ...]] = (WORLD,)

    @override
    def hear(self, message: Heard) -> None:
        shipment_id = str(message.data.get("shipment_id"))
        if message.type == "ParcelLeft":
            self._take_along(Parcel(message.order_id, shipment_id, units(message.data)))
        elif message.type == "DoorAnswered":
            self._hear_at_the_door(self._parcel(shipment_id), message.data)

    @override
    def remember(self, what: str, about: str) -> None:
        parcel = self._parcel(about)
        if what == "door":
            self._try(parcel)
        elif what == "missed":
            self._say_lost(parcel)
        elif what == "found":
            self._find(parcel)
        elif what == "dock":
            self._bring_back(parcel)

    def _parcel(self, shipment_id: str) -> Parcel:
        parcel = self.book.kept(Parcel, shipment_id)
        if parcel is None:
            raise LookupError(f"the carrier has no parcel {shipment_id}")
        return parcel

    def _keep(self, parcel: Parcel, *, is_open: bool) -> None:
        self.book.keep(parcel.shipment_id, parcel, is_open=is_open)

    def _take_along(self, parcel: Parcel) -> None:
        self._keep(parcel, is_open=True)
        if self.has_trouble("lost", parcel.shipment_id, "there"):
            self.later("missed", parcel.shipment_id, 3 * DAY, 5 * DAY)
        else:
            self.later("door", parcel.shipment_id, 20 * HOUR, 3 * DAY)

    def _try(self, parcel: Parcel) -> None:
        parcel.attempts += 1
        self._keep(parcel, is_open=True)
        about = f"{parcel.shipment_id}:{parcel.attempts}"
        if self.has_trouble("failed_attempts", about):
            self._to_the_world("AttemptFailed", parcel, f"attempt:{about}", {})
            self.later("door", parcel.shipment_id, 20 * HOUR, 28 * HOUR)
        else:
            data = {"items": items(parcel.goods), "attempt": parcel.attempts}
            self._to_the_world("AtTheDoor", parcel, f"door:{about}", data)

    def _hear_at_the_door(self, parcel: Parcel, data: Content) -> None:
        if data["answer"] == "taken":
            self._deliver(parcel)
        elif data["answer"] == "refused":
            self._take_back(parcel, units(data), "refused")
        else:
            parcel.nobody += data["answer"] == "nobody"
            if parcel.nobody >= NOBODY_HOME or parcel.attempts >= ATTEMPTS:
                self.book.count("fault:unclaimed")
                self._take_back(parcel, parcel.goods, "unclaimed")
            else:
                self._keep(parcel, is_open=True)
                self.later("door", parcel.shipment_id, 20 * HOUR, 28 * HOUR)

    def _deliver(self, parcel: Parcel) -> None:
        self._keep(parcel, is_open=False)
        self._report("Delivered", parcel, {})

    def _take_back(self, parcel: Parcel, refused: Units, kind: str) -> None:
        """Report what was not taken; of the rest, that it was."""
        taken = less(parcel.goods, refused)
        data: Content = {"kind": kind}
        if taken:
            data["items"] = items(refused)
        self._report("DeliveryRejected", parcel, data)
        if taken:
            self._report("Delivered", parcel, {})
        parcel.back = refused
        self._keep(parcel, is_open=True)
        if self.has_trouble("lost", parcel.shipment_id, "back"):
            self.later("missed", parcel.shipment_id, 3 * DAY, 5 * DAY)
        else:
            self.later("dock", parcel.shipment_id, DAY, 5 * DAY)

    def _bring_back(self, parcel: Parcel) -> None:
        self._keep(parcel, is_open=False)
        data = {"items": items(parcel.goods if parcel.back is None else parcel.back)}
        self._to_the_world("ParcelBack", parcel, f"back:{parcel.shipment_id}", data)

    def _say_lost(self, parcel: Parcel) -> None:
        data = {"items": items(parcel.back)} if parcel.back else {}
        self._report("LostInTransit", parcel, data)
        turns_up = self.world.draw("turns up", parcel.shipment_id) < TURNS_UP
        self._keep(parcel, is_open=turns_up)
        if turns_up:
            self.later("found", parcel.shipment_id, DAY, 4 * DAY)

    def _find(self, parcel: Parcel) -> None:
        """A parcel that turns up goes on where it was going."""
        self.book.count("lost parcels that turned up")
        if parcel.back is None:
            self._try(parcel)
        else:
            self._bring_back(parcel)

    def _report(self, kind: str, parcel: Parcel, data: Content) -> None:
        source = f"/carrier/{self._name_of(parcel.shipment_id)}"
        told = {"shipment_id": parcel.shipment_id, **data}
        message_id = f"{kind}:{parcel.shipment_id}"
        self.tell(Message("warehouse", kind, parcel.order_id, source, message_id, told))

    def _name_of(self, shipment_id: str) -> str:
        names = ("DHL", "GLS", "UPS", "Hermes")
        return names[self.world.between(0, len(names) - 1, "carrier", shipment_id)]

    def _to_the_world(self, kind: str, parcel: Parcel, message_id: str, data: Content) -> None:
        told = {"shipment_id": parcel.shipment_id, **data}
        self.tell(Message(WORLD, kind, parcel.order_id, "/carrier", message_id, told))
