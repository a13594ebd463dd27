# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 一个一个的人：分布、人生、得失 · Persons, one by one: distributions, lives, gains
#
# The cohort engine knows how many retire and what a pension is on average. The person engine lives
# the same law person by person. So it can say how pensions are spread, what a life looks like, and
# who gains and who loses by a reform. Here 100,000 persons stand for the city, in seconds;
# `persons="full"` runs all 9.5 million.

# %%
import tempfile
import warnings
from pathlib import Path

import pandas as pd

import fsinsure as fs
from fsinsure.errors import ExtendedWarning

# Beyond 2025 amounts of the law grow with wages; the run says so each time, we say it once here.
warnings.simplefilter("ignore", ExtendedWarning)

HOW = {"engine": "micro", "persons": 100_000, "seed": 2020}

base = fs.load("baseline")
people = fs.run(base, **HOW)
people

# %% [markdown]
# ## 两个引擎是否一致 · Do the two engines agree
#
# Persons are held against what the cohort engine expects of them: every status, move, item of the
# books, months and pensions, each in units of its own chance. If the rules are the same, all stay
# under the bound in 999 of 1,000 runs.

# %%
assert people.agreement.passed
people.agreement

# %% [markdown]
# What is not linear is measured, not tested: a person either has the minimum months or has not,
# while the cohort engine knows the share who have. In a small sample the gap has chance in it.

# %%
people.agreement.gaps.query("subject in ['retirement to retiree', 'pensions awarded to retiree']")

# %% [markdown]
# ## 分布 · How new pensions are spread
#
# New pensions of 2025 by sex. `persons` are people of the city; a person of the sample stands for
# 95 of them, so these are some hundreds. First the contribution years:


# %%
def spread(result, quantity, group, per=1, year=2025):
    """Mean and quantiles of a quantity by the members of a group."""
    rows = result.quantiles.query("quantity == @quantity and year == @year and `group` == @group")
    shown = ["mean", "p10", "p50", "p90"]
    found = rows.set_index("of")[["persons", *shown]]
    found[shown] /= per
    return found


weight = people.stocks.query("year == 2020 and level == 'total'")["persons"].sum() / 100_000
assert round(weight) == 95
years = spread(people, "months_at_award", "sex", per=12)
assert years.loc["female", "p50"] < years.loc["male", "p50"] and years["p10"].min() >= 15
years.round({"persons": 0, "mean": 1, "p10": 1, "p50": 1, "p90": 1})

# %%
people.plot.distribution("months_at_award", "sex", lang="zh")

# %% [markdown]
# The replacement rate is the new pension over the contribution base of the own wage rank:

# %%
rates = spread(people, "replacement_rate", "sex")
assert rates.loc["female", "p50"] < rates.loc["male", "p50"]
rates.round(3).assign(persons=rates["persons"].round())

# %%
people.plot.distribution("replacement_rate", "sex", lang="en")

# %% [markdown]
# Women have fewer years, because they are due earlier, and a lower rate. The civil service has one
# rate for all, 65 % (an assumption): the step in the picture. By the status before (quantiles of
# rates are right to a point, means are exact):

# %%
by_status = spread(people, "replacement_rate", "status")
assert abs(by_status.loc["civil_service", "mean"] - 0.65) < 1e-4
by_status.round(3).assign(persons=by_status["persons"].round())

# %% [markdown]
# Not everybody who reaches the age has the 15 years. The share who have, of those who reach it:

# %%
spread(people, "vested", "status")[["persons", "mean"]].round({"persons": 0, "mean": 3})

# %% [markdown]
# ## 跟踪几个人 · Following some lives
#
# A life depends on the seed and the id alone, so a panel runs only who is in it. We follow every
# tenth person to 2035, and some who arrive in 2022, and look for four telling lives. `status` is
# that of the end of the year; `gone` is who died or left.

# %%
long = fs.run(base.with_({"horizon": 2035}), **HOW)
panel = long.panel(sample=10_000)
panel["before"] = panel.groupby("id")["status"].shift()
panel["after"] = panel.groupby("id")["status"].shift(-1)
panel["months_before"] = panel.groupby("id")["months"].shift()
panel["age"] = panel["year"] - panel["birth_year"]

lost_job = panel.query(
    "status == 'unemployed' and before == 'employee' and after == 'employee' "
    "and 30 <= age < 50 and 2024 < year < 2033"
)
just_in_time = panel.query(
    "status == 'retiree' and before in ['employee', 'flexible'] and months_before < 180 <= months "
    "and year > 2026"
)
flexible_years = panel.query("status == 'flexible'").groupby("id").size()
retired = panel.query("status == 'retiree' and before == 'flexible'")
flexible = retired[retired["id"].map(flexible_years) >= 6]

come = long.panel(sample=3_000, entering=2022)
worked = come[(come["status"] == "employee") & (come["birth_year"] > 1985)].groupby("id").size()
left = come.query("status == 'gone' and 2026 < year < 2034")
migrant = left[left["id"].map(worked) >= 3]

found = {
    "失业后再就业 Out of work and back": lost_job,
    "退休当年刚满十五年 Fifteen years just in time": just_in_time,
    "灵活就业直到退休 Flexible to the end": flexible,
    "迁入、工作、离开 Arrived, worked, left": migrant,
}
pd.Series({name: rows["id"].nunique() for name, rows in found.items()}, name="lives like it")

# %% [markdown]
# Of each kind one from the middle of the list:

# %%
lives = {int(rows["id"].iloc[len(rows) // 2]): name for name, rows in found.items()}
assert len(lives) == len(found)
long.plot.lives(lives)

# %%
long.plot.lives({one: name.split(" ", 1)[1] for one, name in lives.items()}, lang="en")

# %% [markdown]
# Who draws unemployment benefit earns no months; the account still earns interest. Half a year
# counts for who moves within a year. An account is paid out with the pension and shrinks slowly,
# but the pension, which rises every year, does not depend on what is left of it. Who has worked
# for a few years and leaves takes the account along: no part of it is left behind.
#
# The whole record of the second of them:

# %%
late_comer = next(one for one, name in lives.items() if "just in time" in name)
record = long.panel([late_comer]).set_index("year")
award = record.query("status == 'retiree'").iloc[0]
assert 180 <= award["months"] < 186
record[["area", "sex", "birth_year", "status", "months", "account", "pension"]]

# %% [markdown]
# ## 延迟退休：谁得谁失 · Later retirement: who gains, who loses
#
# By law the age rises from 2025, a month at a time, and the minimum from 2030. Both scenarios run
# to 2035, so that the reform has an effect. `persons=True` runs the same persons through both with
# the same random numbers:

# %%
later = fs.run(fs.load("delayed-retirement").with_({"horizon": 2035}), **HOW)
compared = fs.compare(long, later, persons=True)
compared.parameters


# %%
def gains(quantity, *groups):
    """Winners and losers as shares of a group, and the mean change of each and of all."""
    rows = compared.persons.query("quantity == @quantity and `group` in @groups")
    table = rows.set_index(["group", "of"])
    shares = table[["winners", "losers"]].div(table["persons"], axis=0).mul(100).round(2)
    shown = table[["mean", "mean_winners", "mean_losers"]].round(0)
    return shares.add_suffix(", %").join(shown)


pensions = gains("pensions", "all", "sex", "born", "area")
pensions

# %%
compared.plot_persons("pensions", "born", lang="zh")

# %%
compared.plot_persons("pensions", "born", lang="en")

# %% [markdown]
# How to read it. `pensions` is what a person draws from 2021 to 2035, worth at the end of 2020, in
# yuan: most who are touched lose some months or years of it. Nobody who had retired in 2020 is
# touched, and who is born after 1990 is due after 2035. Areas differ little, because
# the law is the same: what differs is how many are near the age.

# %%
table = compared.persons.query("quantity == 'pensions'").set_index(["group", "of"])
pensioners = ["retiree", "civil_retiree", "resident_pensioner"]
drawn = table.loc["status"].loc[pensioners]
young = table.loc["born"].loc[["1990-1999", "2000-2009", "2010-2019", "2020-2029"]]
for untouched in (drawn, young):
    assert (untouched[["winners", "losers"]] == 0).all(axis=None)
everybody = table.loc[("all", "all")]
assert everybody["losers"] > 5 * everybody["winners"]
mean_by_area = table.loc["area"]["mean"]
assert mean_by_area.max() - mean_by_area.min() < 0.25 * abs(everybody["mean"])

# %% [markdown]
# The pension itself is mostly higher where it has begun: more months paid in, fewer to be paid out
# over. At the end of 2035, yuan a month (most of the losers have none yet):

# %%
gains("pension", "all", "sex", "born").query("`winners, %` + `losers, %` > 0")

# %% [markdown]
# ### 得失从何而来 · What kind of gains and losses
#
# The panel covers both scenarios too. When does the pension begin, and what is the change worth?

# %%
interest = long.resolved.path("fund.interest")
worth = pd.Series((1 / (1 + interest)).cumprod(), index=range(2021, 2036))
ids = panel["id"].unique()


def outcomes(result):
    """Year of the first pension and present value of all pensions at the end of 2020, by id."""
    rows = result.panel(ids).query("year > 2020")
    paid = (12 * rows["pension"] * rows["year"].map(worth)).groupby(rows["id"]).sum()
    begins = rows[rows["pension"] > 0].groupby("id")["year"].first()
    last = rows[rows["year"] == 2035].set_index("id")["pension"]
    return pd.DataFrame({"begins": begins, "worth": paid, "last": last}, index=ids).fillna(
        {"worth": 0, "last": 0}
    )


old, new = outcomes(long), outcomes(later)
change = new["worth"] - old["worth"]
kind = pd.Series("same year", index=ids, name="pension begins")
kind[new["begins"] > old["begins"]] = "later"
kind[new["begins"] < old["begins"]] = "earlier"
kind[old["begins"].notna() & new["begins"].isna()] = "no longer by 2035"
kind[old["begins"].isna() & new["begins"].notna()] = "only with the reform"
moved = change[change.abs() > 1]
sides = moved.gt(0).map({True: "gain", False: "lose"})
of_kind = pd.crosstab(kind[moved.index], sides, colnames=[""])
of_kind.join(moved.groupby(kind[moved.index]).agg(["mean", "median"]).round(0))

# %%
assert of_kind.loc["same year", "gain"] > 0.8 * of_kind["gain"].sum()
assert of_kind.loc[["later", "no longer by 2035"], "lose"].sum() > 0.98 * of_kind["lose"].sum()

# %% [markdown]
# Most winners win little, and because of how we count: the model has whole years, so a delay from
# March to May costs nothing here, while the account of an older pensioner is divided by fewer
# months. Read them as not touched. Losers draw their pension later, or not yet by 2035.
#
# Real winners are few. The largest gain is that of a person for whom the later age leaves the time
# to return to insured work and to reach the minimum months, without the reform and with it:

# %%
won = kind[kind.isin(["earlier", "only with the reform"])].index
assert 0 < len(won) < 0.02 * len(moved)
winner = int(change[won].idxmax())
without, with_it = (result.panel([winner]).set_index("year") for result in (long, later))
columns = ["status", "months", "pension"]
pd.concat({"baseline": without[columns], "later retirement": with_it[columns]}, axis=1)

# %% [markdown]
# A person who had fifteen years just in time, with the age and the minimum of the reform:

# %%
later.plot.lives({late_comer: "延迟退休 Later retirement"})

# %% [markdown]
# ### 没有算进去的 · What is left out
#
# - Only pensions count. Who works longer also earns a wage and pays contributions; neither is here,
#   nor is leisure.
# - What is drawn after 2035 is left out, and a pension that begins later is higher for life: for
#   those who live long a later horizon has smaller losses, or gains.
# - The comparison covers the persons of the base year only; those who enter later are not compared.
# - The scenario says how many contributors there are. Who stays at work leaves a place less, so
#   the young are insured later and have fewer months. If the reform brings jobs of its own, raise
#   `growth.employee`. Mean change of contribution months, and those newly insured as employees:

# %%
months = gains("months", "born").loc["born"]
assert (months.loc[["2000-2009", "2010-2019"], "mean_losers"] < 0).all()
by_age = compared.persons.query("quantity == 'months' and `group` == 'born'").set_index("of")[
    "mean"
]
assert by_age["1970-1979"] > 1 and by_age["2000-2009"] < 0
by_age.round(2).rename("contribution months, mean change").to_frame()


# %%
def entries(result):
    """Who becomes an employee without having been insured, by year."""
    rows = result.flows.query("level == 'total' and from_status == 'not_insured'")
    return rows.query("to_status == 'employee'").set_index("year")["persons"].round()


pd.DataFrame({"baseline": entries(long), "later retirement": entries(later)}).loc[2024:]

# %% [markdown]
# ## 存盘与读回 · Saving persons, and running on a file
#
# Persons of the base year can be written to Parquet, looked at with any tool and run again; your
# own records go the same way (docs/persons.md). With the same seed all tables are the same.

# %%
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "persons.parquet"
    people.save_persons(file)
    print(f"{file.stat().st_size / 1e6:.1f} MB")
    print(pd.read_parquet(file).query("status == 'flexible'").head(3).T)
    given = fs.load_persons(file)

again = fs.run(base, engine="micro", persons=given, seed=HOW["seed"])
tables = ["stocks", "flows", "enrollment", "ledger", "distributions", "quantiles"]
same = {name: getattr(again, name).equals(getattr(people, name)) for name in tables}
assert all(same.values())
same

# %% [markdown]
# ## 结论 · What to take away
#
# - Means hide much: of new pensions the middle 80 % of rates are more than 30 points apart.
# - By 2035 later retirement takes most from those born in the 1970s: 31 % of them have drawn less.
#   Who has begun to draw has more a month.
# - Who loses, and how much, is a matter of the horizon and of what is counted: here pensions alone.

# %%
all_rates = spread(people, "replacement_rate", "all").loc["all"]
assert all_rates["p90"] - all_rates["p10"] > 0.3
assert pensions["losers, %"].idxmax() == ("born", "1970-1979")
assert pensions.loc[("born", "1970-1979"), "losers, %"] > 25
draws = (old["last"] > 0) & (new["last"] > 0) & (old["last"] != new["last"])
none_yet = (new["last"] == 0)[new["last"] < old["last"]].mean()
more = (new["last"] > old["last"])[draws].mean()
assert more > 0.7 and none_yet > 0.6
f"{more:.0%} draw more a month in 2035; {none_yet:.0%} of those with less draw no pension yet"
