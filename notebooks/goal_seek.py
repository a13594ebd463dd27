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
# # 要达到规划目标还需做什么？ · What does it take to reach the plan?
#
# At the end of 2023 two years are left. `observed` meets what was published to then and goes on;
# what must the bureau push, by how much, and what does that bring or cost the funds?
# docs/solve.md has the formulas.

# %%
import warnings

import fsinsure as fs
from fsinsure.errors import FsinsureWarning

warnings.simplefilter("ignore", FsinsureWarning)

fs.run("observed").targets[["measure", "year", "target", "projected", "gap"]].round(0)

# %% [markdown]
# ## 一个参数、一项目标 · One lever, one target
#
# The enterprise pension is short of its target. With flexible workers alone:

# %%
one = fs.solve("observed", "pension.enterprise", "growth.flexible")
one.path[one.path["before"] != one.path["after"]]

# %%
one.people.query("year == 2025 and level == 'total' and difference != 0")

# %% [markdown]
# ## 几个参数、全部目标 · Several levers, all targets
#
# Employees, flexible workers and those covered on construction projects together, changed as little
# as can be. A change counts as a part of the range that the region assumes for the lever; a lever
# without a range counts in its bounds.

# %%
levers = ["growth.employee", "growth.flexible", "coverage.injury.project_worker"]
bounds = {"coverage.injury.project_worker": ("0%", "20%")}
answer = fs.solve("observed", lever=levers, bounds=bounds)
answer.plot()

# %% [markdown]
# Which targets bind, and what does one person more cost? A negative price is a gain: within the
# plan those who join pay more than they draw.

# %%
answer.constraints[["kind", "name", "limit", "before", "after", "binding", "shadow_price"]].round(0)

# %%
answer.levers[["lever", "since", "last", "before", "after", "range", "share", "bound"]].round(4)

# %% [markdown]
# ## 何时开始 · Until when is there time?
#
# The latest start that still meets all targets, and what the levers must then be:

# %%
answer.latest_path.query("year == 2025")

# %% [markdown]
# ## 备付 · With a reserve
#
# The unemployment fund is to keep two months of outgo more at the end of 2025 than it would. The
# rate of employers joins the levers. What firms pay more is a gain of the fund, not a cost of it.

# %%
table = fs.run("observed").indicators
months = table.query("indicator == 'months_of_reserve' and fund == 'unemployment' and year == 2025")
kept = float(months["value"].iloc[0]) + 2
safe = fs.solve(
    "observed",
    lever=[*levers, "unemployment.employer_rate"],
    bounds=bounds | {"unemployment.employer_rate": ("0.3%", "1.5%")},
    reserves={"unemployment": kept},
)
safe.constraints[["kind", "name", "limit", "before", "after", "unit", "binding", "shadow_price"]]

# %%
print(f"{answer.cost / 1e8:,.2f}亿 yuan without, {safe.cost / 1e8:,.2f}亿 with the reserve")

# %% [markdown]
# ## 复现 · The file
#
# `answer.write("out/goal_seek")` writes the tables, the picture and the scenario file
# `solved.yaml`, which is run before an answer is returned: a scenario like any other.

# %%
print(answer.text[:220])
