"""Requests that the page answers: those of a browser on this machine, of this page.

A page of another site may resolve its own name to this machine (DNS rebinding) or send requests
across origins. The first is seen by the header ``Host``, the second by ``Origin``: both must name
the address of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK: Final = "127.0.0.1"
NAMES: Final = (LOOPBACK, "localhost")
"""The names of this machine that a browser may use."""

FONT_PATH: Final = "/fsinsure-sans-sc.ttf"
"""Where the font of the pictures is served, for systems without Chinese fonts."""

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
        if not reason and not _is_plain(scope.get("query_string", b"")):
            reason = "the address has letters beyond ASCII after the question mark"
        if not reason and scope["type"] == "http" and scope["path"] == FONT_PATH:
            await _send_font(send)
        elif not reason:
            await self._application(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await _answer(send, 403, b"text/plain; charset=utf-8", reason.encode())


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_font(send: Send) -> None:
    from fsinsure.output.figures.fonts import font_path

    await _answer(send, 200, b"font/ttf", font_path().read_bytes())


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


def _is_plain(query: bytes) -> bool:
    """Return whether a query is ASCII; marimo compares no other tokens.

    >>> _is_plain(b"access_token=abc"), _is_plain(b"access_token=%E9")
    (True, False)
    """
    return unquote_to_bytes(query).isascii()


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
