"""Serve the page on this machine only, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from fsinsure.app.guard import FONT_PATH, LOOPBACK, Guard
from fsinsure.app.start import opened
from fsinsure.errors import InputError
from fsinsure.files import reason
from fsinsure.messages import separated

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsinsure.app.start import Start

NEEDED: Final = ("marimo", "uvicorn")
PAGE: Final = Path(__file__).with_name("page.py")
QUIET: Final = {"MARIMO_TRACING": "false", "MARIMO_RESTRICT_SHARING": "true"}
"""Settings of marimo: no traces, and no links that would upload the page."""

PATIENCE: Final = 2
"""Seconds that open pages have when the server is stopped."""


def check_installed() -> None:
    """Raise an InputError if a package is missing that the page needs."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            "the page needs {packages}: install it with  pip install 'fsinsure[app]'",
            packages=separated(missing),
        )


def listen(port: int) -> socket.socket:
    """Return a socket on the loopback address.

    Parameters
    ----------
    port
        0: any that is free.

    Raises
    ------
    InputError
        If another program uses the port, or it may not be used.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this would let two servers share a port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        found.close()
        raise InputError(
            "port {port} cannot be used ({reason}): choose another, or omit --port",
            port=str(port),
            reason=reason(error),
        ) from None
    return found


def serve(bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    bound
        From :func:`listen`; closed at the end.
    ready
        Called with the address of the page when it answers.
    """
    os.environ.update(QUIET)
    import uvicorn

    port = bound.getsockname()[1]
    token = secrets.token_urlsafe(24)
    address = f"http://{LOOPBACK}:{port}/?access_token={token}"
    pages: list[Any] = []
    guarded = Guard(_application(token, pages), port)
    config = uvicorn.Config(
        guarded, log_level="error", timeout_graceful_shutdown=PATIENCE, server_header=False
    )
    server = uvicorn.Server(config)

    async def serving() -> None:
        running = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started and not running.done():
            await asyncio.sleep(0.02)
        if server.started:
            ready(address)
        try:
            await running
        finally:
            for page in pages:  # the threads of open pages end with their sessions
                await page.state.session_manager.shutdown()

    with contextlib.closing(bound), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving())


def _application(token: str, pages: list[Any]) -> Any:
    """Return marimo's application for the page; the application of the page is put into a list."""
    import marimo

    from fsinsure.app.tables import STYLE

    font = f'<link rel="preload" href="{FONT_PATH}" as="font" type="font/ttf" crossorigin>'
    head = f"{font}<style>{STYLE}</style>"

    def keep(app: Any) -> Any:
        pages.append(app)
        return app

    return (
        marimo.create_asgi_app(quiet=True, include_code=False, token=token, html_head=head)
        .with_app(path="/", root=str(PAGE), middleware=[cast(Any, keep)])
        .build()
    )


def warm(start: Start) -> None:
    """Compute what the page shows first, so that it is there when it is asked for."""
    from fsinsure.app import figures, model

    own = opened(start.scenario)
    shown = model.Shown(model.projected(own))
    figures.enrollment(shown, start.lang)
    model.sliders_of(own)
