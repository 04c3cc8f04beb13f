"""A page that listens, as a browser does: what it is told, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.web import Api
from web.live.bounds import Bounds
from web.live.watcher import VIEWS

QUICK = Bounds(look=0.02, spacing=0.02, flow=0.02)

Told = dict[str, str]
"""The fields of one message: `data`, `id`, `retry`."""


class Ear:
    """One open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def block(self) -> Told | None:
        """The next message, one without data, too; none: the stream has ended well."""
        told: Told = {}
        for line in self._lines:
            if not line:
                return told
            name, _, value = line.partition(": ")
            told[name] = value
        return None

    def next(self) -> Told | None:
        """The next message with data, without how soon to come again; none: it has ended well."""
        while (told := self.block()) is not None:
            if "data" in told:
                return {name: value for name, value in told.items() if name != "retry"}
        return None

    def rest(self) -> list[Told]:
        """All messages with data until the stream ends well."""
        return list(iter(self.next, None))


def asked(
    api: Api, topic: str, at: int | str | None = None, **headers: str
) -> tuple[str, dict[str, str]]:
    """Address and headers of a page that listens."""
    if api.persona:
        headers["Countermand-Persona"] = api.persona
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    where = "" if at is None else f"{'&' if '?' in topic else '?'}at={at}"
    return f"/live/{topic}{where}", named


@contextmanager
def listening(api: Api, topic: str, at: int | str | None = None, **headers: str) -> Iterator[Ear]:
    """Listen to `topic`, of a page that shows position `at`; the first word is heard."""
    address, named = asked(api, topic, at, **headers)
    with api.client.stream("GET", address, headers=named) as answer:
        assert answer.status_code == 200, answer.read()
        ear = Ear(answer)
        assert ear.next() == {"data": "here"}
        yield ear


def refused(api: Api, topic: str, **headers: str) -> httpx.Response:
    """The answer to who may not listen."""
    address, named = asked(api, topic, **headers)
    return api.client.get(address, headers=named)


def moved(at: int) -> Told:
    """What is said when something has moved."""
    return {"id": str(at), "data": "moved"}


def shown(api: Api) -> int:
    """The position that a page shows now."""
    return api.store.positions(VIEWS).get(VIEWS, 0)


def until_so_many_listen(api: Api, number: int) -> None:
    """Wait until the service counts so many listeners: who goes is missed a moment later."""
    while f"countermand_live_listeners {number}.0" not in api.client.get("/metrics").text:
        pass
