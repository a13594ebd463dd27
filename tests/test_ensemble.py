"""Ensembles: hand calculations, closed forms, simulated truth, and the same bits everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from scipy.stats import binom

import fsinsure as fs
from fsinsure.analysis import draw_blocks, ensemble_tables
from fsinsure.analysis.draw_blocks import DrawPlan, run_draws
from fsinsure.analysis.projected_draws import FUND_ITEMS, Draws
from fsinsure.analysis.sampling import Sample, drawn_parameters, sample, shares_of
from fsinsure.analysis.spread import COLUMNS, first_year, spread, years_spread
from fsinsure.analysis.uncertain import fixed_in, uncertain_in
from fsinsure.base_year.closure_draws import moves_course
from fsinsure.checks import SAME_PEOPLE, WHOLES, prepare
from fsinsure.draws import closing
from fsinsure.engine import cohort
from fsinsure.measures import enrollment, groups, measures
from fsinsure.microsim.parallel.executors import Execution
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS

EMPLOYEES = 132_900.0
"""Employees of the invented region in 2022: 142,700 in unemployment insurance, of whom 9,800 are
civil staff of institutions."""

INSURED = 142_700.0


def alone(name, said, base="example", **more):
    """A scenario in which only one parameter is uncertain."""
    scenario = fs.load(base)
    none = {one.name: "none" for one in uncertain_in(scenario)}
    first = scenario.region.first_year
    changes = {"uncertainty": {**none, name: said}, "horizon": first, "targets": [], **more}
    return scenario.with_(changes, name="alone")


@pytest.fixture(scope="module")
def small():
    """An ensemble of every assumption of the invented region."""
    scenario = fs.load("example").with_({"horizon": 2024}, name="small")
    return fs.ensemble(scenario, draws=64, seed=3)


# ---- values that are drawn


def test_every_range_is_drawn_but_what_the_scenario_sets():
    scenario = fs.load("baseline")
    ranged = {
        name for name, values in scenario.region.values.items() if any(one.basis for one in values)
    }
    drawn = {one.name for one in uncertain_in(scenario)}
    assert drawn | set(fixed_in(scenario)) == ranged - set(scenario.values)
    assert drawn & set(fixed_in(scenario)) == set()
    set_here = scenario.with_({"wage.growth": "5%"})
    assert "wage.growth" not in {one.name for one in uncertain_in(set_here)}
    said = set_here.with_({"uncertainty": {"wage.growth": {"normal": {"mean": "5%", "sd": "1%"}}}})
    assert "wage.growth" in {one.name for one in uncertain_in(said)}


def test_an_assumption_has_the_ends_of_its_range_at_their_shares():
    scenario = fs.load("baseline")
    parameters, _ = prepare(scenario)
    some = [one for one in uncertain_in(scenario) if one.name in ("growth.employee", "wage.mean")]
    found = sample(parameters, some, {one.name: np.array([0.1, 0.5, 0.9]) for one in some})
    for name in ("growth.employee", "wage.mean"):
        own = [one for one in scenario.region.values[name] if one.basis]
        values = found.values[name].reshape(3, -1)
        for at, one in enumerate(own[: values.shape[1]]):
            ends = [float(one.low), float(one.text), float(one.high)]
            np.testing.assert_allclose(values[:, at], ends, rtol=1e-12)
    assert found.truncated["wage.mean"] < 1e-4


def test_a_path_that_the_scenario_draws_moves_as_a_whole_within_its_bounds():
    low, high = registry()["growth.employee"].low, registry()["growth.employee"].high
    path = {2023: "10%", 2024: "30%"}
    said = {"uniform": {"low": "-30%", "high": "60%"}}
    scenario = alone("growth.employee", said, **{"growth.employee": path, "horizon": 2024})
    parameters, _ = prepare(scenario)
    (one,) = uncertain_in(scenario)
    values, cut = one.values(parameters, np.array([1e-9, 0.5, 1.0 - 1e-9]))
    np.testing.assert_allclose(values[:, 1] - values[:, 0], 0.2, rtol=1e-12)
    assert (values >= low).all() and (values <= high).all()
    # The second year is 20 points above the first, which so may reach high - 20 %.
    assert cut == pytest.approx(1.0 - (high - 0.2 + 0.3) / 0.9, abs=1e-12)


def test_persistent_paths_have_the_moments_and_correlations_that_are_asked_for():
    years, rho, linked = 30, 0.7, 0.5
    said = {"normal": {"mean": "0%", "sd": "1%"}, "persistence": rho}
    first = fs.load("example").region.first_year
    scenario = alone(
        "growth.employee",
        said,
        **{"growth.employee": 0.0, "wage.growth": 0.0, "horizon": first + years - 1},
    ).with_(
        {
            "uncertainty": {
                "wage.growth": said,
                "correlations": [{"between": ["growth.employee", "wage.growth"], "value": linked}],
            }
        }
    )
    parameters, _ = prepare(scenario)
    some = uncertain_in(scenario)
    draws = 20_000
    found = sample(parameters, some, shares_of(scenario, some, draws, 5, "random")).values
    a, b = (found[name] / 0.01 for name in ("growth.employee", "wage.growth"))
    assert a.shape == (draws, years)
    close = 4.0 / np.sqrt(draws)
    for at in (0, 1, years - 1):
        assert abs(a[:, at].mean()) < close
        assert abs(a[:, at].std() - 1.0) < close
        assert abs(np.corrcoef(a[:, at], b[:, at])[0, 1] - linked) < close
    for lag in (1, 2, 5):
        assert abs(np.corrcoef(a[:, 0], a[:, lag])[0, 1] - rho**lag) < close
        assert abs(np.corrcoef(a[:, -1 - lag], a[:, -1])[0, 1] - rho**lag) < close


@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_the_same_seed_draws_the_same_for_the_same_parameter_in_every_scenario(design):
    base = fs.load("baseline")
    other = base.with_({"growth.employee": "3%", "horizon": 2027}, name="other")
    shares = [shares_of(one, uncertain_in(one), 32, 9, design) for one in (base, other)]
    common = shares[0].keys() & shares[1].keys()
    assert "growth.employee" not in common and len(common) > 50
    for name in common:
        np.testing.assert_array_equal(shares[0][name], shares[1][name])
    again = shares_of(base, uncertain_in(base), 32, 10, design)
    assert all((again[name] != shares[0][name]).any() for name in common)


def test_shares_of_one_whole_never_exceed_it():
    scenario = fs.load("baseline")
    parameters, _ = prepare(scenario)
    some = uncertain_in(scenario)
    found = sample(parameters, some, {one.name: np.array([0.5, 0.999]) for one in some})
    drawn = drawn_parameters(parameters, found)
    wholes = [*SAME_PEOPLE, *([n for n in registry() if n.startswith(stem)] for stem in WHOLES)]
    totals = []
    for names in wholes:
        at = drawn.path if names[0] in drawn.paths else drawn.constant
        totals.append(np.max(sum(at(name) for name in names)))
    assert max(totals) <= 1.0 + 1e-12
    assert max(totals) > 1.0 - 1e-12
    assert set(found.scaled.values()) == {0.5}


def test_amounts_grow_from_the_value_that_was_drawn():
    said = {"uniform": {"low": 20_000, "high": 30_000}}
    path = {2023: 25_000, "then": "wage"}
    more = {"pension.base_cap": path, "wage.growth": "10%", "horizon": 2025}
    scenario = alone("pension.base_cap", said, **more)
    parameters, _ = prepare(scenario)
    some = uncertain_in(scenario)
    found = sample(parameters, some, {"pension.base_cap": np.array([0.2, 0.8])})
    cap = drawn_parameters(parameters, found).path("pension.base_cap")
    np.testing.assert_allclose(cap[0], 22_000 * 1.1 ** np.arange(3))
    np.testing.assert_allclose(cap[1], 28_000 * 1.1 ** np.arange(3))


# ---- what comes of draws


def constant(scenario, draws):
    """A sample in which every draw has the central values."""
    parameters, base = prepare(scenario)
    values = {}
    for one in uncertain_in(scenario):
        name = one.name
        if name in parameters.scalars:
            value = np.asarray(parameters.number(name))
        else:
            value = parameters.area_paths.get(name, parameters.paths.get(name))
        values[name] = np.repeat(value[None], draws, axis=0)
    first = {
        name: one if one.ndim == 1 else one[:, 0]
        for name, one in values.items()
        if closing(name) or moves_course(name)
    }
    return parameters, base, Sample(values, first, {}, {})


@pytest.mark.parametrize("name", ["baseline", "example", "china"])
def test_draws_without_spread_are_the_single_run_to_the_bit(name):
    scenario = fs.load(name)
    parameters, base, drawn = constant(scenario, 3)
    found = run_draws(DrawPlan(parameters, base, drawn, 3))
    single = cohort.project(parameters, base)
    people = {key: group.count(single.persons) for key, group in groups().items()}
    books = single.ledger
    flows = [
        books.interest[fund] if item == "interest" else books.flows[fund, item].sum(axis=-1)
        for fund, item in FUND_ITEMS
    ]
    for draw in range(3):
        expected = enrollment(people, single.coverage)
        np.testing.assert_array_equal(found.enrollment[draw], expected)
        np.testing.assert_array_equal(found.closing[draw], [books.closing[f] for f in FUNDS])
        np.testing.assert_allclose(found.flows[draw], np.stack(flows), rtol=1e-12)
    # A draw beside others agrees with its single run up to the order of sums.
    apart = {key: one.copy() for key, one in drawn.values.items()}
    apart["wage.mean"][1] *= 1.1
    beside = run_draws(DrawPlan(parameters, base, replace(drawn, values=apart), 3))
    other = cohort.project(parameters.with_draws({"wage.mean": apart["wage.mean"][1]}), base)
    balances = np.array([other.ledger.closing[f] for f in FUNDS])
    np.testing.assert_allclose(beside.closing[1], balances, rtol=1e-12)
    np.testing.assert_array_equal(beside.closing[[0, 2]], found.closing[[0, 2]])
    columns = spread(found.enrollment)
    assert (columns == columns[..., :1]).all()
    assert (columns[..., 0] == found.enrollment[0]).all()


@pytest.mark.parametrize("value", ["14.5万", "15.2万", "16万"])
def test_the_probability_of_a_target_is_the_closed_form(value):
    mean, sd = 0.05, 0.03
    target = {"measure": "unemployment", "year": 2023, "value": value}
    said = {"normal": {"mean": mean, "sd": sd}}
    found = fs.ensemble(alone("growth.employee", said, targets=[target]), draws=1024, seed=1)
    wanted = (float(value[:-1]) * 1e4 - INSURED) / EMPLOYEES
    exact = 1.0 - ndtr((wanted - mean) / sd)
    row = found.targets.iloc[0]
    assert row["probability"] == pytest.approx(exact, abs=2.5 / 1024)
    assert row["standard_error"] == pytest.approx(np.sqrt(exact * (1 - exact) / 1024), rel=0.2)
    assert row["p50"] == pytest.approx(INSURED + EMPLOYEES * mean, rel=1e-4)
    assert row["p90"] == pytest.approx(INSURED + EMPLOYEES * (mean + 1.2815515655 * sd), rel=1e-4)


def test_the_range_of_four_fifths_holds_the_truth_in_four_fifths_of_worlds():
    scenario = fs.load("example").with_({"horizon": 2024, "targets": []}, name="worlds")
    parameters, base = prepare(scenario)
    some = uncertain_in(scenario)

    def drawn(count, seed, design):
        values = sample(parameters, some, shares_of(scenario, some, count, seed, design))
        found = run_draws(DrawPlan(parameters, base, values, count))
        return found.select(found.projected)

    truth, ranged = drawn(600, 11, "random"), drawn(512, 12, "sobol")
    injury, fund = measures().index("injury"), FUNDS.index("unemployment")
    for own, whole in (
        [one.enrollment[:, injury, -1].sum(axis=-1) for one in (truth, ranged)],
        [one.closing[:, fund, -1] for one in (truth, ranged)],
    ):
        low, high = np.percentile(whole, [10, 90])
        held, worlds = int(((own >= low) & (own <= high)).sum()), len(own)
        # The ends themselves have an error of about a sixth of a standard deviation of `held`.
        assert binom.cdf(held, worlds, 0.8) > 1e-4
        assert binom.sf(held, worlds, 0.8) > 1e-4


def test_results_do_not_depend_on_blocks_threads_and_order(monkeypatch):
    scenario = fs.load("example").with_({"horizon": 2023}, name="blocks")
    parameters, base = prepare(scenario)
    some = uncertain_in(scenario)
    drawn = sample(parameters, some, shares_of(scenario, some, 9, 2, "latin"))
    plan = DrawPlan(parameters, base, drawn, 9)
    whole = run_draws(plan, Execution(threads=1))
    for size, threads in ((4, 1), (1, 2)):
        monkeypatch.setattr(draw_blocks, "BLOCK", size)
        same(run_draws(plan, Execution(threads=threads)), whole)
    back = np.arange(9)[::-1]
    turned = run_draws(replace(plan, drawn=drawn.select_draws(back)))
    same(turned.select(back), whole)


def same(one, other):
    for name, values in one.arrays.items():
        np.testing.assert_array_equal(values, other.arrays[name], err_msg=name)


def test_growth_ends_with_the_people_there_are_and_is_reported():
    target = {"measure": "unemployment", "year": 2023, "value": "15万"}
    said = {"uniform": {"low": "0%", "high": "60%"}}
    scenario = alone("growth.employee", said, targets=[target], horizon=2025)
    found = fs.ensemble(scenario, draws=64)
    row = found.exceptions.iloc[0]
    assert row["outcome"] == "limited" and 0.0 < row["share"] < 0.8
    assert len(found.draws.reason) == 64
    wanted = (150_000 - INSURED) / EMPLOYEES
    reached = found.targets["probability"].iloc[0]
    assert reached == pytest.approx(1.0 - wanted / 0.6, abs=1.5 / 64)
    with pytest.raises(fs.PoolError):
        fs.run(scenario.with_({"growth.employee": "60%"}))


def test_draws_that_cannot_be_closed_are_counted_with_their_reason():
    said = {"uniform": {"low": "40%", "high": "100%"}}
    found = fs.ensemble(alone("base.benefit_share", said, base="baseline", horizon=2021), draws=64)
    kept, asked = len(found.draws.reason), 64
    refused = found.exceptions[found.exceptions["outcome"] == "refused"]
    assert kept + refused["draws"].sum() == asked


DRAWN = {
    "wage.mean": 4_200.0,
    "wage.cv": 0.7,
    "civil.wage": 9_000.0,
    "civil.pension": 6_000.0,
    "base.dormant": 25_000.0,
    "pension.in_payment": 2_900.0,
    "retirement.cadre_share": 0.3,
    "wage.growth": 0.08,
    "growth.employee": 0.03,
    "fund.share_unemployment": 0.06,
}
"""Values within the bounds, other than the central ones."""


@pytest.mark.parametrize("name", DRAWN)
def test_a_draw_is_the_run_of_a_scenario_or_region_with_its_value(name):
    scenario = fs.load("example").with_({"horizon": 2024, "targets": []}, name="one")
    parameters, base = prepare(scenario)
    (one,) = (one for one in uncertain_in(scenario) if one.name == name)
    shape = one.values(parameters, np.array([0.5]))[0].shape[1:]
    values = np.full((2, *shape), DRAWN[name])
    first = values if values.ndim == 1 else values[:, 0]
    moves = closing(name) or moves_course(name)
    drawn = Sample({name: values}, {name: first} if moves else {}, {}, {})
    found = run_draws(DrawPlan(parameters, base, drawn, 2))
    set_there = tuple(
        replace(entry, text=repr(DRAWN[name])) for entry in scenario.region.values[name]
    )
    region = replace(
        scenario.region,
        history={**scenario.region.history, name: set_there},
        digest=f"{scenario.region.digest} {name}",
    )
    run = fs.run(replace(scenario, region=region)).projection
    balances = np.array([run.ledger.closing[fund] for fund in FUNDS])
    np.testing.assert_allclose(found.closing[0], balances, rtol=1e-9)
    people = {key: group.count(run.persons) for key, group in groups().items()}
    expected = enrollment(people, run.coverage)
    np.testing.assert_allclose(found.enrollment[1], expected, rtol=1e-9)


# ---- tables, by hand


def four_draws():
    """Two years, one area: four draws by hand."""
    draws = 4
    people = np.zeros((draws, len(measures()), 3, 1))
    index = measures().index("unemployment")
    people[:, index, :, 0] = [[10, 10, 10], [10, 20, 20], [10, 10, 30], [10, 40, 5]]
    closing_ = np.ones((draws, len(FUNDS), 3))
    closing_[:, 0] = [[5, -1, 3], [5, 1, -1], [5, 1, 0], [5, 1, 1]]
    flows = np.zeros((draws, len(FUND_ITEMS), 2))
    reason = np.array(["", "", "", ""], dtype="<U200")
    limited = np.array([False, True, False, False])
    return Draws(reason, limited, people, np.ones((draws, 3)), closing_, flows)


def test_targets_arrivals_and_depletion_by_hand():
    draws, years = four_draws(), np.array([2020, 2021, 2022])
    wanted = [fs.Target("unemployment", 2022, 20.0), fs.Target("unemployment", 2024, 20.0)]
    table = ensemble_tables.targets(draws, wanted, years, 2022, "x")
    assert table["probability"].tolist()[0] == 0.5
    assert np.isnan(table["probability"].tolist()[1:]).all()  # beyond the horizon; so all together
    alone_ = ensemble_tables.targets(draws, wanted[:1], years, 2022, "x")
    assert alone_["measure"].tolist() == ["unemployment", "all"]
    assert alone_["probability"].tolist() == [0.5, 0.5]
    assert alone_["mean"][0] == 16.25 and alone_["p50"][0] == 15.0
    when = ensemble_tables.arrivals(draws, wanted[:1], years, "x")
    assert when["probability"].tolist() == [0.0, 0.5, 0.25, 0.25]
    assert when["year"].isna().tolist() == [False, False, False, True]
    assert when["cumulative"].tolist()[:3] == [0.0, 0.5, 0.75]
    out = ensemble_tables.depletion(draws, years, "x").set_index("fund")
    assert out["probability"].iloc[0] == 0.5
    assert out.iloc[0][["p5", "p10", "p25", "p50"]].tolist() == [2021, 2021, 2021, 2022]
    assert out.iloc[0][["p75", "p90", "p95"]].isna().all()
    assert (out["probability"].iloc[1:] == 0.0).all()
    odd = ensemble_tables.exceptions(draws, "x")
    assert odd[["outcome", "draws", "share"]].to_numpy().tolist() == [["limited", 1, 0.25]]
    unknown = replace(draws, closing=np.full_like(draws.closing, np.nan))
    assert ensemble_tables.depletion(unknown, years, "x")["probability"].isna().all()


def test_a_joint_probability_is_that_of_the_same_draws():
    draws = four_draws()
    draws.enrollment[:, measures().index("injury"), 2, 0] = [9, 0, 0, 9]
    wanted = [fs.Target("unemployment", 2022, 20.0), fs.Target("injury", 2022, 5.0)]
    table = ensemble_tables.targets(draws, wanted, np.array([2020, 2021, 2022]), 2022, "x")
    assert table["probability"].tolist() == [0.5, 0.5, 0.0]


def test_drivers_find_the_weights_of_a_linear_subject():
    random = np.random.default_rng(0)
    values = {name: random.normal(size=4000) for name in ("wage.mean", "wage.cv", "wage.growth")}

    class One:
        def __init__(self, name):
            self.name, self.basis = name, "judgement"

    subject = 3.0 * values["wage.mean"] - 4.0 * values["wage.cv"]
    found = ensemble_tables.drivers(
        [One(name) for name in values], values, {"measure.x": subject}, "x"
    )
    assert found["parameter"].tolist() == ["wage.cv", "wage.mean", "wage.growth"]
    assert found["coefficient"].tolist() == pytest.approx([-0.8, 0.6, 0.0], abs=0.03)
    assert found["share"].tolist() == pytest.approx([0.64, 0.36, 0.0], abs=0.03)
    few = {name: one[:5] for name, one in values.items()}
    none = ensemble_tables.drivers([One(n) for n in few], few, {"m.x": subject[:5]}, "x")
    assert none.empty


def test_spread_of_equal_draws_is_their_value():
    value = 0.1 + 0.2
    assert (spread(np.full((1237, 2), value)) == value).all()
    assert spread(np.arange(101.0)).tolist() == [50.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0]
    assert len(COLUMNS) == 8


def test_years_that_never_come_stay_infinite():
    found = first_year(np.array([[False, False], [False, True]]))
    assert found.tolist() == [np.inf, 1.0]
    assert np.isinf(years_spread(np.array([np.inf, np.inf]))).all()


def test_tables_have_the_names_and_rows_of_a_run(small):
    for name in ("enrollment", "ledger"):
        single, own = getattr(small.central, name), getattr(small, name)
        keys = [one for one in single.columns if one not in ("persons", "yuan")]
        if name == "ledger":
            single = single[single["level"] == "total"]
            single = single[single["kind"] != "memo"].reset_index(drop=True)
            own = own[own["kind"] != "memo"].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[keys], single[keys], check_dtype=False)
        assert list(own.columns[-8:]) == list(COLUMNS)
        ordered = own[["p5", "p10", "p25", "p50", "p75", "p90", "p95"]].to_numpy()
        assert (np.diff(ordered, axis=1) >= -1e-6).all()
    # The base year of every draw meets the published figures.
    for measure, published in (("pension.enterprise", 214_000.0), ("unemployment", INSURED)):
        at = small.draws.enrollment[:, measures().index(measure), 0].sum(axis=-1)
        np.testing.assert_allclose(at, published, rtol=1e-9)


def test_the_same_draws_are_kept_in_a_table(small):
    table = small.draws_table
    rows = table[(table["quantity"] == "closing") & (table["name"] == "injury")]
    last = rows[rows["year"] == 2024]["value"].to_numpy()
    np.testing.assert_array_equal(last, small.draws.closing[:, FUNDS.index("injury"), -1])
    one = table[(table["quantity"] == "parameter") & (table["name"] == "wage.mean")]
    assert one["year"].isna().all() and one["unit"].unique().tolist() == ["yuan"]
    np.testing.assert_array_equal(one["value"], small.drawn.values["wage.mean"])


def test_files_are_those_of_the_tables(small, tmp_path):
    pytest.importorskip("pyarrow")
    files = small.write(tmp_path / "out", plots="none", keep_draws=True)
    names = {file.name for file in files}
    assert {"targets.csv", "exceptions.csv", "draws.parquet", "run.json"} <= names
    read = pd.read_parquet(tmp_path / "out" / "draws.parquet")
    assert len(read) == len(small.draws_table)
    assert '"draws": 64' in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


# ---- stopped, elsewhere, person by person


def test_a_stopped_ensemble_goes_on_with_the_same_bits(tmp_path, monkeypatch, small):
    monkeypatch.setattr(draw_blocks, "BLOCK", 16)
    scenario = small.scenario
    keep = fs.Checkpoint(tmp_path / "kept")

    def stop(done, total):
        if done >= total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fs.ensemble(scenario, 64, seed=3, checkpoint=keep, progress=stop, threads=1)
    seen = []
    going_on = fs.Checkpoint(tmp_path / "kept", resume=True)
    found = fs.ensemble(
        scenario, 64, seed=3, checkpoint=going_on, progress=lambda done, _: seen.append(done)
    )
    assert seen[0] >= 32
    same(found.all_draws, small.all_draws)
    with pytest.raises(fs.InputError, match="differs in seed"):
        fs.ensemble(scenario, 64, seed=4, checkpoint=going_on)


def test_draws_are_simulated_person_by_person():
    scenario = fs.load("example").with_({"horizon": 2023, "targets": []}, name="persons")
    asked = {"draws": 3, "seed": 5}
    found = fs.ensemble(scenario, engine="micro", persons=20_000, **asked)
    expected = fs.ensemble(scenario, **asked)
    index = measures().index("pension.enterprise")
    people, mean = (one.draws.enrollment[:, index].sum(axis=-1) for one in (found, expected))
    np.testing.assert_allclose(people, mean, rtol=0.02)
    assert (people != mean).any()
    again = fs.ensemble(scenario, engine="micro", persons=20_000, **asked)
    same(again.all_draws, found.all_draws)


@pytest.mark.slow
def test_a_cluster_gives_the_same_bits(small, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(draw_blocks, "BLOCK", 16)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = fs.ensemble(small.scenario, 64, seed=3, client=client)
    same(found.all_draws, small.all_draws)


# ---- input that cannot be used


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"draws": 0}, "draws must be a whole number from 2"),
        ({"draws": 2.5}, "draws must be a whole number"),
        ({"draws": 8, "seed": -1}, "seed must be a whole number"),
        ({"draws": 8, "design": "sobl"}, r"design must be one of .* Did you mean 'sobol'"),
        ({"draws": 8, "engine": "macro"}, "engine must be"),
        ({"draws": 8, "persons": 5_000}, "only with it"),
        ({"draws": 8, "engine": "micro"}, "give a number of persons"),
        ({"draws": 8, "engine": "micro", "persons": 10}, "persons must be a whole number from"),
    ],
)
def test_invalid_arguments_say_what_to_do(asked, text):
    with pytest.raises(fs.InputError, match=text):
        fs.ensemble("example", **asked)


def test_a_scenario_without_anything_uncertain_is_refused():
    scenario = fs.load("example")
    none = {one.name: "none" for one in uncertain_in(scenario)}
    with pytest.raises(fs.InputError, match="nothing is uncertain in example"):
        fs.ensemble(scenario.with_({"uncertainty": none}), 8)
