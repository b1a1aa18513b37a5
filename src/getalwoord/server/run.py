"""The service as a process: its socket, signals, and an end that answers what was accepted."""

import asyncio
import contextlib
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Iterator

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from getalwoord.errors import InputError
from getalwoord.server.app import make_app
from getalwoord.server.limits import CONNECTIONS, HEAD_SECONDS
from getalwoord.server.service import Service

_IDLE_SECONDS = 75  # that a connection without requests is kept
_TURN_SECONDS = 0.0001  # of one thread before another runs; Python's are fifty times that
_LAST_SECONDS = 1.0  # in which requests that are on their way are told of the end
_MORE_SECONDS = 5.0  # for answers to be sent, after the deadline of requests


def serve(
    service: Service,
    *,
    host: str,
    port: int,
    key: str | None,
    on_bound: Callable[[str], None],
) -> None:
    """Serve until a signal says to end, and answer everything that was accepted until then.

    Args:
        service: Not started yet.
        host: Name or address to listen at.
        port: 0 for any that is free.
        key: That requests must have; needed unless the host is this machine's loopback.
        on_bound: Told the address as a URL once requests are taken.

    Raises:
        InputError: The address cannot be used, or needs a key, or the model cannot be loaded.
    """
    with _bound(host, port, has_key=key is not None) as listening:
        name, number = listening.getsockname()[:2]
        url = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
        server = _Server(service, key, on_started=lambda: on_bound(url))
        service.on_failure = server.end
        # The loop gives its turn away at every system call, and must have it back soon.
        sys.setswitchinterval(_TURN_SECONDS)
        server.run(sockets=[listening])
    if service.failure is not None:
        raise service.failure


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _bound(host: str, port: int, *, has_key: bool) -> socket.socket:
    """Open a socket and listen."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise InputError(f"there is no address {host}: {error}") from error
    if not has_key and not is_loopback(str(address[0])):
        raise InputError(
            f"{host} can be reached by others: give a key with --api-key-file, "
            "or in GETALWOORD_API_KEY"
        )
    try:
        return socket.create_server(address[:2], family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise InputError(
            f"cannot listen at {host}, port {port}: {error.strerror}; choose another --port"
        ) from error


class _Server(uvicorn.Server):
    """uvicorn, but that it ends with 0 and lets go of connections only when they were told."""

    def __init__(
        self, service: Service, key: str | None, *, on_started: Callable[[], None]
    ) -> None:
        self._service, self._on_started = service, on_started
        super().__init__(
            uvicorn.Config(
                make_app(service, key),
                http=_Connection,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=CONNECTIONS,
                # It counts tasks, too: that of a request that was just answered, and the next.
                limit_concurrency=2 * CONNECTIONS,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=int(service.limits.seconds + _MORE_SECONDS),
            )
        )

    def end(self) -> None:
        """Begin to end; may be called in any thread."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by signals; uvicorn's own would raise them again, and the exit code not be 0."""
        signals = (signal.SIGINT, signal.SIGTERM)
        former = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests, and say so."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connections, tell those there are, answer what was accepted, and end."""
        self._service.draining = True
        for server in self.servers:
            server.close()
        await asyncio.sleep(_LAST_SECONDS)
        await super().shutdown(sockets)


class _Connection(H11Protocol):
    """A connection that is closed if the head of a request does not come in time."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        begins = self._head_timer is None and self._idle
        super().data_received(data)
        if not self._idle:
            self._stop_timer()
        elif begins:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._idle:  # the next request was there already
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    @property
    def _idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
