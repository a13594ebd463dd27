"""How parameters are drawn, as a scenario file says it: read, refused, merged, written again."""

from __future__ import annotations

import pickle
from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foshan import FOSHAN
from fsinsure.analysis.uncertain import uncertain_in
from fsinsure.errors import Position, ScenarioError
from fsinsure.numeric.distributions import (
    Distribution,
    Empirical,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    TwoPieceNormal,
    Uniform,
)
from fsinsure.scenario import Scenario, explain, load
from fsinsure.scenario.files import bundled_folder, bundled_names
from fsinsure.scenario.loader import parsed
from fsinsure.scenario.read_uncertainty import drawable
from fsinsure.scenario.uncertainty import Correlation, Drawn, Uncertainty, drawn_names
from fsinsure.scenario.writing import file_text
from scenario_files import loaded, refused_body, write

FREE = Scenario(name="free", title={}, region=FOSHAN, horizon=2025)

FORMS: dict[str, tuple[str, Drawn]] = {
    "normal": (
        "growth.employee: {normal: {mean: 5%, sd: 1.5%}, persistence: 0.6}",
        Drawn(Normal(0.05, 0.015), 0.6),
    ),
    "lognormal": (
        "wage.mean: {lognormal: {median: 4200, sigma: 0.1}}",
        Drawn(Lognormal(4200, 0.1)),
    ),
    "uniform": ("wage.cv: {uniform: {low: 0.3, high: 0.9}}", Drawn(Uniform(0.3, 0.9))),
    "triangular": (
        "base.dormant: {triangular: {low: 40万, mode: 60万, high: 100万}}",
        Drawn(Triangular(400_000, 600_000, 1_000_000)),
    ),
    "pert": (
        "fund.interest: {pert: {low: 1%, mode: 1%, high: 3%}, persistence: 0}",
        Drawn(Pert(0.01, 0.01, 0.03), 0.0),
    ),
    "range": (
        "wage.growth: {range: {low: 3%, central: 5%, high: 6%}}",
        Drawn(TwoPieceNormal(0.03, 0.05, 0.06)),
    ),
    "empirical": (
        "price.growth: {empirical: [1%, 2%, 1.5%]}",
        Drawn(Empirical((0.01, 0.02, 0.015))),
    ),
    "none": ("base.benefit_share: none", Drawn(None)),
}


def body(*lines: str) -> str:
    return "uncertainty:\n" + "".join(f"  {line}\n" for line in lines)


def correlated(*pairs: tuple[str, str, float]) -> str:
    items = "".join(
        f"    - {{between: [{one}, {other}], value: {value}}}\n" for one, other, value in pairs
    )
    return f"correlations:\n{items}"


@pytest.mark.parametrize(("line", "wanted"), FORMS.values(), ids=FORMS.keys())
def test_each_distribution_in_the_unit_of_its_parameter(
    tmp_path: Path, line: str, wanted: Drawn
) -> None:
    name = line.partition(":")[0]
    scenario = loaded(tmp_path, body(line))
    assert dict(scenario.uncertainty.values) == {name: wanted}
    assert scenario.origins[f"uncertainty.{name}"] == Position("mine.yaml", 3, len(name) + 5)


REFUSED = {
    "no mapping": (
        "uncertainty: growth.employee\n",
        "2:14: uncertainty: expected parameters with a distribution each",
    ),
    "blank": ("uncertainty:\n", "got no value"),
    "unknown parameter": (
        body("growth.employe: none"),
        "3:3: uncertainty.growth.employe: no parameter 'growth.employe'. Did you mean "
        "'growth.employee'?",
    ),
    "section": (
        body("growth: {employee: none}"),
        "3:3: uncertainty.growth: is a section: name each parameter in full, such as "
        "growth.employee",
    ),
    "claims": (
        body("retirement.age_male: {uniform: {low: 60, high: 65}}"),
        "3:3: uncertainty.retirement.age_male: retirement.age_male cannot be drawn: it sets the "
        "months in which people claim",
    ),
    "table": (body("pension.annuity_divisors: none"), "cannot be drawn: it is a table, not a"),
    "choice": (body("mortality.table: none"), "cannot be drawn: it is a choice, not a number"),
    "a number": (
        body("growth.employee: 5%"),
        "3:20: uncertainty.growth.employee: expected a distribution (normal, lognormal, uniform, "
        "triangular, pert, range, empirical), such as {uniform: {low: -30%, high: 60%}}, or none; "
        "got '5%'",
    ),
    "no distribution": (
        body("growth.employee: {persistence: 0.5}"),
        "3:20: uncertainty.growth.employee: no distribution: give one of normal",
    ),
    "two": (
        body("growth.employee: {empirical: [1%, 2%], uniform: {low: 1%, high: 2%}}"),
        "3:42: uncertainty.growth.employee.uniform: uniform beside empirical: keep one",
    ),
    "misspelt": (
        body("growth.employee: {nromal: {mean: 5%, sd: 1%}}"),
        "3:21: uncertainty.growth.employee.nromal: unknown key. Did you mean 'normal'?",
    ),
    "beta": (body("wage.cv: {beta: {low: 0.1, mode: 0.2, high: 1}}"), "Known here: normal,"),
    "missing number": (
        body("growth.employee: {normal: {mean: 5%}}"),
        "uncertainty.growth.employee.normal.sd: is missing: give mean, sd",
    ),
    "unknown number": (
        body("growth.employee: {normal: {mean: 5%, sd: 1%, high: 9%}}"),
        "3:48: uncertainty.growth.employee.normal.high: unknown key.",
    ),
    "numbers as a list": (
        body("growth.employee: {normal: [5%, 1%]}"),
        "3:29: uncertainty.growth.employee.normal: expected the numbers mean, sd; got a list",
    ),
    "mean without %": (
        body("growth.employee: {normal: {mean: 5, sd: 1%}}"),
        "3:36: uncertainty.growth.employee.normal.mean: 5 is out of bounds: expected a share "
        "between -30% and 60%. 5 means 500%; write 5%",
    ),
    "sd without %": (
        body("growth.employee: {normal: {mean: 5%, sd: 1.5}}"),
        "3:44: uncertainty.growth.employee.normal.sd: 1.5 is out of bounds: expected a share "
        "between 0% and 90%. 1.5 means 150%; write 1.5%",
    ),
    "sd of zero": (body("growth.employee: {normal: {mean: 5%, sd: 0%}}"), "sd: must be above 0"),
    "negative sd": (body("growth.employee: {normal: {mean: 5%, sd: -1%}}"), "-1% is out of bounds"),
    "sigma of zero": (body("wage.mean: {lognormal: {median: 4200, sigma: 0}}"), "must be above 0"),
    "median of zero": (
        body("growth.employee: {lognormal: {median: 0%, sigma: 0.1}}"),
        "median: must be above 0: a lognormal number is positive",
    ),
    "another unit": (
        body("base.dormant: {uniform: {low: 10%, high: 100万}}"),
        "3:33: uncertainty.base.dormant.uniform.low: % does not go with a number of people",
    ),
    "all outside the bounds": (
        body("pension.employer_rate: {uniform: {low: 60%, high: 70%}}"),
        "3:42: uncertainty.pension.employer_rate.uniform.low: 60% is out of bounds: expected a "
        "share between 0% and 50%",
    ),
    "low above high": (
        body("wage.cv: {uniform: {low: 0.9, high: 0.3}}"),
        "3:28: uncertainty.wage.cv.uniform.low: 0.9 is above high, 0.3: lower low or raise high",
    ),
    "mode above high": (
        body("wage.cv: {triangular: {low: 0.3, mode: 1.2, high: 0.9}}"),
        "3:42: uncertainty.wage.cv.triangular.mode: 1.2 is above high, 0.9",
    ),
    "low above mode": (
        body("wage.cv: {pert: {low: 0.5, mode: 0.4, high: 0.9}}"),
        "low: 0.5 is above mode, 0.4",
    ),
    "central above high": (
        body("wage.growth: {range: {low: 3%, central: 7%, high: 6%}}"),
        "central: 7% is above high, 6%",
    ),
    "no width": (
        body("wage.growth: {range: {low: 3%, central: 3%, high: 3%}}"),
        "high: low and high are both 3%: what is certain is not drawn",
    ),
    "one value": (
        body("price.growth: {empirical: [1%]}"),
        "3:29: uncertainty.price.growth.empirical: expected at least two values that differ",
    ),
    "equal values": (body("price.growth: {empirical: [1%, 0.01]}"), "two values that differ"),
    "values out of bounds": (
        body("price.growth: {empirical: [1%, 2]}"),
        "3:34: uncertainty.price.growth.empirical[1]: 2 is out of bounds",
    ),
    "persistence of 1": (
        body("price.growth: {empirical: [1%, 2%], persistence: 1}"),
        "3:52: uncertainty.price.growth.persistence: must be below 1",
    ),
    "negative persistence": (
        body("price.growth: {empirical: [1%, 2%], persistence: -0.1}"),
        "persistence: -0.1 is out of bounds",
    ),
    "persistence of a number": (
        body("wage.cv: {uniform: {low: 0.3, high: 0.9}, persistence: 0.5}"),
        "3:45: uncertainty.wage.cv.persistence: wage.cv is one number for all years",
    ),
    "two at once": (
        body("wage.cv: {uniform: {low: 0.9, high: 0.3}}", "price.growth: {empirical: [1%]}"),
        "mine.yaml:4:29: uncertainty.price.growth.empirical",
    ),
    "correlations no list": (
        body("correlations: {growth.employee: 0.5}"),
        "3:17: uncertainty.correlations: expected a list of correlations",
    ),
    "correlation no mapping": (
        body("correlations: [0.5]"),
        "correlations[0]: expected the keys between, value; got 0.5",
    ),
    "correlation without value": (
        body("correlations: [{between: [growth.employee, wage.growth]}]"),
        "correlations[0].value: is missing",
    ),
    "correlation with another key": (
        body("correlations: [{between: [growth.employee, wage.growth], rho: 1}]"),
        "correlations[0].rho: unknown key. Known here: between, value",
    ),
    "three names": (
        body("correlations: [{between: [growth.employee], value: 0.5}]"),
        "correlations[0].between: expected two parameters",
    ),
    "unknown name": (
        body("correlations: [{between: [growth.employee, wage.grwth], value: 0.5}]"),
        "3:46: uncertainty.correlations[0].between[1]: no parameter 'wage.grwth'. Did you mean "
        "'wage.growth'?",
    ),
    "with itself": (
        body("correlations: [{between: [wage.growth, wage.growth], value: 0.5}]"),
        "correlations[0].between: wage.growth with itself: name two parameters",
    ),
    "above 1": (
        body("correlations: [{between: [growth.employee, wage.growth], value: 1.5}]"),
        "correlations[0].value: 1.5 is out of bounds: expected a ratio between -1 and 1",
    ),
    "of 1": (
        body("correlations: [{between: [growth.employee, wage.growth], value: -1}]"),
        "correlations[0].value: must be above -1 and below 1",
    ),
    "a second time": (
        body(
            correlated(
                ("growth.employee", "wage.growth", 0.5), ("wage.growth", "growth.employee", 0.4)
            )
        ),
        "5:7: uncertainty.correlations[1]: growth.employee and wage.growth a second time",
    ),
    "not drawn: without a range": (
        body(correlated(("wage.growth", "pension.employer_rate", 0.5))),
        "4:7: uncertainty.correlations[0]: pension.employer_rate is not drawn, as foshan gives no "
        "range of it: give it a distribution under uncertainty, or leave the correlation out",
    ),
    "not drawn: none": (
        body("wage.growth: none", correlated(("wage.growth", "growth.employee", 0.5))),
        "5:7: uncertainty.correlations[0]: wage.growth is not drawn (uncertainty says none)",
    ),
    "not drawn: set": (
        "wage: {growth: 5%}\n" + body(correlated(("wage.growth", "growth.employee", 0.5))),
        "5:7: uncertainty.correlations[0]: wage.growth is not drawn, as the scenario sets it",
    ),
    "without a value": (
        body("base.employee: {uniform: {low: 10万, high: 20万}}"),
        "3:18: uncertainty.base.employee: base.employee has no value in foshan: set it",
    ),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_and_what_is_said(tmp_path: Path, text: str, said: str) -> None:
    message = refused_body(tmp_path, text)
    assert said in message
    assert message.startswith("mine.yaml:")


def three(low: float, factor: float = 1.0) -> str:
    """Correlations of three parameters of which two pairs move together and one against it."""
    return body(
        correlated(
            ("growth.employee", "wage.growth", -low * factor),
            ("growth.employee", "growth.flexible", low * factor),
            ("growth.flexible", "wage.growth", low * factor),
        )
    )


def test_correlations_that_cannot_hold_together_name_pairs_and_a_factor(tmp_path: Path) -> None:
    """The eigenvalues are 1 + r, 1 + r and 1 - 2 r: with r = 0.9 the smallest is -0.8."""
    message = refused_body(tmp_path, three(0.9))
    assert message.startswith("mine.yaml:4:5: uncertainty.correlations: these correlations cannot")
    assert "growth.employee with wage.growth (-0.9)" in message
    assert "All of them times 0.55 can hold together" in message  # 1 / 1.8 = 0.5556
    assert loaded(tmp_path, three(0.9, factor=0.55))
    assert refused_body(tmp_path, three(0.9, factor=0.56))
    assert refused_body(tmp_path, three(0.5))  # the smallest eigenvalue is zero


def test_only_the_pairs_to_blame_are_named(tmp_path: Path) -> None:
    """Two parameters that both follow a third closely cannot be independent of one another."""
    text = correlated(
        ("growth.employee", "wage.growth", 0.9),
        ("growth.employee", "growth.flexible", 0.9),
        ("price.growth", "fund.interest", 0.3),
    )
    message = refused_body(tmp_path, body(text))
    assert "growth.employee with wage.growth (0.9)" in message
    assert "growth.employee with growth.flexible (0.9)" in message
    assert "price.growth" not in message
    # The smallest eigenvalue is 1 - 0.9 sqrt(2) = -0.27, and 1 / (0.9 sqrt(2)) = 0.786.
    assert "times 0.78 can" in message


def test_the_factor_correlates_scores_and_leaves_others_alone() -> None:
    pairs = (Correlation("a", "b", 0.5), Correlation("c", "a", -0.2))
    found = Uncertainty({}, pairs).factor(["b", "x", "a"])
    assert found == pytest.approx(np.array([[1, 0, 0], [0, 1, 0], [0.5, 0, sqrt(0.75)]]))
    whole = Uncertainty({}, pairs)
    assert whole.matrix("abc") == pytest.approx(
        np.array([[1, 0.5, -0.2], [0.5, 1, 0], [-0.2, 0, 1]])
    )
    factor = whole.factor("abc")
    assert factor @ factor.T == pytest.approx(whole.matrix("abc"))
    assert whole.factor("bcx") == pytest.approx(np.eye(3))


@pytest.mark.parametrize("name", bundled_names())
def test_what_has_correlations_is_what_draws_sample(name: str) -> None:
    for scenario in (load(name), load(name).with_({"uncertainty": {"wage.growth": "none"}})):
        assert list(drawn_names(scenario)) == [one.name for one in uncertain_in(scenario)]


def test_what_is_drawn_are_ranges_of_the_region_and_own_distributions() -> None:
    names = drawn_names(FREE)
    assert {"growth.employee", "wage.growth", "base.dormant"} <= set(names)
    for name in names:
        assert any(one.low is not None for one in FOSHAN.values[name])
    assert "pension.employer_rate" not in names  # law without a range
    own = FREE.with_(
        {"uncertainty": {"pension.employer_rate": {"uniform": {"low": 0.1, "high": 0.2}}}}
    )
    assert set(drawn_names(own)) == {*names, "pension.employer_rate"}
    assert drawn_names(FREE.with_({"uncertainty": {"wage.growth": "none"}})) == tuple(
        name for name in names if name != "wage.growth"
    )
    fixed = FREE.with_({"wage.growth": "5%"})
    assert "wage.growth" not in drawn_names(fixed)
    again = {"uncertainty": {"wage.growth": {"normal": {"mean": 0.05, "sd": 0.01}}}}
    assert "wage.growth" in drawn_names(fixed.with_(again))


PARENT = "name: parent\nregion: foshan\n" + body(
    "growth.employee: {normal: {mean: 5%, sd: 1.5%}}",
    "wage.growth: {normal: {mean: 4%, sd: 1%}}",
    correlated(("growth.employee", "wage.growth", 0.5), ("fund.interest", "wage.growth", 0.2)),
)


def test_own_distributions_stand_before_those_of_the_extended_file(tmp_path: Path) -> None:
    write(tmp_path, PARENT, "parent.yaml")
    child = "extends: parent.yaml\n" + body("wage.growth: {uniform: {low: 1%, high: 9%}}")
    found = loaded(tmp_path, child)
    assert dict(found.uncertainty.values) == {
        "growth.employee": Drawn(Normal(0.05, 0.015)),
        "wage.growth": Drawn(Uniform(0.01, 0.09)),
    }
    assert len(found.uncertainty.correlations) == 2
    assert str(found.origins["uncertainty.growth.employee"]) == "parent.yaml:4:20"
    assert str(found.origins["uncertainty.wage.growth"]) == "mine.yaml:4:16"
    rows = {row.key: (row.value, row.set_by) for row in explain(found)}
    assert rows["uncertainty.wage.growth"] == (
        "{uniform: {low: 1%, high: 9%}}",
        "mine.yaml:4:16",
    )
    assert rows["correlation: growth.employee, wage.growth"] == ("0.5", "parent.yaml:7:7")


def test_correlations_replace_the_whole_list(tmp_path: Path) -> None:
    write(tmp_path, PARENT, "parent.yaml")
    pair = ("price.growth", "wage.growth", 0.1)
    found = loaded(tmp_path, "extends: parent.yaml\n" + body(correlated(pair)))
    assert found.uncertainty.correlations == (Correlation(*pair),)
    found = loaded(tmp_path, "extends: parent.yaml\n" + body("correlations: []"))
    assert found.uncertainty.correlations == ()


@pytest.mark.parametrize("change", ["wage: {growth: 5%}\n", body("wage.growth: none")])
def test_what_is_fixed_loses_its_distribution_and_correlations(tmp_path: Path, change: str) -> None:
    write(tmp_path, PARENT, "parent.yaml")
    found = loaded(tmp_path, f"extends: parent.yaml\n{change}")
    assert "wage.growth" not in drawn_names(found)
    assert found.uncertainty.values["growth.employee"] == Drawn(Normal(0.05, 0.015))
    assert found.uncertainty.correlations == ()


def test_a_value_and_its_distribution_may_be_set_together(tmp_path: Path) -> None:
    write(tmp_path, PARENT, "parent.yaml")
    both = "wage: {growth: 5%}\n" + body("wage.growth: {uniform: {low: 1%, high: 9%}}")
    found = loaded(tmp_path, f"extends: parent.yaml\n{both}")
    assert "wage.growth" in drawn_names(found)
    assert len(found.uncertainty.correlations) == 2


def test_python_sets_what_a_file_would() -> None:
    drawn = {"wage.growth": Drawn(Normal(0.05, 0.01), 0.5)}
    found = FREE.with_({"uncertainty": drawn})
    assert dict(found.uncertainty.values) == drawn
    assert found.origins["uncertainty.wage.growth"] == "with_"
    pair = {"between": ["wage.growth", "growth.employee"], "value": 0.5}
    whole = found.with_({"uncertainty": {"correlations": [pair]}}).uncertainty
    assert dict(whole.values) == drawn
    assert FREE.with_({"uncertainty": whole}).uncertainty == whole
    for one in FORMS.values():
        name = one[0].partition(":")[0]
        assert FREE.with_({"uncertainty": {name: one[1]}}).uncertainty.values[name] == one[1]
    with pytest.raises(ScenarioError, match=r"^uncertainty\.wage\.growth: expected a distribution"):
        FREE.with_({"uncertainty": {"wage.growth": 0.05}})
    with pytest.raises(ScenarioError, match=r"correlations\[0\]: wage\.growth is not drawn"):
        FREE.with_({"wage.growth": 0.05, "uncertainty": {"correlations": [pair]}})


def test_the_hash_has_what_affects_draws_and_no_more(tmp_path: Path) -> None:
    plain = loaded(tmp_path, "")
    assert loaded(tmp_path, "uncertainty: {}\n").hash == plain.hash
    lines = [one for one, _ in FORMS.values()]
    pairs = [("wage.growth", "wage.mean", 0.5), ("price.growth", "wage.cv", 0.2)]
    first = loaded(tmp_path, body(*lines, correlated(*pairs)))
    turned = [(other, one, value) for one, other, value in reversed(pairs)]
    second = loaded(tmp_path, body(*reversed(lines), correlated(*turned)))
    assert plain.hash != first.hash == second.hash
    weaker = loaded(tmp_path, body(*lines, correlated(*pairs[:1], (*pairs[1][:2], 0.1))))
    assert weaker.hash != first.hash
    other = body(*lines[1:], correlated(*pairs))
    assert loaded(tmp_path, other).hash != first.hash
    assert pickle.loads(pickle.dumps(first)) == first


def numbers(name: str) -> st.SearchStrategy[list[float]]:
    """Three ascending numbers within the bounds of a parameter, of at most six decimals."""
    one = drawable()[name]
    low, high = one.low or 0.0, one.high or 0.0
    return st.lists(
        st.floats(low, high).map(lambda x: min(max(round(x, 6) + 0.0, low), high)),
        min_size=3,
        max_size=3,
        unique=True,
    ).map(sorted)


def distributions(name: str) -> st.SearchStrategy[Distribution | None]:
    one = drawable()[name]
    width = (one.high or 0.0) - (one.low or 0.0)
    spread = st.floats(1e-6, width / 2).map(lambda x: round(x, 7))
    sigma = st.floats(1e-6, 4).map(lambda x: round(x, 7))
    three = numbers(name)
    return st.one_of(
        st.none(),
        st.builds(lambda v, sd: Normal(v[1], sd), three, spread),
        st.builds(lambda v: Uniform(v[0], v[2]), three),
        st.builds(lambda v: Triangular(*v), three),
        st.builds(lambda v: Pert(*v), three),
        st.builds(lambda v: TwoPieceNormal(*v), three),
        st.builds(lambda v: Empirical(tuple(v)), three),
        *(
            [st.builds(lambda v, s: Lognormal(v[2], s), three, sigma)]
            if (one.low or 0.0) >= 0.0
            else []
        ),
    )


@st.composite
def uncertainties(draw: st.DrawFn) -> Uncertainty:
    known = [name for name in drawable() if name in FOSHAN.values]
    names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=6, unique=True))
    values = {}
    for name in names:
        one = draw(distributions(name))
        path = drawable()[name].kind == "path" and one is not None
        rho = draw(st.none() | st.floats(0, 0.99).map(lambda x: round(x, 6))) if path else None
        values[name] = Drawn(one, rho)
    drawn = [name for name in names if values[name].distribution is not None]
    strength = st.floats(-0.19, 0.19).map(lambda x: round(x, 6) + 0.0)  # six always hold together
    pairs = [(a, b) for at, a in enumerate(drawn) for b in drawn[:at]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Uncertainty(values, tuple(Correlation(a, b, draw(strength)) for a, b in chosen))


@settings(max_examples=150)
@given(wanted=uncertainties())
def test_what_is_written_and_read_again_is_equal(wanted: Uncertainty) -> None:
    scenario = replace(load("baseline"), uncertainty=wanted)
    again = parsed(file_text(scenario), bundled_folder(), "again.yaml")
    assert again.uncertainty == wanted
    assert again.hash == scenario.hash
