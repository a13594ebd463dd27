"""The standard normal distribution: its distribution function and its quantiles.

The import of ``scipy.special`` takes as much processor time as the projection of a scenario, which
calls but these two functions of it, mostly with a few numbers. So a few numbers are computed here,
by the formulas of scipy and in their order (S. L. Moshier, Cephes Mathematical Library 2.8, 2000,
``ndtr.c`` and ``ndtri.c``), and many by scipy.
"""

from __future__ import annotations

from math import exp, inf, log, nan, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fsinsure.arrays import Array

    Numbers = float | np.int64 | NDArray[Any]

SOME: Final = 30
"""More numbers than these are computed as arrays."""

MANY: Final = 2_000
"""More numbers than these are left to scipy."""

_ROOT_HALF: Final = sqrt(0.5)
_ROOT_TWO_PI: Final = 2.50662827463100050242
_LEAST_EXPONENT: Final = -7.09782712893383996732e2
_CENTRE: Final = 0.13533528323661269189
"""exp(-2): quantiles from here to one less this are of the centre."""

_FAR: Final = 40.0
"""Past the number whose exponent is the least, and its square is a number."""


def ndtr(x: Numbers) -> Array | float:
    """Return the probability of a value up to `x`, elementwise.

    >>> [round(float(p), 6) for p in np.asarray(ndtr(np.array([-1.96, 0.0, 1.0])))]
    [0.024998, 0.5, 0.841345]
    """
    if np.size(x) > MANY:
        from scipy.special import ndtr as many

        return np.asarray(many(x))
    if np.size(x) > SOME:
        return _probabilities(np.asarray(x, dtype=np.float64))
    return _each(_probability, x)


def ndtri(share: Numbers) -> Array | float:
    """Return the value up to which the probability is `share`, elementwise; NaN outside 0 to 1.

    >>> [round(float(z), 6) for z in ndtri(np.array([0.025, 0.5, 1.0]))]
    [-1.959964, 0.0, inf]
    """
    if np.size(share) > MANY:
        from scipy.special import ndtri as many

        return np.asarray(many(share))
    return _each(_quantile, share)


def _each(function: Callable[[float], float], numbers: Numbers) -> Array | float:
    """Return the values of a function of one number: an array, or a number for a number."""
    cells = np.asarray(numbers, dtype=np.float64)
    flat = np.array([function(one) for one in cells.ravel().tolist()])
    found: Array | float = flat.reshape(cells.shape)[()]
    return found


def _probability(x: float) -> float:
    """Return the probability of a value up to a number."""
    scaled = x * _ROOT_HALF
    size = abs(scaled)
    if size < 1.0:
        return float(0.5 + 0.5 * _erf(scaled))
    exponent = -size * size
    if exponent < _LEAST_EXPONENT:
        return 0.0 if scaled < 0.0 else 1.0
    tail: float = 0.5 * (_erfc if size < 8.0 else _erfc_from_8)(size, exp(exponent))
    return 1.0 - tail if scaled > 0.0 else tail


def _probabilities(x: Array) -> Array:
    """Return the same as :func:`_probability` of every number of an array, to the last bit."""
    scaled = x * _ROOT_HALF
    size = np.minimum(np.abs(scaled), _FAR)
    exponent = -size * size
    found = np.where(np.isnan(x), nan, scaled > 0.0)
    near, far = size < 8.0, exponent >= _LEAST_EXPONENT
    centre = size < 1.0
    found[centre] = 0.5 + 0.5 * _erf(scaled[centre])
    for form, some in ((_erfc, near & ~centre), (_erfc_from_8, far & ~near)):
        # That of numpy, for many numbers at once, may have another last bit.
        exponential = np.fromiter(map(exp, exponent[some].tolist()), np.float64)
        tail = 0.5 * form(size[some], exponential)
        found[some] = np.where(scaled[some] > 0.0, 1.0 - tail, tail)
    return np.asarray(found)


def _erf(x: Any) -> Any:
    """Return the error function of numbers between -1 and 1."""
    z = x * x
    p = 9.60497373987051638749e0 * z + 9.00260197203842689217e1
    p = (p * z + 2.23200534594684319226e3) * z + 7.00332514112805075473e3
    p = p * z + 5.55923013010394962768e4
    q = z + 3.35617141647503099647e1
    q = (q * z + 5.21357949780152679795e2) * z + 4.59432382970980127987e3
    q = (q * z + 2.26290000613890934246e4) * z + 4.92673942608635921086e4
    return x * p / q


def _erfc(x: Any, exponential: Any) -> Any:
    """Return the complementary error function of numbers from 1 to 8, with exp(-x^2)."""
    p = 2.46196981473530512524e-10 * x + 5.64189564831068821977e-1
    p = (p * x + 7.46321056442269912687e0) * x + 4.86371970985681366614e1
    p = (p * x + 1.96520832956077098242e2) * x + 5.26445194995477358631e2
    p = (p * x + 9.34528527171957607540e2) * x + 1.02755188689515710272e3
    p = p * x + 5.57535335369399327526e2
    q = x + 1.32281951154744992508e1
    q = (q * x + 8.67072140885989742329e1) * x + 3.54937778887819891062e2
    q = (q * x + 9.75708501743205489753e2) * x + 1.82390916687909736289e3
    q = (q * x + 2.24633760818710981792e3) * x + 1.65666309194161350182e3
    q = q * x + 5.57535340817727675546e2
    return exponential * p / q


def _erfc_from_8(x: Any, exponential: Any) -> Any:
    """Return the complementary error function of numbers from 8 on, with exp(-x^2)."""
    p = 5.64189583547755073984e-1 * x + 1.27536670759978104416e0
    p = (p * x + 5.01905042251180477414e0) * x + 6.16021097993053585195e0
    p = (p * x + 7.40974269950448939160e0) * x + 2.97886665372100240670e0
    q = x + 2.26052863220117276590e0
    q = (q * x + 9.39603524938001434673e0) * x + 1.20489539808096656605e1
    q = (q * x + 1.70814450747565897222e1) * x + 9.60896809063285878198e0
    q = q * x + 3.36907645100081516050e0
    return exponential * p / q


def _quantile(share: float) -> float:
    """Return the value up to which the probability is a share."""
    if not 0.0 < share < 1.0:
        return {0.0: -inf, 1.0: inf}.get(share, nan)
    upper = share > 1.0 - _CENTRE
    rest = 1.0 - share if upper else share
    if rest > _CENTRE:
        return _of_the_centre(rest - 0.5)
    far = sqrt(-2.0 * log(rest))
    value = far - log(far) / far - _of_a_tail(far)
    return value if upper else -value


def _of_the_centre(y: float) -> float:
    """Return the quantile of a share near one half, by the difference from it."""
    z = y * y
    p = -5.99633501014107895267e1 * z + 9.80010754185999661536e1
    p = (p * z + -5.66762857469070293439e1) * z + 1.39312609387279679503e1
    p = p * z + -1.23916583867381258016e0
    q = z + 1.95448858338141759834e0
    q = (q * z + 4.67627912898881538453e0) * z + 8.63602421390890590575e1
    q = (q * z + -2.25462687854119370527e2) * z + 2.00260212380060660359e2
    q = (q * z + -8.20372256168333339912e1) * z + 1.59056225126211695515e1
    q = q * z + -1.18331621121330003142e0
    return (y + y * (z * p / q)) * _ROOT_TWO_PI


def _of_a_tail(far: float) -> float:
    """Return what the quantile of a share in a tail is off from its leading terms."""
    z = 1.0 / far
    if far < 8.0:
        p = 4.05544892305962419923e0 * z + 3.15251094599893866154e1
        p = (p * z + 5.71628192246421288162e1) * z + 4.40805073893200834700e1
        p = (p * z + 1.46849561928858024014e1) * z + 2.18663306850790267539e0
        p = (p * z + -1.40256079171354495875e-1) * z + -3.50424626827848203418e-2
        p = p * z + -8.57456785154685413611e-4
        q = z + 1.57799883256466749731e1
        q = (q * z + 4.53907635128879210584e1) * z + 4.13172038254672030440e1
        q = (q * z + 1.50425385692907503408e1) * z + 2.50464946208309415979e0
        q = (q * z + -1.42182922854787788574e-1) * z + -3.80806407691578277194e-2
        q = q * z + -9.33259480895457427372e-4
    else:
        p = 3.23774891776946035970e0 * z + 6.91522889068984211695e0
        p = (p * z + 3.93881025292474443415e0) * z + 1.33303460815807542389e0
        p = (p * z + 2.01485389549179081538e-1) * z + 1.23716634817820021358e-2
        p = (p * z + 3.01581553508235416007e-4) * z + 2.65806974686737550832e-6
        p = p * z + 6.23974539184983293730e-9
        q = z + 6.02427039364742014255e0
        q = (q * z + 3.67983563856160859403e0) * z + 1.37702099489081330271e0
        q = (q * z + 2.16236993594496635890e-1) * z + 1.34204006088543189037e-2
        q = (q * z + 3.28014464682127739104e-4) * z + 2.89247864745380683936e-6
        q = q * z + 6.79019408009981274425e-9
    return z * p / q
