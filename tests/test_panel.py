"""Persons followed through life, and two scenarios lived by the same persons."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.analysis.solvency import discount
from fsinsure.errors import InputError
from fsinsure.microdata import parquet
from fsinsure.microdata.schema import Persons, persons_of
from fsinsure.microsim.counters import Counters
from fsinsure.microsim.panel import paired_lives
from fsinsure.microsim.parallel.shards import Shard, attach_persons, layout, merge, run_batch
from fsinsure.microsim.plan import with_people
from fsinsure.output.figures.gains import gains
from fsinsure.output.figures.lives import lives
from fsinsure.statuses import STATUSES
from fsinsure.validation.agreement import Agreement
from person_files import REGION, SCHEMA

PERSONS, SEED = 6_000, 5

AREA_NAMES = REGION.names("en")


@pytest.fixture(scope="module")
def run(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline, engine="micro", persons=PERSONS, seed=SEED)


@pytest.fixture(scope="module")
def later(baseline: fs.Scenario) -> fs.Result:
    delayed = baseline.with_({"retirement.delay_from": 2021}, name="later")
    return fs.run(delayed, engine="micro", persons=PERSONS, seed=SEED)


@pytest.fixture(scope="module")
def comparison(run: fs.Result, later: fs.Result) -> fs.Comparison:
    return fs.compare(run, later, persons=True)


def test_everybody_followed_is_the_population(run: fs.Result) -> None:
    """The panel of all persons adds up to the totals, which are not rounded person by person."""
    assert run.simulation is not None
    plan, carried = run.simulation.plan, run.projection.carried
    last = max(group.first + group.count for group in plan.groups)
    panel = run.panel(range(last))
    here = panel[panel["status"] != "gone"]
    for index, year in enumerate(run.simulation.counters):
        rows = here[here["year"] == year]
        months, accounts, pensions = plan.scale * carried[index].sum(axis=2)
        of = rows.groupby("status")
        by_status = of[["months", "account", "pension"]].sum().reindex(STATUSES, fill_value=0)
        half = 0.005 * of.size().reindex(STATUSES, fill_value=0) + 1e-4
        assert by_status["months"].tolist() == pytest.approx(months.tolist())
        assert ((by_status["account"] - accounts).abs() <= half).all()
        assert ((by_status["pension"] - pensions).abs() <= half).all()
    enrolled = run.stocks.query("year == 2025 and level == 'total'")["persons"].sum()
    assert len(here[here["year"] == 2025]) == pytest.approx(enrolled * plan.scale)


def test_a_life_does_not_depend_on_who_else_is_followed(run: fs.Result) -> None:
    many, few = run.panel(sample=60), run.panel([100, 5900])
    kept = many[many["id"].isin(few["id"])].reset_index(drop=True)
    assert few.equals(kept) and few["id"].nunique() == 2
    assert (many.groupby("id")["year"].min() == SCHEMA.base_year).all()
    # What does not change in a life does not change in its record.
    fixed = ["area", "sex", "birth_year", "wage_rank"]
    assert (many.groupby("id")[fixed].nunique() == 1).all(axis=None)


def test_a_record_ends_when_a_person_dies_or_leaves(run: fs.Result) -> None:
    panel = run.panel(sample=3_000)
    last = panel.groupby("id").tail(1)
    assert (panel.groupby("id")["status"].apply(lambda found: (found == "gone").sum()) <= 1).all()
    assert ((last["status"] == "gone") | (last["year"] == 2025)).all()
    gone = panel[panel["status"] == "gone"]
    assert len(gone) and not gone[["months", "account", "pension", "entitled"]].any(axis=None)


def test_who_comes_later_enters_later(run: fs.Result) -> None:
    assert run.simulation is not None
    plan = run.simulation.plan
    group = next(group for group in plan.groups if group.count and group.start[0] == 2)
    found = run.panel([group.first])
    assert found["year"].min() == SCHEMA.base_year + 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": []}, "nobody to follow"),
        ({"ids": [3, 4, 3]}, "an id occurs twice"),
        ({"ids": [-1]}, "nobody has the id -1: ids go from 0 to"),
        (
            {"ids": [5, 10**9]},
            rf"nobody has the id 1000000000: .* \(to {PERSONS - 1} for the residents",
        ),
        ({"ids": [1.7]}, r"ids are a list of whole numbers such as \[0, 1\], not \[1.7\]"),
        ({"ids": [True]}, "ids are a list of whole numbers"),
        ({"ids": ["a"]}, "ids are a list of whole numbers"),
        ({"ids": 5}, "ids are a list of whole numbers"),
        ({"sample": 0}, "a sample of 0: follow a whole number of persons"),
        ({"entering": 2019}, "nobody enters in 2019: give 2020 for .* a later year up to 2025"),
    ],
)
def test_who_cannot_be_followed(run: fs.Result, arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run.panel(**arguments)


def test_gains_are_the_difference_of_two_panels(
    run: fs.Result, later: fs.Result, comparison: fs.Comparison
) -> None:
    everybody = range(PERSONS)
    worth = discount(run.resolved.path("fund.interest"))
    paid = []
    for result in (run, later):
        panel = result.panel(everybody)
        panel = panel[panel["year"] > SCHEMA.base_year]
        value = np.rint(1200 * panel["pension"] * worth[panel["year"] - SCHEMA.base_year - 1])
        paid.append(value.groupby(panel["id"]).sum().reindex(everybody, fill_value=0))
    change = (paid[1] - paid[0]).to_numpy() / 100
    row = comparison.persons.query("quantity == 'pensions' and `group` == 'all'").iloc[0]
    weight = row["persons"] / PERSONS  # changes below 100 yuan do not count
    assert row["winners"] == pytest.approx(
        weight * (change >= 100).sum()
    )  # changes below 100 yuan do not count
    assert row["losers"] == pytest.approx(weight * (change <= -100).sum())
    assert row["mean"] == pytest.approx(change.mean())
    assert row["p50"] == pytest.approx(np.median(change[np.abs(change) >= 100]))
    assert row["losers"] > row["winners"] > 0 and row["mean"] < 0


def test_groups_hold_everybody_once(comparison: fs.Comparison) -> None:
    table = comparison.persons
    for side in ("persons", "winners", "losers"):
        sums = table.groupby(["quantity", "group"])[side].sum().unstack("group")
        assert (sums.sub(sums["all"], axis=0).abs() < 1e-6 * sums.max(axis=None)).all(axis=None)
    by_mean = table.assign(total=table["mean"] * table["persons"])
    totals = by_mean.groupby(["quantity", "group"])["total"].sum().unstack("group")
    assert np.allclose(totals.to_numpy(), totals[["all"]].to_numpy())


def test_nothing_changes_where_nothing_differs(run: fs.Result, baseline: fs.Scenario) -> None:
    same = fs.run(baseline.with_({}, name="same"), engine="micro", persons=PERSONS, seed=SEED)
    table = fs.compare(run, same, persons=True).persons
    assert (table[["winners", "losers", "mean"]] == 0).all(axis=None)
    assert table["p50"].isna().all()
    with pytest.raises(InputError, match="Nobody wins or loses any pensions"):
        gains(table)


def test_retirees_lose_nothing_by_a_later_age(comparison: fs.Comparison) -> None:
    rows = comparison.persons.query("`group` == 'status' and of == 'retiree'")
    assert len(rows) == 3 and (rows[["winners", "losers"]] == 0).all(axis=None)


def test_what_cannot_be_compared_by_person(
    run: fs.Result, result: fs.Result, baseline: fs.Scenario
) -> None:
    other = baseline.with_({}, name="other")
    with pytest.raises(InputError, match="was not run person by person: run every scenario"):
        fs.compare(run, fs.run(other), persons=True)
    for arguments, message in (
        ({"persons": PERSONS, "seed": 6}, "runs of one seed can be compared, not 5 and 6"),
        ({"persons": 5_000, "seed": SEED}, "runs of one number of persons can be compared"),
    ):
        with pytest.raises(InputError, match=message):
            fs.compare(run, fs.run(other, engine="micro", **arguments), persons=True)
    longer = fs.run(other.with_({"horizon": 2026}), engine="micro", persons=PERSONS, seed=SEED)
    with pytest.raises(InputError, match="runs of one last year can be compared, not 2025 and"):
        fs.compare(run, longer, persons=True)


def test_other_persons_are_refused(run: fs.Result, baseline: fs.Scenario) -> None:
    cadres = baseline.with_({"retirement.cadre_share": "60%"}, name="cadres")
    other = fs.run(cadres, engine="micro", persons=PERSONS, seed=SEED)
    assert run.simulation is not None and other.simulation is not None
    with pytest.raises(InputError, match="the scenarios start from different persons"):
        list(paired_lives(run.simulation.plan, other.simulation.plan, np.ones(5)))


def test_files_have_persons_when_asked_for(comparison: fs.Comparison, tmp_path) -> None:
    def written(compared: fs.Comparison) -> set[str]:
        return {path.name for path in compared.write(tmp_path, plots="none")}

    assert written(comparison) - written(fs.Comparison(comparison.results)) == {"persons.csv"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("quantity", "by"), [("pensions", "born"), ("pension", "area"), ("months", "sex")]
)
def test_pictures(comparison: fs.Comparison, quantity: str, by: str, lang: str) -> None:
    picture = comparison.plot_persons(quantity, by, lang=lang)
    (axes,) = picture.axes
    rows = comparison.persons.query("quantity == @quantity and `group` == @by")
    moved = rows[rows["winners"] + rows["losers"] > 0]
    assert len(axes.patches) == 2 * len(moved)
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == (moved[["winners", "losers"]] > 0).sum(axis=None)
    for side, sign in (("winners", 1), ("losers", -1)):  # the bars are sums, not shares
        sums = sorted(sign * moved[side] * moved[f"mean_{side}"].abs())
        drawn = [patch.get_width() for patch in axes.patches]
        half = drawn[: len(moved)] if sign > 0 else drawn[len(moved) :]
        assert sorted(half) == pytest.approx(sums)
    note = "Counted to the end of 2025" if lang == "en" else "只计到 2025 年末"
    assert note in "\n".join(text.get_text() for text in picture.texts)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": "wage"}, "No quantity 'wage' in the persons table"),
        ({"by": "gender"}, "No group 'gender' in the persons table"),
        ({"scenario": "latr"}, "'latr' is not compared with baseline. Did you mean 'later'?"),
        ({"lang": "fr"}, "No labels in language 'fr'"),
    ],
)
def test_what_cannot_be_drawn(comparison: fs.Comparison, changes: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        comparison.plot_persons(**changes)
    assert message in str(caught.value)


def test_a_population_saved_and_loaded_lives_the_same_lives(
    run: fs.Result, baseline: fs.Scenario, tmp_path
) -> None:
    pytest.importorskip("pyarrow")
    assert run.simulation is not None
    plan = run.simulation.plan
    blocks = [(at, min(2_500, PERSONS - at)) for at in range(0, PERSONS, 2_500)]
    parts = (
        persons_of(plan.people(*block), plan.code, plan.schema, 1 / plan.scale) for block in blocks
    )
    assert parquet.save(tmp_path / "all.parquet", parts) == PERSONS
    given = fs.load_persons(tmp_path / "all.parquet")
    again = fs.run(baseline, engine="micro", persons=given, seed=SEED)
    assert again.simulation is not None
    for year, sums in run.simulation.counters.items():
        for name in Counters._fields:
            other = getattr(again.simulation.counters[year], name)
            assert np.array_equal(getattr(sums, name), other), (year, name)


@pytest.mark.parametrize("size", [700, 4_000])
def test_a_worker_is_sent_its_own_persons_only(run: fs.Result, size: int) -> None:
    """The same bits as from the whole population, which no worker sees."""
    assert run.simulation is not None
    made = run.simulation.plan
    persons = persons_of(made.people(0, PERSONS), made.code, made.schema)
    plan = with_people(made, persons.people(made.code))
    groups = [Shard(group.first, group.count, group.start) for group in plan.groups]
    batches = attach_persons(layout(groups, len(plan.years), size), plan.given)
    assert sum(shard.people is not None for batch in batches for shard in batch) > 1
    work = partial(run_batch, replace(plan, given=None))
    found = merge([work(pickle.loads(pickle.dumps(batch))) for batch in batches])
    whole = made.run([(group.first, group.count) for group in groups])
    assert found.keys() == whole.keys()
    assert all(np.array_equal(found[name], whole[name]) for name in whole)
    bare = len(pickle.dumps(layout(groups, len(plan.years), size)[0]))
    each = len(pickle.dumps(plan.given)) / PERSONS
    assert len(pickle.dumps(batches[0])) < bare + 1.1 * each * size + 2_000
    assert len(pickle.dumps(work)) < len(pickle.dumps(partial(run_batch, made))) + 1_000


def test_other_persons_of_the_base_year_shift_who_comes_later(
    run: fs.Result, baseline: fs.Scenario
) -> None:
    assert run.simulation is not None
    plan = run.simulation.plan
    whole = persons_of(plan.people(0, PERSONS), plan.code, plan.schema, 1 / plan.scale)
    columns = {name: array[::2].copy() for name, array in whole.columns.items()}
    half = Persons(columns, plan.schema, 2 / plan.scale)
    before = {name: array.copy() for name, array in half.columns.items()}
    found = fs.run(baseline, engine="micro", persons=half, seed=SEED)
    assert found.simulation is not None
    groups = found.simulation.plan.groups
    assert groups[0].count == PERSONS // 2 == groups[1].first
    ends = [group.first + group.count for group in groups]
    assert [group.first for group in groups[1:]] == ends[:-1]
    assert all(np.array_equal(before[name], half[name]) for name in before)
    assert found.stocks.query("year == 2020 and level == 'total'")["persons"].sum() == (
        pytest.approx(PERSONS / plan.scale)
    )
    assert "published base-year figures met" not in [check.name for check in found.checks]


def test_who_is_over_a_hundred_reads_a_hundred(run: fs.Result) -> None:
    assert run.simulation is not None
    plan = run.simulation.plan
    persons = persons_of(plan.people(0, 3), plan.code, plan.schema)
    persons["birth_year"][:] = [1905, 1920, 2020]
    found = persons_of(persons.people(plan.code), plan.code, plan.schema)
    assert found["birth_year"].tolist() == [1920, 1920, 2020]


def test_later_entrants_are_sampled_by_the_year_in_which_they_come(run: fs.Result) -> None:
    assert run.simulation is not None
    come = [group for group in run.simulation.plan.groups if group.start[0] == 2 and group.start[1]]
    everybody = run.panel(sample=10**6, entering=SCHEMA.base_year + 3)
    assert everybody["id"].nunique() == sum(group.count for group in come)
    assert (everybody.groupby("id")["year"].min() == SCHEMA.base_year + 3).all()
    born = everybody["birth_year"] == SCHEMA.base_year + 3
    assert born.any() and not born.all()
    few = run.panel(sample=7, entering=SCHEMA.base_year + 3)
    assert few["id"].nunique() == 7 and few["id"].isin(everybody["id"]).all()


def test_persons_made_in_a_block_and_alone_are_the_same(run: fs.Result, monkeypatch) -> None:
    ids = [3, 4, 900, 5_999]
    dense = run.panel(ids)
    monkeypatch.setattr("fsinsure.microsim.panel.DENSE", 0)
    assert run.panel(ids).equals(dense)


def test_persons_are_saved_as_they_were(run: fs.Result, baseline: fs.Scenario, tmp_path) -> None:
    pytest.importorskip("pyarrow")
    assert run.save_persons(tmp_path / "made.parquet") == PERSONS
    given = fs.load_persons(tmp_path / "made.parquet")
    again = fs.run(baseline, engine="micro", persons=given, seed=SEED)
    assert again.quantiles.equals(run.quantiles) and again.stocks.equals(run.stocks)


def test_results_say_what_they_are(
    run: fs.Result, result: fs.Result, comparison: fs.Comparison
) -> None:
    assert repr(run).startswith("<Result of baseline, 2020 to 2025: 6,000 persons, seed 5, ")
    assert repr(result).startswith("<Result of baseline, 2020 to 2025: cohort engine, ")
    assert repr(comparison) == "<Comparison of later with baseline>"
    assert repr(result.scenario) == "<Scenario baseline: foshan, 2020 to 2025>"
    verdict = repr(run.agreement)
    assert verdict.startswith("<Agreement: passed; ") and len(verdict) < 100
    one = run.agreement.table.iloc[[0]].assign(score=9.0)
    assert "1 figures failed; 1 figures, the worst scores 9.00" in repr(Agreement(one, one))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lives_are_drawn(run: fs.Result, lang: str) -> None:
    panel = run.panel(sample=600)
    ids = {
        int(panel[panel["status"] == status]["id"].iloc[0]): name
        for status, name in (("employee", "A"), ("retiree", ""), ("gone", "C"))
    }
    picture = run.plot.lives(ids, lang=lang)
    assert len(picture.axes) == 3 * len(ids)
    for number, one in enumerate(ids):
        life = panel[panel["id"] == one]
        here = life[life["status"] != "gone"]
        months, account, pension = picture.axes[3 * number : 3 * number + 3]
        drawn = [line.get_ydata() for line in (months.lines[0], account.lines[0], pension.lines[0])]
        per = (12, {"zh": 1e4, "en": 1e3}[lang], 1)
        for values, column, unit in zip(drawn, ("months", "account", "pension"), per, strict=True):
            since = here[column].to_numpy().cumsum() > 0
            assert list(values) == (here.loc[since, column] / unit).tolist()
        assert len(pension.patches) == len(life)
        assert list(months.lines[1].get_ydata()) == [15.0] * 5
    texts = [text.get_text() for text in picture.texts]
    assert any(text.startswith("A · ") for text in texts)


def test_an_account_that_is_used_up_is_drawn_at_nothing(run: fs.Result) -> None:
    panel = run.panel([7]).assign(account=[0.0, 5e4, 2e4, 0.0, 0.0, 0.0], pension=0.0)
    months, account, pension = lives(panel, {7: ""}, areas=AREA_NAMES).axes
    assert list(account.lines[0].get_ydata()) == [5.0, 2.0, 0.0, 0.0, 0.0]
    assert len(months.lines) == 1  # no minimum was given
    assert [text.get_text() for text in pension.texts] == ["无"]


@pytest.mark.parametrize(
    ("panel", "names", "message"),
    [
        (slice(None), dict.fromkeys(range(9), ""), "9 lives are too many for a picture"),
        (slice(None), {7: "", 10**6: ""}, "The panel table has nobody with the id 1000000"),
        (slice(0, 0), {7: ""}, "The panel table has no rows"),
    ],
)
def test_what_lives_cannot_be_drawn(
    run: fs.Result, panel: slice, names: dict, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        lives(run.panel([7])[panel], names, areas=AREA_NAMES)
