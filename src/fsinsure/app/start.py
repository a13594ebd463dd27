"""What the page opens with, passed from the command to the page, and what it offers."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.region.load import default_region, region_names
from fsinsure.scenario import load
from fsinsure.scenario.files import bundled_names

if TYPE_CHECKING:
    from fsinsure.scenario import Scenario

VARIABLE: Final = "FSINSURE_APP"
"""The environment variable that holds the start as JSON; also a process of its own inherits it."""


@dataclass(frozen=True)
class Start:
    """What the page opens with.

    Parameters
    ----------
    scenario
        A path, or the name of a shipped scenario.
    lang
        ``zh`` or ``en``.
    """

    scenario: str
    lang: str = "zh"

    def publish(self) -> None:
        """Leave the start for the page."""
        os.environ[VARIABLE] = json.dumps(asdict(self))


def started() -> Start:
    """Return the start that the command left; else the first scenario of the default region."""
    text = os.environ.get(VARIABLE)
    if text is None:
        return Start(first_of(default_region()))
    return Start(**json.loads(text))


@lru_cache(maxsize=32)
def opened(scenario: str) -> Scenario:
    """Load a scenario once."""
    return load(scenario)


@cache
def shipped() -> dict[str, tuple[str, ...]]:
    """Return the names of the shipped scenarios by region, what most others extend first."""
    found: dict[str, list[str]] = {}
    for name in bundled_names():
        found.setdefault(opened(name).region.name, []).append(name)
    order = sorted(found, key=lambda region: region != default_region())
    read = Counter(
        file.stem for names in found.values() for one in names for file in opened(one).files
    )
    return {region: tuple(sorted(found[region], key=lambda name: -read[name])) for region in order}


def offered(start: Start) -> dict[str, tuple[str, ...]]:
    """Return the scenarios that the page offers by region, that of the start among them."""
    own = opened(start.scenario).region.name
    found = dict(shipped())
    known = found.get(own, ())
    if start.scenario not in known:
        found[own] = (start.scenario, *known)
    return found


def first_of(region: str) -> str:
    """Return the scenario that a region is opened with.

    Raises
    ------
    InputError
        If no scenario of it is shipped: then the file of one is given.
    """
    known = shipped()
    if region in known:
        return known[region][0]
    if region in region_names():
        raise InputError(
            "no scenario of the region {region} is shipped: name the file of one", region=region
        )
    raise InputError(
        "there is no region {region!r}.{hint} Shipped: {known}. For a region of your own name the "
        "file of a scenario of it",
        region=region,
        hint=did_you_mean(region, known),
        known=separated(known),
    )


def title_of(region: str) -> dict[str, str]:
    """Return the title of a region that is offered, by language."""
    names = shipped().get(region, (started().scenario,))
    return dict(opened(names[0]).region.title)
