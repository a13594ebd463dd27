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
# # 有多大把握？ · How sure is it?
#
# The baseline reaches all three targets. But it rests on a hundred assumptions, and each could be
# otherwise. How probable are the targets then, and on what does that hang? docs/uncertainty.md has
# the distributions.
#
# Every assumption is drawn from its range, and the city is projected for each draw. Real work takes
# 2,000 draws; 256 are enough to see what there is.

# %%
from statistics import NormalDist

import pandas as pd

import fsinsure as fs

base = fs.load("baseline")
sure = fs.ensemble(base, draws=256)
sure

# %% [markdown]
# ## 目标 · The targets
#
# `probability` is the share of draws that meet the target; `standard_error` is its uncertainty from
# the number of draws alone. `all` is that all three are met in one draw. It is no product of the
# three: what is good for one is good for the others, so it is that of the hardest.

# %%
chances = sure.targets.set_index("measure")
people = chances[["target", "p10", "p50", "p90"]].div(1e4).add_suffix(", 万")
chances[["probability", "standard_error"]].join(people).round(3)

# %% [markdown]
# The range of enterprise pension over the years. Of ten draws eight lie between `p10` and `p90`:

# %%
MEASURE = "pension.enterprise"
of_city = sure.enrollment.query("level == 'total' and measure == @MEASURE").set_index("year")
fan = of_city[["p10", "p25", "p50", "p75", "p90"]] / 1e4
axes = fan[["p50"]].plot(color="black", ylabel="10,000 people", title="Enterprise pension")
axes.fill_between(
    fan.index, fan["p10"], fan["p90"], alpha=0.2, color="tab:blue", label="8 of 10 draws"
)
axes.fill_between(
    fan.index, fan["p25"], fan["p75"], alpha=0.3, color="tab:blue", label="half of them"
)
axes.axhline(470, linestyle="--", color="tab:red", label="target")
axes.set_xticks(fan.index)
axes.legend()

# %% [markdown]
# ## 哪年达到 · When they are reached
#
# The probability that a target has been reached by the end of a year:

# %%
reached = sure.arrivals.dropna(subset="year")
reached.pivot(index="year", columns="measure", values="cumulative").round(2)

# %% [markdown]
# ## 基金 · When funds run out
#
# `probability` is that of a balance below 0 by 2025; percentiles of the year are blank where fewer
# draws than that run out. Enterprise pension is safe; of the small funds too little is published.

# %%
sure.depletion.set_index("fund")[["probability", "standard_error", "p5", "p10", "p25"]].round(3)

# %% [markdown]
# ## 取决于什么 · What it rests on
#
# `share` is the part of the variance (of ranks) that a parameter explains. With 256 draws of 102
# parameters small shares are noise; look at the first ones. `basis` says what the range rests on:

# %%
subjects = [f"measure.{MEASURE}", "fund.pension.enterprise", "fund.injury"]
drivers = sure.drivers.query("subject in @subjects")
first = drivers.groupby("subject", sort=False).head(3)
first.set_index("subject")[["parameter", "basis", "coefficient", "share"]].round(2)

# %% [markdown]
# One number decides the target: the growth of employees. So what is known about it matters more
# than everything else together.
#
# ## 自己的判断 · A view of your own
#
# Suppose an analyst expects 4 % in 2021, give or take 2 points (one standard deviation), instead of
# the estimate of the region. Without `persistence` a draw is off by the same in all years.
# Half as many draws do for a comparison: the same parameter has the same draw in every view.


# %%
def view(name, persistence=None, correlations=()):
    """The baseline with the analyst's growth of employees."""
    growth = {"normal": {"mean": "4%", "sd": "2%"}}
    if persistence is not None:
        growth["persistence"] = persistence
    uncertainty = {"growth.employee": growth, "correlations": list(correlations)}
    return fs.ensemble(base.with_({"uncertainty": uncertainty}, name=name), draws=128)


same = view("same-every-year")

# %% [markdown]
# By hand: the growth of the region falls from 5.4 % in 2021 to 4.9 % in 2025, and draws move all
# years alike. If it begins with 3.36 %, other things being central, the target is just met. So what
# is asked is how probable a normal number with mean 4 and deviation 2 is above 3.36:

# %%
path = sure.central.resolved.path("growth.employee")
moved = {2021 + at: round(float(value - path[0]) + 0.0336, 6) for at, value in enumerate(path)}
met = fs.run(base.with_({"growth.employee": moved})).targets.set_index("measure").loc[MEASURE]
chance = same.targets.set_index("measure").loc[MEASURE]
by_hand = 1 - NormalDist(4, 2).cdf(3.36)
assert abs(met["gap"]) < 3_000
assert abs(chance["probability"] - by_hand) < 3 * chance["standard_error"]
f"gap {met['gap']:,.0f} people; by hand {by_hand:.3f}, from draws {chance['probability']:.3f}"

# %% [markdown]
# But a bad year is not followed by four as bad. With `persistence` 0.6 each year has a deviation of
# its own, near that of the year before. Good and bad years cancel in part, and the range at 2025
# shrinks; as the middle is above the target, the probability rises.
#
# And when firms hire, flexible work and wages do well too. Correlations of 0.5 say so: what is
# added up moves together, and both ranges widen.

# %%
together = [
    {"between": ["growth.employee", "growth.flexible"], "value": 0.5},
    {"between": ["growth.employee", "wage.growth"], "value": 0.5},
]
views = {
    "ranges of the region": sure,
    "own view, same every year": same,
    "own view, persistence 0.6": view("persistent", 0.6),
    "the same, correlated": view("correlated", 0.6, together),
}


def summary(ensemble):
    """Probability of all targets, and the widths from p10 to p90 in 2025."""
    targets = ensemble.targets.set_index("measure")
    fund = ensemble.ledger.query(
        "level == 'total' and fund == @MEASURE and item == 'closing' and year == 2025"
    ).iloc[0]
    return {
        "all targets": targets.loc["all", "probability"],
        "± (1 s.e.)": targets.loc["all", "standard_error"],
        "people p10, 万": targets.loc[MEASURE, "p10"] / 1e4,
        "p90, 万": targets.loc[MEASURE, "p90"] / 1e4,
        "fund p10, 亿": fund["p10"] / 1e8,
        "p90, 亿": fund["p90"] / 1e8,
    }


table = pd.DataFrame({name: summary(one) for name, one in views.items()}).T
table.round(2)

# %%
width = table["p90, 万"] - table["people p10, 万"]
money = table["p90, 亿"] - table["fund p10, 亿"]
_, once, yearly, correlated = table.index
assert width[yearly] < width[once] and width[correlated] > width[yearly]
assert table.loc[yearly, "all targets"] > table.loc[once, "all targets"]
assert money[correlated] > money[yearly]
pd.DataFrame({"width, people, 万": width, "width, fund, 亿": money}).round(1)

# %% [markdown]
# ## 够不够 · Are there enough draws?
#
# The probability of all targets after a part of the draws. Half as much error takes four times the
# draws:

# %%
parts = sure.convergence.query("measure == 'all'")
parts.set_index("draws")[["probability", "standard_error"]].round(3)

# %% [markdown]
# ## 没有算进去的 · What is left out
#
# The ranges are what is thought of each assumption, most by judgement. That the model itself is
# wrong, or the law changes, is not in them; the notebook `how_good` has its record.
#
# ## 结论 · What to take away
#
# - Three of four draws reach all targets in 2025; enterprise pension is the one that may be missed.
# - It hangs on the growth of employees: with 4 ± 2 % the probability falls to six in ten.
# - Whether years are alike (`persistence`) moves the probability by more than correlations do.

# %%
assert 0.65 < chances.loc["all", "probability"] < 0.85
assert chances["probability"].drop("all").idxmin() == MEASURE
assert drivers.iloc[0]["parameter"] == "growth.employee"
changes = table["all targets"].diff().abs()
assert changes[yearly] > changes[correlated]
