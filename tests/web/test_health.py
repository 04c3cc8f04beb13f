"""Who is asked whether it lives says so, also while all of its threads are at work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from typing import Any

import httpx

from tests.support.following import SECONDS
from tests.support.web import Api, api_of


class Work:
    """Something that takes as long as it is told to."""

    def __init__(self) -> None:
        self.has_begun = Flag()
        self.may_end = Flag()

    def __call__(self) -> dict[str, Any]:
        self.has_begun.set()
        self.may_end.wait()
        return {}


def test_a_busy_process_lives(module_postgres_url: str) -> None:
    work = Work()
    with (
        api_of(module_postgres_url, threads=1, standing=work) as api,
        ThreadPoolExecutor(1) as pool,
    ):
        busy = pool.submit(_get, api, "/metrics")
        work.has_begun.wait()
        try:
            answer = _get(api, "/health/live")
        finally:
            work.may_end.set()

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})
    assert busy.result().status_code == 200


def _get(api: Api, address: str) -> httpx.Response:
    return httpx.get(f"{api.client.base_url.copy_with(path='')}{address}", timeout=SECONDS)
