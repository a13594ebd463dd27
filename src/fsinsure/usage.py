"""What the command line says of arguments that it does not understand, in the language in use.

typer reports them in English. What is known of its texts is said in our words; anything else is
kept as it is, behind ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any, Final

import typer

from fsinsure.errors import FsinsureError, IdentityError, InputError, did_you_mean
from fsinsure.messages import (
    EMPTY,
    LANGUAGES,
    VARIABLE,
    Message,
    language,
    phrase,
    separated,
    verbatim,
)
from fsinsure.output.terminal.say import say

STOPPED: Final = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT, as shells report it."""

_UsageError: Any = typer.BadParameter.__base__

_TEXTS: Final = (
    (r"No such option: (?P<name>\S+)", phrase("No such option: {name}")),
    (
        r"No such option: (?P<name>\S+) \(Possible options: (?P<known>.+)\)",
        phrase("No such option: {name} (Possible options: {known})"),
    ),
    (r"No such command (?P<name>.+?)\.", phrase("No such command {name}.")),
    (
        r"No such command (?P<name>.+?)\. Did you mean (?P<known>.+)\?",
        phrase("No such command {name}. Did you mean {known}?"),
    ),
    (r"Missing command\.", phrase("Missing command.")),
    (r"Missing argument (?P<name>.+?)\.", phrase("Missing argument {name}.")),
    (r"Missing option (?P<name>.+?)\.", phrase("Missing option {name}.")),
    (r"Option (?P<name>.+) requires an argument\.", phrase("Option {name} requires an argument.")),
    (
        r"Option (?P<name>.+) does not take a value\.",
        phrase("Option {name} does not take a value."),
    ),
    (
        r"Got unexpected extra argument\(s\) \((?P<names>.+)\)",
        phrase("Got unexpected extra argument(s) ({names})"),
    ),
    (
        r"Invalid value for (?P<name>.+?'\)?): (?P<what>.+)",
        phrase("Invalid value for {name}: {what}"),
    ),
    (
        r"(?:Value error, )?(?P<value>'.*') is not one of (?P<known>.+)\.",
        phrase("{value} is not one of {known}."),
    ),
    (r"Input should be a valid integer.*", phrase("it should be a whole number")),
    (r"Input should be a valid number.*", phrase("it should be a number")),
    (
        r"Input should be greater than or equal to (?P<low>.+)",
        phrase("it should be {low} or more"),
    ),
    (r"Input should be less than or equal to (?P<high>.+)", phrase("it should be {high} or less")),
)
"""The texts of typer, and ours; the first that fits whole."""


def language_of(arguments: Sequence[str]) -> str | None:
    """Return the language that arguments name last, before they are parsed; None without one."""
    found = None
    for option, value in pairwise((*arguments, "")):
        asked = option.removeprefix("--lang=")
        if asked != option or option == "--lang":
            found = value if asked == option else asked
    return found if found in LANGUAGES else None


_PLACES: Final = (phrase("[OPTIONS]"), phrase("COMMAND [ARGS]..."))
"""What typer writes in a usage line for all options, and for a command."""


def check_variable() -> None:
    """Refuse an environment variable that names no language.

    Raises
    ------
    InputError
        With its name and value.
    """
    given = os.environ.get(VARIABLE)
    if given and given not in LANGUAGES:
        raise InputError(
            "the environment variable {variable} is {given!r}: set it to zh or en.{hint}",
            variable=VARIABLE,
            given=given,
            hint=did_you_mean(given, LANGUAGES),
        )


@contextmanager
def reported() -> Iterator[None]:
    """Print errors as messages, without a traceback, and exit with their code."""
    try:
        yield
    except FsinsureError as error:
        with suppress(InputError):  # standard error may be what cannot be written
            say(str(Message("error: {error}", error=error)), err=True)
        raise typer.Exit(1 if isinstance(error, IdentityError) else 2) from None
    except KeyboardInterrupt:
        with suppress(InputError):
            say(str(Message("Stopped.")), err=True)
        raise typer.Exit(STOPPED) from None
    except _UsageError as error:
        if language() == "en" or type(error).__name__ == "NoArgsIsHelpError":
            raise
        say(_shown(error), err=True)
        raise typer.Exit(error.exit_code) from None


def _shown(error: Any) -> str:
    """Return the usage of a command, and what is wrong with its arguments."""
    lines = []
    if error.ctx is not None:
        usage = error.ctx.get_usage().removeprefix("Usage: ")
        for words in _PLACES:
            usage = usage.replace(words, Message(words).text())
        command = f"{error.ctx.command_path} --help"
        lines.append(Message("Usage: {usage}", usage=usage))
        lines.append(Message("Try '{command}' for help.", command=command))
        lines.append(EMPTY)
    lines.append(Message("Error: {error}", error=_worded(error.format_message())))
    return "\n".join(map(str, lines))


def _named(name: str) -> Message:
    """Return the name of an option, with its environment variable."""
    found = re.fullmatch(r"(?P<option>.+) \(env var: '(?P<variable>.+)'\)", name)
    if found is None:
        return verbatim(name)
    return Message("{option} or the environment variable {variable}", **found.groupdict())


def _worded(text: str) -> Message:
    """Return a text of typer in our words, or as it is."""
    for pattern, template in _TEXTS:
        found = re.fullmatch(pattern, text)
        if found:
            values: dict[str, object] = dict(found.groupdict())
            if "what" in values:
                values["what"] = _worded(found["what"])
            if "known" in values:
                values["known"] = separated(found["known"].split(", "))
            if "name" in values:
                values["name"] = _named(found["name"])
            return Message(template, **values)
    return verbatim(text)
