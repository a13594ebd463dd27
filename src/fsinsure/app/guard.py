"""Requests that the page answers: those of a browser on this machine, of this page.

A page of another site may resolve its own name to this machine (DNS rebinding) or send requests
across origins. The first is seen by the header ``Host``, the second by ``Origin``: both must name
the address of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK: Final = "127.0.0.1"
NAMES: Final = (LOOPBACK, "localhost")
"""The names of this machine that a browser may use."""

HEADERS: Final = (
    (b"content-security-policy", (
        b"default-src 'self' blob: data:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; connect-src 'self' ws: data: blob:; "
        b"frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
    )),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)  # fmt: skip
"""What the browser is asked to enforce: content of this server only, and no frame around it."""


class Guard:
    """An ASGI application that passes on only what :func:`refused` has no reason against.

    Parameters
    ----------
    application
        What is guarded.
    port
        Of the server.
    """

    def __init__(self, application: Application, port: int) -> None:
        self._application = application
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with status 403."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        reason = refused(scope.get("headers", ()), self._port)
        if not reason:
            await self._application(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            text = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": text})
            await send({"type": "http.response.body", "body": reason.encode()})


def _with_headers(send: Send) -> Send:
    """Return a `send` that adds :data:`HEADERS` to answers, and lets no other origin read them."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = [
                pair
                for pair in message.get("headers", ())
                if not pair[0].lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": [*own, *HEADERS]}
        await send(message)

    return sending


def refused(headers: Any, port: int) -> str:
    """Return why a request is refused; empty if it is answered.

    Parameters
    ----------
    headers
        Pairs of bytes, names in lower case.
    port
        Of the server.

    Examples
    --------
    >>> refused([(b"host", b"localhost:8000")], 8000)
    ''
    >>> refused([(b"host", b"attacker.example:8000")], 8000)
    'this server answers only at http://127.0.0.1:8000'
    """
    wanted = f"this server answers only at http://{LOOPBACK}:{port}"
    hosts = [value.decode("latin-1").lower() for name, value in headers if name == b"host"]
    known = [f"{name}:{port}" for name in NAMES]
    if len(hosts) != 1 or hosts[0] not in known:
        return wanted
    origins = [value.decode("latin-1").lower() for name, value in headers if name == b"origin"]
    return "" if all(origin == f"http://{hosts[0]}" for origin in origins) else wanted
