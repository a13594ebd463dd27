"""From the controls of the page to a scenario, and from its result to the numbers shown."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fsinsure.analysis.observe import observe
from fsinsure.analysis.solve import with_settings
from fsinsure.api import run_solved
from fsinsure.app.levers import sliders, year_shown
from fsinsure.dims import TOTAL
from fsinsure.documents.reader import read
from fsinsure.errors import FsinsureWarning, InputError, did_you_mean
from fsinsure.output.labels import label
from fsinsure.registry import NONE, SHARE, registry
from fsinsure.scenario.relief import PAYERS
from fsinsure.scenario.writing import file_text
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.app.levers import Slider
    from fsinsure.app.range import Range
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario

OWN: Final = "own"
"""A choice that leaves the scenario as it is."""
OFF: Final = "off"
WAIVE: Final = "waive"
RELIEFS: Final = (OWN, OFF, WAIVE)
"""As in the scenario, none, or the contributions of employers waived."""

DELAY: Final = "retirement.delay_from"
RULES: Final[Mapping[str, tuple[float, float]]] = {
    "wages": (1.0, 0.0),
    "prices": (0.0, 1.0),
    "both": (0.5, 0.5),
}
"""Rules of indexing beside that of the scenario: the weights of wage and of price growth."""

OTHER_PARTS: Final = ("pension_rate", "pension_flat", "pension_per_year", "pension_top_up")
"""The parts of a rise that a rule of :data:`RULES` does without."""

LONGEST_NAME: Final = 56
SUFFIX: Final = "-what-if"
PINNED: Final = "pinned"
FILE: Final = "what-if.yaml"


@dataclass(frozen=True)
class Setting:
    """Where the controls of the page are.

    Parameters
    ----------
    horizon
        The last year; None: that of the scenario.
    delay
        :data:`OWN`, ``none``, or the first year of the delay of retirement as a text.
    rule
        :data:`OWN` or one of :data:`RULES`.
    relief, relief_year, relief_share
        One of :data:`RELIEFS`; with ``waive`` in which year, and which share.
    levers
        Values of sliders as shown, by parameter.
    other
        Further parameters as lines of a scenario, ``growth.resident: 1%``.
    """

    horizon: int | None = None
    delay: str = OWN
    rule: str = OWN
    relief: str = OWN
    relief_year: int | None = None
    relief_share: float = 1.0
    levers: Mapping[str, float] = field(default_factory=dict)
    other: str = ""


@lru_cache(maxsize=32)
def opened_on_page(scenario: Scenario) -> Scenario:
    """Return a scenario with what it observes solved, once."""
    solved, _ = observe(scenario)
    return solved


def scenario_of(own: Scenario, setting: Setting) -> Scenario:
    """Return the scenario that the controls describe; the same one where none is moved.

    Parameters
    ----------
    own
        The scenario that was opened.
    setting
        The controls.

    Raises
    ------
    FsinsureError
        If a value cannot be used, as loading a file or :func:`fsinsure.run` would say it.
    """
    overrides = {**_choices(own, setting), **further(setting.other)}
    chosen = own.with_(overrides) if overrides else own
    chosen = opened_on_page(chosen)
    moved = {
        one.name: one.setting(setting.levers[one.name])
        for one in sliders_of(own, setting.horizon)
        if setting.levers.get(one.name, one.start) != one.start and one.name not in overrides
    }
    if moved:
        chosen = with_settings(chosen, moved)
    return own if chosen.hash == own.hash and not own.observes else _named(own, chosen)


def sliders_of(own: Scenario, horizon: int | None = None) -> tuple[Slider, ...]:
    """Return the levers of a scenario that was opened, for the years up to a horizon."""
    return sliders(opened_on_page(at_horizon(own, horizon)), year_shown(own))


def at_horizon(own: Scenario, horizon: int | None) -> Scenario:
    """Return a scenario up to another year; the same one if that is its own."""
    return own if horizon in (None, own.horizon) else own.with_({"horizon": horizon})


def _named(own: Scenario, changed: Scenario) -> Scenario:
    """Return a changed scenario with a name and titles of its own."""
    if changed.hash == own.hash:
        return changed
    marks = {"zh": "（调整）", "en": " (changed)"}
    title = {lang: f"{own.title.get(lang, own.name)}{mark}" for lang, mark in marks.items()}
    return replace(changed, name=own.name[:LONGEST_NAME] + SUFFIX, title=title)


def _choices(own: Scenario, setting: Setting) -> dict[str, object]:
    """Return what the controls beside the sliders set."""
    found: dict[str, object] = {}
    if setting.horizon not in (None, own.horizon):
        found["horizon"] = setting.horizon
    if setting.delay != OWN:
        found[DELAY] = None if setting.delay == NONE else int(setting.delay)
    if setting.rule != OWN:
        wages, prices = RULES[setting.rule]
        found |= {f"indexing.{part}": 0 for part in OTHER_PARTS}
        found |= {"indexing.pension_wage_weight": wages, "indexing.pension_price_weight": prices}
    if setting.relief == OFF:
        found["relief"] = []
    if setting.relief == WAIVE:
        found["relief"] = [relief(setting.relief_year or own.region.first_year, setting)]
    return found


def relief(year: int, setting: Setting) -> dict[str, object]:
    """Return the entry of a relief: a share of what employers owe in a year is waived."""
    return {
        "action": "waive",
        "insurance": [fund for fund, payers in PAYERS.items() if "employer" in payers],
        "payer": "employer",
        "share": show(round(setting.relief_share, 6), SHARE.unit),
        "from": f"{year}-01",
        "to": f"{year}-12",
    }


def further(text: str) -> dict[str, object]:
    """Read further parameters, a line each, as dotted keys with values.

    Raises
    ------
    InputError
        If the text is not such lines.

    Examples
    --------
    >>> {key: str(value) for key, value in further("growth.resident: 1%").items()}
    {'growth.resident': '1%'}
    """
    if not text.strip():
        return {}
    data = read(text.encode("utf-8"), FILE).data
    known = registry()
    for name in data:
        if name not in known:
            raise InputError(
                "there is no parameter {name!r}.{hint}",
                name=str(name),
                hint=did_you_mean(str(name), known),
            )
    return dict(data)


def projected(scenario: Scenario) -> Result:
    """Project a scenario of the page by expected values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FsinsureWarning)
        return run_solved(opened_on_page(scenario) if scenario.solved is None else scenario)


def yaml_of(scenario: Scenario) -> str:
    """Return the scenario as the text of a file that gives the same numbers."""
    return file_text(scenario, [f"{scenario.name}: {scenario.title.get('en', scenario.name)}"])


@dataclass(frozen=True)
class Goal:
    """A target as shown.

    Parameters
    ----------
    measure, year
        What is counted, at the end of which year.
    value, projected
        Persons; projected is NaN after the horizon.
    """

    measure: str
    year: int
    value: float
    projected: float

    @property
    def gap(self) -> float:
        """Projected persons less the target."""
        return self.projected - self.value


@dataclass(frozen=True, eq=False)
class Shown:
    """The numbers of the page, all from the tables of a result.

    Parameters
    ----------
    result
        By expected values.
    """

    result: Result

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.result.scenario

    @property
    def goals(self) -> list[Goal]:
        """The targets."""
        rows = self.result.targets[["measure", "year", "target", "projected"]]
        return [Goal(*row) for row in rows.itertuples(index=False)]

    @property
    def measures(self) -> list[str]:
        """The measures that are drawn: those with a target, or with a closing lever."""
        wanted = dict.fromkeys(goal.measure for goal in self.goals)
        if not wanted:
            known = set(self.result.enrollment["measure"])
            wanted = dict.fromkeys(
                one for one in self.scenario.region.closing_levers if one in known
            )
        return list(wanted)[:4]

    def curve(self, measure: str) -> dict[int, float]:
        """Return persons by year, of the region as a whole."""
        table = self.result.enrollment
        rows = table[(table["level"] == TOTAL) & (table["measure"] == measure)]
        return dict(zip(rows["year"].tolist(), rows["persons"].tolist(), strict=True))

    @property
    def funds(self) -> list[str]:
        """The funds."""
        return [str(one) for one in self.result.ledger["fund"].unique()]

    def balance(self, fund: str) -> dict[int, float]:
        """Return the balance at the end of each year, yuan."""
        table = self.result.ledger
        rows = table[(table["level"] == TOTAL) & (table["fund"] == fund)]
        rows = rows[rows["item"] == "closing"]
        return dict(zip(rows["year"].tolist(), rows["yuan"].tolist(), strict=True))

    def indicator(self, fund: str, name: str, year: int) -> float:
        """Return an indicator of a fund; NaN where there is none."""
        table = self.result.indicators
        rows = table[(table["fund"] == fund) & (table["indicator"] == name)]
        found = rows.loc[rows["year"] == year, "value"]
        return float(found.iloc[0]) if len(found) else float("nan")

    def channels(self, measure: str, year: int) -> dict[str, float]:
        """Return the increment from the base year to the end of a year by channel, persons."""
        table = self.result.channels
        rows = table[(table["level"] == TOTAL) & (table["measure"] == measure)]
        rows = rows[(rows["to_year"] <= year) & (rows["to_year"] - rows["from_year"] == 1)]
        found = rows.groupby("channel", sort=False)["persons"].sum()
        return {str(name): float(value) for name, value in found.items()}


def workbook_of(shown: Shown, lang: str, pinned: Shown | None, drawn: Range | None) -> bytes:
    """Return the workbook of what is shown, with what is pinned beside it and the range."""
    from fsinsure.workbook_api import contents_of, workbook_bytes

    others = [] if pinned is None else [_pinned(pinned.result, f"{PINNED}-{shown.scenario.name}")]
    sure = None if drawn is None else drawn.found
    return workbook_bytes(contents_of(shown.result, lang, sure, others))


def called(result: Result, name: str) -> Result:
    """Return a result under another name: both of a pair may be changes of one scenario."""
    return replace(result, scenario=replace(result.scenario, name=name))


def _pinned(result: Result, name: str) -> Result:
    """Return a pinned result, called so for readers too."""
    own = result.scenario
    title = {lang: f"{label('app.pinned', lang)}: {text}" for lang, text in own.title.items()}
    return replace(result, scenario=replace(own, name=name, title=title))
