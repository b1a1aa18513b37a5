"""What every request goes through before it is dealt with, and every answer after."""

import asyncio
import hmac
import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from getalwoord.server.limits import BODY, BODY_SECONDS
from getalwoord.server.refusals import Refused, unavailable
from getalwoord.server.service import Service

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger(__name__)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_HERE = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
_ALWAYS = ("/healthz", "/readyz", "/metrics")  # answered while draining, too
_KEPT = ("/v1/", "/metrics")  # for those who have the key
_LINGER = 64  # times the limit of a body that are read of one that is too large, and thrown away

_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        b"object-src 'none'",
    ),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


class Guard:
    """Refuses what must not get in, bounds bodies, adds headers, counts, and logs.

    The log has the method, the route as it is written in the API, status, bytes and milliseconds:
    nothing of what a request holds.

    Args:
        app: What deals with requests.
        service: Says when it is about to end, and counts.
        key: That requests must have; None for none, and then only names of this machine are
            accepted as Host, so that no page of elsewhere can ask by a name that leads here.
    """

    def __init__(self, app: Application, service: Service, key: bytes | None) -> None:
        self._app, self._service, self._key = app, service, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # answered as GET; the server leaves the body out
            scope = {**scope, "method": "GET"}
        began = time.perf_counter()
        sent = _Sent(send, closing=lambda: self._service.draining, path=scope["path"])
        try:
            try:
                self._check(scope)
                body = await _body(scope, receive)
                if body is not None:
                    await self._run(scope, _Received(receive, body), sent)
            except Refused as refused:
                await refused.response()(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - what is raised could quote a text in the log
            _log_without_texts(error)
        finally:
            self._told(scope, sent, time.perf_counter() - began)

    async def _run(self, scope: Scope, received: "_Received", sent: "_Sent") -> None:
        """Deal with a request, and stop if whoever asked has gone."""
        work = asyncio.ensure_future(self._app(scope, received, sent))
        gone = asyncio.ensure_future(received.gone())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            gone.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})

    def _check(self, scope: Scope) -> None:
        """Refuse a request by its head."""
        headers = dict(scope["headers"])
        if self._key is None:
            if not _HERE.fullmatch(headers.get(b"host", b"localhost")):
                raise Refused(403, "the Host header names another machine", code="host")
        elif scope["path"].startswith(_KEPT):
            given = headers.get(b"authorization", b"")
            kind, _, key = given.partition(b" ")
            if not (kind.lower() == b"bearer" and hmac.compare_digest(key.strip(), self._key)):
                raise Refused(
                    401,
                    "give the key of this service: Authorization: Bearer KEY",
                    code="invalid_api_key",
                    headers={"WWW-Authenticate": "Bearer"},
                )
        if self._service.draining and scope["path"] not in _ALWAYS:
            raise unavailable("the service is about to end")

    def _told(self, scope: Scope, sent: "_Sent", seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "other")
        if scope["path"].startswith("/static/"):
            route = "/static"
        self._service.metrics.answered(method, route, sent.status, seconds)
        _LOG.info("%s %s %d %d %.1f", method, route, sent.status, sent.size, 1000 * seconds)


class _Sent:
    """Sends an answer, with more headers, and remembers what it was."""

    def __init__(self, send: Send, *, closing: Callable[[], bool], path: str) -> None:
        self._send, self._closing = send, closing
        self._cache = b"no-cache" if path == "/" or path.startswith("/static/") else b"no-store"
        self.status, self.size = 499, 0  # what is logged if whoever asked has gone

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            more = [*_HEADERS, (b"cache-control", self._cache)]
            if self._closing() or self.status in (408, 413):
                more.append((b"connection", b"close"))
            message["headers"] = [*message.get("headers", ()), *more]
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)


class _Received:
    """Gives a body that was read already, and then tells when whoever asked has gone."""

    def __init__(self, receive: Receive, body: bytes) -> None:
        self._receive, self._body = receive, body
        self._given = False
        self._gone = asyncio.Event()

    async def __call__(self) -> Message:
        if not self._given:
            self._given = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def gone(self) -> None:
        """Wait until whoever asked has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """Read the whole body of a request; None if whoever asked has gone.

    Raises:
        Refused: It is too large, or takes too long to come.
    """
    headers = dict(scope["headers"])
    if b"content-length" not in headers and b"transfer-encoding" not in headers:
        return b""
    too_large = Refused(413, f"the body is too large: {BODY} bytes at most", code="too_large")
    if b"expect" in headers and int(headers.get(b"content-length", b"0")) > BODY:
        raise too_large
    parts, size, more = [], 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more and size <= _LINGER * BODY:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                more = message.get("more_body", False)
                size += len(message.get("body", b""))
                # One that is too large is read on: who is still sending hears no answer.
                if size <= BODY:
                    parts.append(message.get("body", b""))
    except TimeoutError:
        raise Refused(408, f"the body did not come in {BODY_SECONDS:g} s", code="slow") from None
    if size > BODY:
        raise too_large
    return b"".join(parts)


def _log_without_texts(error: BaseException) -> None:
    """Log where something failed that should not have; its message could quote a text."""
    places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    _LOG.error("%s\n%s", type(error).__name__, places.rstrip())
