"""What the service counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters and gauges of one service."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        registry.register(GC_COLLECTOR)
        registry.register(PLATFORM_COLLECTOR)
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "getalwoord_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        self._latency = Histogram(
            "getalwoord_request_seconds",
            "From a request's head to the end of its answer",
            ["route"],
            registry=registry,
        )
        self._texts = Counter(
            "getalwoord_texts",
            "Texts read, by how their values are known",
            ["how"],
            registry=registry,
        )
        self._waiting = Gauge(
            "getalwoord_waiting_texts",
            "Texts that wait, long ones counted by their length",
            ["lane"],
            registry=registry,
        )
        self._batches = Histogram(
            "getalwoord_batch_texts",
            "Texts done together",
            ["lane"],
            buckets=_BATCHES,
            registry=registry,
        )
        self._working = Counter(
            "getalwoord_work_seconds", "Time spent on batches", ["lane"], registry=registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).inc()
        self._latency.labels(route).observe(seconds)

    def read(self, how: str) -> None:
        """Count a text."""
        self._texts.labels(how).inc()

    def watch(self, lane: str, waiting: Callable[[], int]) -> None:
        """Look at how much waits in a lane whenever metrics are asked for."""
        self._waiting.labels(lane).set_function(waiting)

    def batches_of(self, lane: str) -> Callable[[int, float], None]:
        """Give what is to be told of each batch."""
        sizes, working = self._batches.labels(lane), self._working.labels(lane)

        def told(texts: int, seconds: float) -> None:
            sizes.observe(texts)
            working.inc(seconds)

        return told

    def text(self) -> bytes:
        """Give all of it in Prometheus's text format."""
        return generate_latest(self._registry)
