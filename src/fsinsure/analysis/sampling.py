"""Draws of a scenario: shares in (0, 1), and the values of parameters that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from fsinsure.analysis.uncertain import unmoved
from fsinsure.base_year.closure_draws import moves_course
from fsinsure.checks import shares_of_wholes
from fsinsure.draws import closing
from fsinsure.numeric.design import coordinates
from fsinsure.parameters import growing_amounts
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.analysis.uncertain import Uncertain
    from fsinsure.arrays import Array, Ints
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario


def shares_of(
    scenario: Scenario, uncertain: Sequence[Uncertain], draws: int, seed: int, design: str
) -> dict[str, Array]:
    """Return the shares from which draws start, correlated as the scenario says.

    A share is the probability of a smaller value. The yearly deviations of a path with a
    persistence have normal scores ``z[t] = rho z[t-1] + sqrt(1 - rho^2) e[t]``, a stationary
    autoregressive process (Box, Jenkins and Reinsel 2008, 3.2); correlations are those of the
    scores (Gaussian copula, Nelsen 2006, 2.3).

    Parameters
    ----------
    scenario
        With its correlations and years.
    uncertain
        What is drawn.
    draws, seed, design
        As of :func:`fsinsure.numeric.design.coordinates`.

    Returns
    -------
    dict
        By parameter ``[draw]``, with a persistence ``[draw, year]``.
    """
    names = [one.name for one in uncertain]
    known = [name for name, one in registry().items() if one.kind in ("path", "scalar")]
    points = coordinates(names, draws, seed, design, known)
    found = dict(zip(names, _correlated(scenario, names, points), strict=True))
    lasting = {one.name: one.persistence for one in uncertain if one.persistence is not None}
    scores = {name: [ndtri(found[name])] for name in lasting}
    for year in range(scenario.region.first_year + 1, scenario.horizon + 1) if lasting else ():
        own = coordinates([f"{name} {year}" for name in lasting], draws, seed, design, ())
        new = ndtri(_correlated(scenario, list(lasting), own))
        for (name, rho), score in zip(lasting.items(), new, strict=True):
            scores[name].append(rho * scores[name][-1] + np.sqrt(1.0 - rho**2) * score)
    return found | {name: ndtr(np.stack(one, axis=-1)) for name, one in scores.items()}


def _correlated(scenario: Scenario, names: Sequence[str], shares: Array) -> Array:
    """Correlate independent shares ``[name, draw]``; those without a correlation stay."""
    if not scenario.uncertainty.correlations:
        return shares
    factor = scenario.uncertainty.factor(names)
    linked = np.count_nonzero(factor, axis=1) > 1
    # Not a matrix product, whose last digits depend on the processor.
    scores = np.einsum("ij,jd->id", factor, ndtri(shares))
    return np.where(linked[:, None], ndtr(scores), shares)


@dataclass(frozen=True, eq=False)
class Sample:
    """Values of what is uncertain, by draw.

    Parameters
    ----------
    values
        By parameter: of a number ``[draw]``, of a path ``[draw, year]``, where areas differ
        ``[draw, year, area]``.
    base
        The values ``[draw]`` that the base year of each draw follows from.
    truncated
        By parameter the largest share of its distribution beyond the bounds.
    scaled
        By parameter the share of draws in which it was scaled, as shares of one whole added up to
        more than it.
    """

    values: Mapping[str, Array]
    base: Mapping[str, Array]
    truncated: Mapping[str, float]
    scaled: Mapping[str, float]

    def select_draws(self, draws: slice | Ints) -> Sample:
        """Return some of the draws."""
        values, base = (
            {name: one[draws] for name, one in group.items()} for group in (self.values, self.base)
        )
        return replace(self, values=values, base=base)


def sample(
    parameters: Parameters, uncertain: Sequence[Uncertain], shares: Mapping[str, Array]
) -> Sample:
    """Return the values of parameters by draw.

    Parameters
    ----------
    parameters
        Of the scenario, held at its base year.
    uncertain
        What is drawn.
    shares
        As of :func:`shares_of`; what has none keeps its value.
    """
    values: dict[str, Array] = {}
    cut: dict[str, float] = {}
    for one in uncertain:
        if one.name in shares:
            values[one.name], cut[one.name] = one.values(parameters, shares[one.name])
    scaled = _within_wholes(parameters, values)
    return Sample(values, _base_of(parameters, values), cut, scaled)


def at_ends(parameters: Parameters, uncertain: Sequence[Uncertain]) -> Sample:
    """Return two draws of each parameter: at its 10th percentile, then at its 90th.

    All other parameters of such a draw keep the values of the scenario, to the last bit; so shares
    of one whole that then add up to more than it are not scaled.
    """
    values, draws = {}, 2 * len(uncertain)
    for at, one in enumerate(uncertain):
        values[one.name] = np.repeat(unmoved(parameters, one.name)[None], draws, axis=0)
        values[one.name][2 * at : 2 * at + 2] = one.ends(parameters)
    return Sample(values, _base_of(parameters, values), dict.fromkeys(values, 0.0), {})


def _base_of(parameters: Parameters, values: Mapping[str, Array]) -> dict[str, Array]:
    """Return the drawn values ``[draw]`` that the base year follows from."""
    # A rate that the scenario sets is one to come: the base year has that of the region.
    return {
        name: drawn if drawn.ndim == 1 else drawn[:, 0]
        for name, drawn in values.items()
        if closing(name) or (moves_course(name) and name not in parameters.scenario.values)
    }


def _within_wholes(parameters: Parameters, values: dict[str, Array]) -> dict[str, float]:
    """Scale drawn shares of one whole where they add up to more than it.

    Those that are not drawn stay.

    Returns
    -------
    dict
        By parameter the share of draws in which it was scaled.
    """
    scaled = {}
    for names in shares_of_wholes():
        drawn = [name for name in names if name in values]
        if not drawn:
            continue
        at = parameters.path if names[0] in parameters.paths else parameters.constant
        left = 1.0 - sum((at(name) for name in names if name not in values), np.zeros(1))
        yearly = [one if one.ndim > 1 else one[:, None] for one in map(values.__getitem__, drawn)]
        total = np.sum(yearly, axis=0)
        over = total > left
        if not over.any():
            continue
        factor = np.where(over, left / np.where(over, total, 1.0), 1.0)
        for name in drawn:
            values[name] = values[name] * (factor if values[name].ndim > 1 else factor[:, 0])
            scaled[name] = float(over.any(axis=-1).mean())
    return scaled


def drawn_parameters(parameters: Parameters, drawn: Sample) -> Parameters:
    """Return parameters with the values of each draw; growth ends with the people there are.

    After its last known year an amount grows from its drawn value, as wages or prices of the draw.

    Parameters
    ----------
    parameters
        As of :func:`sample`.
    drawn
        From it.
    """
    known = {name: (last, full) for name, last, full, _ in growing_amounts(parameters)}
    grows = {name: one for name, one in known.items() if name in drawn.values}
    fixed = {name: one for name, one in drawn.values.items() if name not in grows}
    found = replace(parameters.with_draws(fixed) if fixed else parameters, limited=True)
    later = {}
    for name, (last, full) in grows.items():
        later[name], beyond = drawn.values[name], parameters.years > last
        if beyond.any():
            # Those years have the deviation of the last value, which the growth starts from.
            at = int(beyond.argmax())
            ratio = (later[name][:, at] - parameters.path(name)[at] + full) / full
            later[name] = np.where(beyond, found.path(name) * ratio[:, None], later[name])
    return replace(found, paths={**found.paths, **later})
