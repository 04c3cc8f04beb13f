"""Figures for Prometheus. Labels are names of ours: addresses' patterns, states, followers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from web.live.hub import Hub
from web.parts import Parts
from web.security.names import LIVE

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
_LOG = logging.getLogger(__name__)
_KEPT = 5.0
"""Seconds for which a look at where everybody stands is good: it may ask Kafka."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNKNOWN = "(none)"
_API = "/api/v1"


class Metrics:
    """The figures of one app."""

    def __init__(self, parts: Parts, hub: Hub) -> None:
        # A series more for each of ours, and nobody looks at it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "countermand_http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "countermand_http_request_seconds",
            "How long answers took.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        listeners = Gauge(
            "countermand_live_listeners",
            "Open pages that are told what is new.",
            registry=self._registry,
        )
        listeners.set_function(lambda: hub.number)
        self._registry.register(_Stands(parts))

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else _UNKNOWN
        self._requests.labels(method, route, str(status)).inc()
        if not route.startswith(LIVE):  # how long somebody listens says nothing of us
            self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


def _route(scope: Scope) -> str:
    """The pattern of the address: never the address itself, which anybody may make up."""
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is None:
        return _UNKNOWN
    # A router that was included knows its own part only.
    is_api = scope["path"].startswith(f"{_API}/") and not path.startswith(_API)
    return _API + path if is_api else path


def metrics_of(app: FastAPI) -> Metrics:
    """The figures of an app."""
    metrics: Metrics = app.state.metrics
    return metrics


class Counting:
    """Counts requests, and how long each took. Pure ASGI: it wraps no body."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def listening(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, listening)
        finally:
            self._metrics.count(scope, status, time.perf_counter() - began)


class _Stands(Collector):
    """Where everybody stands, looked up when somebody asks, and not too often."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._found: Mapping[str, Any] = {}
        self._until = 0.0

    @override
    def collect(self) -> Iterator[Metric]:
        found = self._look()
        yield GaugeMetricFamily(
            "countermand_standing_known",
            "Whether it could be seen where everybody stands.",
            float(bool(found)),
        )
        if found:
            yield from _gauges(found)

    def describe(self) -> Iterator[Metric]:
        return iter(())  # so that nobody looks when it is registered

    def _look(self) -> Mapping[str, Any]:
        with self._lock:
            if time.monotonic() >= self._until and self._parts.standing is not None:
                try:
                    self._found = self._parts.standing()
                except Exception as error:  # noqa: BLE001  # a part that is away must not take the figures away
                    _LOG.warning("it cannot be seen where everybody stands: %s", error)
                    self._found = {}
                self._until = time.monotonic() + _KEPT
            return self._found


def _gauges(found: Mapping[str, Any]) -> Iterator[Metric]:
    behind = GaugeMetricFamily(
        "countermand_follower_behind_events", "Events to be read.", labels=["follower"]
    )
    delay = GaugeMetricFamily(
        "countermand_follower_delay_seconds", "Age of the oldest of them.", labels=["follower"]
    )
    for one in found["followers"]:
        behind.add_metric([one["name"]], one["behind"])
        delay.add_metric([one["name"]], one["delay_seconds"])
    lag = GaugeMetricFamily(
        "countermand_partition_lag", "Records to be read.", labels=["topic", "partition"]
    )
    stopped = GaugeMetricFamily(
        "countermand_partition_stopped", "Read no more.", labels=["topic", "partition"]
    )
    for one in found["partitions"]:
        where = [one["topic"], str(one["partition"])]
        lag.add_metric(where, one["lag"])
        stopped.add_metric(where, float(one["stopped"] is not None))
    yield from (behind, delay, lag, stopped)
    yield from _counts(found)


def _counts(found: Mapping[str, Any]) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "countermand_log_position", "Of the last event.", int(found["position"])
    )
    yield GaugeMetricFamily("countermand_parked_messages", "They wait.", found["parked"])
    keys = CounterMetricFamily(
        "countermand_other_keys", "Taken under another key than their order's id.", labels=["topic"]
    )
    for topic, number in found["other_keys"].items():
        keys.add_metric([topic], number)
    yield keys
    for name, label, about in (
        ("dead_letters", "state", "Messages that could not be taken."),
        ("cases", "state", "What is awaited; `open` has the overdue ones, too."),
    ):
        gauge = GaugeMetricFamily(f"countermand_{name}", about, labels=[label])
        for state, number in found[name].items():
            gauge.add_metric([state], number)
        yield gauge
