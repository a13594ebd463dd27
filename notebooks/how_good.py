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
# # 预测有多准？ · How good is it?
#
# Before a projection is used for a plan, a planner wants its record: what it said, what was
# published later, and whether a rule without any model would have been as near. Figures are
# compared only within one measure (口径); docs/validation.md has the reasons for the errors.

# %%
import warnings

import fsinsure as fs
from fsinsure.errors import FsinsureWarning

warnings.simplefilter("ignore", FsinsureWarning)

city = fs.backtest("baseline")
city.plot()

# %% [markdown]
# ## 记录 · The record
#
# The error is projected over published, less 1. A year without a published figure is missing, not
# zero.

# %%
own = city.table.query("method == 'projection'")
own.pivot(index="year", columns="measure", values="error").mul(100).round(1)

# %% [markdown]
# Mean absolute percentage errors (MAPE, %), of the projection and of naive rules that use figures
# up to the base year only:


# %%
def errors(tested):
    """Mean absolute percentage errors, measures by methods."""
    table = tested.errors.pivot(index="measure", columns="method", values="mape")
    return table[list(tested.errors["method"].unique())].mul(100).round(1)


errors(city)

# %% [markdown]
# Before the base year the naive rules can be tried from many origins. How far does their error grow
# with the years ahead?

# %%
city.rolling.pivot(index="step", columns="method", values="mape").mul(100).round(1)

# %% [markdown]
# ## 高低情景 · Low and high
#
# Do the published figures lie between `low-growth` and `high-growth`? Where they do not, the two
# scenarios are narrower than what can happen.

# %%
band = {name: fs.run(name) for name in ("low-growth", "high-growth")}


def path(result, measure):
    """A measure of the region by year, 万人."""
    rows = result.enrollment.query("level == 'total' and measure == @measure")
    return rows.set_index("year")["persons"] / 1e4


for measure in ("unemployment", "pension.urban_employee"):
    published = city.result.published.query("level == 'total' and measure == @measure")
    table = published[published["year"] > 2020].set_index("year")[["value"]] / 1e4
    table = table.rename(columns={"value": "published"})
    for name, result in band.items():
        table[name] = path(result, measure)
    table["between"] = table["published"].between(table["low-growth"], table["high-growth"])
    print(measure, table.round(1), sep="\n", end="\n\n")

# %% [markdown]
# All do, and the growth of the three years differs: 2021 is near the baseline, 2022 and 2023 bring
# unemployment insurance close to the low end.
#
# ## 已知 · Using what is known
#
# `observed` meets what was published to the end of 2023; from there employees grow as in 2022 and
# 2023, other growth is that of the baseline. Which growth a year (a fraction) do the targets of
# 2025 still need?

# %%
observed = fs.run("observed")
observed.remaining().set_index("measure")[["since", "persons", "target", "growth_required"]]

# %%
observed.plot.targets()

# %% [markdown]
# ## 全国 · The nation
#
# For the nation money is published too. Grey marks judge nothing: a parameter was set by them.

# %%
nation = fs.backtest("china")
nation.plot()

# %%
errors(nation)

# %% [markdown]
# The relief of 2020 by rule (static) beside the published fall of income:

# %%
columns = ["change", "by_rule", "if_all_large", "if_all_small", "small_share_implied"]
nation.relief.set_index("measure")[columns].mul(100).round(1)

# %% [markdown]
# ## 未知 · What is not known
#
# Measures and years without a published figure. About their errors nothing can be said.

# %%
missing = city.errors.query("method == 'projection'")
missing[["measure", "years", "missing"]]
