"""Print text: the one place where the command line writes to the terminal."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import typer

from fsinsure.errors import InputError, printable
from fsinsure.files import reason
from fsinsure.messages import Message

if TYPE_CHECKING:
    from typing import TextIO

UNWRITABLE: Final = 2
"""Exit code where a stream cannot be written."""


def say(text: str, *, err: bool = False) -> None:
    """Print text with control characters spelled out.

    Parameters
    ----------
    text
        One or more lines.
    err
        Whether it goes to standard error.

    Raises
    ------
    InputError
        If the stream cannot be written, as on a full disk.
    typer.Exit
        With 2 if nobody reads the stream any more (a closed pipe).
    """
    try:
        typer.echo(printable(text), err=err)
    except OSError as error:
        discard(sys.stderr if err else sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(UNWRITABLE) from None
        name = Message("standard error") if err else Message("standard output")
        raise InputError(
            "cannot write to {name}: {strerror}.", name=name, strerror=reason(error)
        ) from error


def discard(stream: TextIO) -> None:
    """Send what a broken stream still holds to the null device, so that exit does not fail."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), stream.fileno())
