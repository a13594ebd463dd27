"""Who gets an answer from the what-if page, and how the command refuses what it cannot use."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from typer.testing import CliRunner

from fsinsure.app import server
from fsinsure.app.guard import FONT_PATH, LOOPBACK, Guard
from fsinsure.app.start import Start, first_of, offered, started
from fsinsure.cli import app
from fsinsure.errors import InputError

PORT = 8123
HERE = (b"host", b"127.0.0.1:8123")


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """An application that lets every origin read what it says."""
    headers = [(b"access-control-allow-origin", b"*"), (b"x-own", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"secret"})


def ask(
    *headers: tuple[bytes, bytes], kind: str = "http", query: bytes = b"", path: str = "/"
) -> list[Any]:
    """Return what the guarded application sends for a request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": f"{kind}.connect"}

    scope = {"type": kind, "headers": headers, "query_string": query, "path": path}
    asyncio.run(Guard(answering, PORT)(scope, receive, send))
    return sent


@pytest.mark.parametrize("host", [b"127.0.0.1:8123", b"localhost:8123", b"LOCALHOST:8123"])
def test_this_machine_is_answered_and_other_origins_may_not_read(host: bytes) -> None:
    start, body = ask((b"host", host), (b"origin", b"http://" + host))
    names = {name for name, _ in start["headers"]}
    assert (start["status"], body["body"]) == (200, b"secret")
    assert {b"x-own", b"content-security-policy"} <= names
    assert b"access-control-allow-origin" not in names


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"rebound.example:8123")],
        [(b"host", b"127.0.0.1")],
        [(b"host", b"127.0.0.1:8124")],
        [(b"host", b"127.0.0.1.rebound.example:8123")],
        [HERE, (b"host", b"rebound.example:8123")],
        [HERE, (b"origin", b"https://other.example")],
        [HERE, (b"origin", b"null")],
        [HERE, (b"origin", b"http://127.0.0.1:8124")],
        [HERE, (b"origin", b"http://localhost:8123")],
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_other_hosts_and_origins_are_refused(headers: list[tuple[bytes, bytes]], kind: str) -> None:
    sent = ask(*headers, kind=kind)
    assert b"secret" not in [one.get("body") for one in sent]
    if kind == "http":
        assert sent[0]["status"] == 403
    else:
        assert [one["type"] for one in sent] == ["websocket.close"]


def test_a_query_beyond_ascii_is_refused() -> None:
    assert ask(HERE, query=b"access_token=%EF%BC%88")[0]["status"] == 403
    assert ask(HERE, query=b"access_token=abc")[0]["status"] == 200


def test_the_font_comes_from_this_server() -> None:
    start, body = ask(HERE, path=FONT_PATH)
    assert dict(start["headers"])[b"content-type"] == b"font/ttf"
    assert body["body"][:4] == b"\x00\x01\x00\x00"  # the mark of a TrueType font


def test_the_socket_is_of_the_loopback_address_only() -> None:
    with server.listen(0) as bound:
        address, port = bound.getsockname()
        assert address == LOOPBACK
        assert port > 0


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} cannot be used"):
            server.listen(port)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda _name: None)
    run = CliRunner().invoke(app, ["app", "--no-browser"])
    assert run.exit_code == 2
    assert "pip install 'fsinsure[app]'" in run.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.yaml"], "nowhere.yaml"),
        (["basline"], "baseline"),
        (["--region", "nowhere"], "there is no region 'nowhere'"),
        (["baseline", "--region", "example"], "omit --region"),
        (["--port", "70000"], "--port"),
        (["--lang", "fr"], "fr"),
    ],
)
def test_what_cannot_be_opened_ends_with_2(arguments: list[str], message: str) -> None:
    pytest.importorskip("marimo", reason="marimo is not installed: the page was not opened")
    run = CliRunner().invoke(app, ["app", "--no-browser", *arguments])
    assert run.exit_code == 2
    assert message in run.output
    assert "Traceback" not in run.output


def test_a_region_opens_with_a_scenario_that_extends_no_other() -> None:
    assert first_of("example") == "example"
    found = offered(Start("example"))
    assert set(found) == {"foshan", "china", "example"}
    assert "flexible-expansion" in found["foshan"]


def test_the_start_is_left_for_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSINSURE_APP", "")
    Start("example", "en").publish()
    assert started() == Start("example", "en")
