"""A parcel on its way: the door, the way back, and everything that may happen to it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.outside import Data, Outside
from tests.simulation.warehouse import as_items


@dataclass
class Journey:
    """One parcel, from the warehouse to the door and perhaps back."""

    outside: Outside
    order_id: str
    shipment_id: str
    holds: dict[str, int]
    to_refuse: dict[str, int] | None = None
    """What the buyer was told to refuse of it; none: nothing."""
    is_back: Callable[[dict[str, int]], None] = lambda _: None
    """Told which units lie in the warehouse again, in good condition."""
    came_back: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """It leaves the warehouse, and the warehouse says so, perhaps wrongly at first."""
        if self.outside.happens(self.outside.habits.says_wrong_first):
            said = self._say_shipped(dict.fromkeys(self.holds, 1))
            data = {"order_id": self.order_id, **self._shipped_data(self.holds)}
            self.outside.after(40, lambda: self._correct(said, data))
        else:
            self._say_shipped(self.holds)
        self.outside.after(96, self._at_the_door)

    def _say_shipped(self, units: dict[str, int]) -> Data:
        return self.outside.say("ShippedFromWarehouse", self.order_id, **self._shipped_data(units))

    def _shipped_data(self, units: dict[str, int]) -> Data:
        return {"shipment_id": self.shipment_id, "items": as_items(units)}

    def _correct(self, said: Data, data: Data) -> None:
        corrects = {"source": said["source"], "id": said["id"]}
        self.outside.say("FactCorrected", self.order_id, corrects=corrects, data=data)

    def _at_the_door(self) -> None:
        outside, habits = self.outside, self.outside.habits
        if outside.happens(habits.loses_parcel):
            self._say("LostInTransit")
            return
        refused = self._refused()
        taken = {line: units - refused.get(line, 0) for line, units in self.holds.items()}
        if not any(refused.values()):
            self._say("Delivered")
        elif any(taken.values()):
            self._say("DeliveryRejected", items=as_items(refused), kind="refused")
            self._say("Delivered")
        else:
            self._say("DeliveryRejected", kind=outside.random.choice(["refused", "unclaimed"]))
        if any(refused.values()) and not outside.happens(habits.loses_return):
            outside.after(200, lambda: self._back(refused))

    def _refused(self) -> dict[str, int]:
        """What is not taken at the door."""
        outside, habits = self.outside, self.outside.habits
        if self.to_refuse is None:
            return dict(self.holds) if outside.happens(habits.refuses_what_it_wants) else {}
        if outside.happens(habits.takes_what_it_should_refuse):
            return {}
        if outside.happens(habits.refuses_in_part):
            return {
                line: min(units, self.to_refuse.get(line, 0)) for line, units in self.holds.items()
            }
        return dict(self.holds)

    def _say(self, kind: str, /, **more: object) -> None:
        self.outside.say(kind, self.order_id, shipment_id=self.shipment_id, **more)

    def _back(self, refused: dict[str, int]) -> None:
        """The warehouse counts what came back: some of it, or damaged, or all of it."""
        outside, habits = self.outside, self.outside.habits
        counted = {line: units for line, units in refused.items() if units}
        if outside.happens(habits.returns_short):
            line = outside.random.choice(sorted(counted))
            counted[line] -= 1
        damaged = outside.happens(habits.returns_damaged)
        items = as_items(counted)
        if not items:
            return
        if damaged:
            items[0]["condition"] = "damaged"
        named = {} if outside.happens(0.3) else {"shipment_id": self.shipment_id}
        outside.say(
            "ReturnedToWarehouse",
            self.order_id,
            return_id=f"R-{self.shipment_id}",
            items=items,
            **named,
        )
        self.came_back = counted
        self.is_back(counted)
