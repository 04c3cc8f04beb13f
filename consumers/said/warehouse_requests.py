"""Topic `warehouse-requests`: what a warehouse is asked to do."""

from __future__ import annotations

from consumers.said.parts import Id, Item, Said


class StopRequested(Said):
    """Please stop these units and answer CancellationConfirmed, or StopRefused: too late.

    None of them was asked about before.
    """

    cancellation_id: Id
    items: list[Item]


class StopWithdrawn(Said):
    """The cancellation was taken back: these units may be shipped."""

    cancellation_id: Id
    items: list[Item]


ALL = (StopRequested, StopWithdrawn)
