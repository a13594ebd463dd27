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
# # 养老金调整办法的成本 · What a rule for raising pensions costs
#
# Every year pensions in payment rise. By how much is policy: a fixed rate, wages, prices, or the
# three parts of the provincial notices. What does each rule cost the enterprise pension fund in the
# plan period, how long does the fund last, and what is a pension worth beside a wage?

# %%
import warnings

import pandas as pd

import fsinsure as fs
from fsinsure.errors import ExtendedWarning

# Beyond 2025 amounts of the law grow with wages; the run says so each time, we say it once here.
warnings.simplefilter("ignore", ExtendedWarning)

FUND = "pension.enterprise"


def city(result, item, fund=FUND):
    """An item of a fund by year, 亿元."""
    table = result.ledger.query("level == 'total' and fund == @fund and item == @item")
    return table.set_index("year")["yuan"] / 1e8


# %% [markdown]
# ## 规划期内的支出 · Spending in the plan period
#
# The baseline carries on the rise of 4.5 % of 2021. `indexing-wage` follows the wage growth of the
# year before, `indexing-cpi` the price growth; `as-implemented` has the rises that really came
# (4.5 % down to 2 %) and the later pension age of 2025. Pensions paid, 亿元, and what a rule adds
# to the baseline:

# %%
names = ["baseline", "indexing-wage", "indexing-cpi", "as-implemented"]
plan = {name: fs.run(fs.load(name)) for name in names}
paid = pd.DataFrame({name: city(result, "pension") for name, result in plan.items()}).dropna()
paid.round(1)

# %%
paid.sub(paid["baseline"], axis=0).drop(columns="baseline").round(1)

# %% [markdown]
# An envelope: 65万 pensions of 3,449 yuan are 269亿 a year. Prices (2.2 %) instead of 4.5 % save
# 2.3 % of it in 2021, 6亿, and the savings of each year stay in the pension for good:

# %%
bill = 650_000 * 3449 * 12 / 1e8
round(bill, 1), round(bill * (0.022 - 0.045), 1)

# %% [markdown]
# ## 三部分调整 · Rises in three parts
#
# The same level in another form: a flat amount, a part by contribution years and own pension, a
# top-up for the old. The enterprise fund pays nearly the same; a flat amount is less of a high
# pension, so civil retirees get less. Difference to `as-implemented`, 亿元:

# %%
parts = fs.run(fs.load("three-part-indexing"))
pd.DataFrame(
    {
        fund: city(parts, "pension", fund) - city(plan["as-implemented"], "pension", fund)
        for fund in (FUND, "pension.civil")
    }
).dropna().round(2)

# %% [markdown]
# ## 长期：基金何时用完 · The long run: when is the fund gone
#
# The law as enacted to 2060 (`long-run`), and from 2026 each rule in turn. The three parts stay as
# they were in 2025: yuan that do not grow fade beside growing pensions.

# %%
known = {2021: 0.045, 2022: 0.04, 2023: 0.038, 2024: 0.03, 2025: 0.02}


def from_2026(rate, wages, prices):
    """The rises up to 2025, then a fixed rate and weights of wages and prices."""
    return {
        "indexing.pension_rate": {**known, 2026: rate},
        "indexing.pension_wage_weight": {2021: 0, 2026: wages},
        "indexing.pension_price_weight": {2021: 0, 2026: prices},
    }


rules = {
    "fixed 2%": from_2026(0.02, 0, 0),
    "fixed 5%": from_2026(0.05, 0, 0),
    "wages": from_2026(0, 1, 0),
    "prices": from_2026(0, 0, 1),
    "half and half": from_2026(0, 0.5, 0.5),
    "three parts": {
        **from_2026(0.005, 0, 0),
        "indexing.pension_flat": {2021: 0, 2026: 39},
        "indexing.pension_per_year": {2021: 0, 2026: 0.5},
        "indexing.pension_top_up": {2021: 0, 2026: 10},
    },
}
law = fs.load("long-run").with_({"horizon": 2060})
long_run = {
    name: fs.run(law.with_(changes, name=name.replace(" ", "-").replace("%", "")))
    for name, changes in rules.items()
}

# %% [markdown]
# First year with a balance below zero (blank: not by 2060), and the balance, 亿元:

# %%
balance = pd.DataFrame({name: city(result, "closing") for name, result in long_run.items()})
gone = {
    name: next((year for year, left in one.items() if left < 0), None)
    for name, one in balance.items()
}
pd.concat(
    [pd.Series(gone, name="gone in", dtype="Int64"), balance.loc[[2025, 2030, 2040, 2050, 2060]].T],
    axis=1,
).round(0)

# %%
axes = balance.plot(ylabel="100 million yuan", title="Balance of the enterprise pension fund")
_ = axes.axhline(0, color="black", linewidth=0.8)

# %% [markdown]
# The depletion year is that of the city alone: its remittance to the pool goes on (an assumption)
# and nothing comes back.
#
# ## 养老金与工资之比 · What a pension is worth beside a wage
#
# Mean pension in payment over mean contribution base. What saves the fund shows here. Even a rule
# that follows wages does not hold the ratio: new pensions are smaller than those of 2020, because
# deemed years run out and the mean contribution index is 0.65 (both assumptions).

# %%
PAYING = ["employee", "flexible"]


def worth(result):
    """Mean pension over mean base by year."""
    people = result.stocks.query("level == 'total'").groupby(["status", "year"])["persons"].sum()
    mid = people.unstack("status").rolling(2).mean().dropna()
    pension = city(result, "pension") / mid["retiree"]
    base = city(result, "payroll") / mid[PAYING].sum(axis=1)
    return (pension / base).dropna()


ratio = pd.DataFrame({name: worth(result) for name, result in long_run.items()})
ratio.loc[[2021, 2025, 2030, 2040, 2050, 2060]].round(3)

# %%
_ = ratio.plot(ylabel="mean pension / mean base", title="What a pension is worth beside a wage")

# %% [markdown]
# ## 结论 · What to take away
#
# - A point of rise costs 2.7亿 in its first year and stays: after five years of it the bill is 17亿
#   a year higher.
# - A rule below wage growth is a slow cut of the replacement rate, and most of what it saves comes
#   after the plan period.
# - Growth of wages and prices, the remittance and everything after 2025 are assumptions:
#   `fsinsure sources --confidence assumption` lists them, and each can be set in a scenario.
