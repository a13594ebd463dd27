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
# # 各区年度计划指标 · Plan figures of the districts
#
# The plan has targets of the city for 2025, and asks for yearly figures by district (box 2). How
# many people is each district to add, in whole persons that add up? And in the middle of a year:
# who is behind, and what is needed a month? docs/quotas.md has the method.

# %%
import tempfile
from pathlib import Path

import pandas as pd

import fsinsure as fs

result = fs.run("baseline")
plan = fs.quotas(result)
MEASURE = "pension.enterprise"


def increments(quotas, year=2022, measure=MEASURE):
    """What each district adds in a year, persons."""
    rows = quotas.table.query("level == 'area' and measure == @measure and year == @year")
    return rows.set_index("area")["increment"]


# %% [markdown]
# ## 任务 · The task
#
# The city goes from 392.63万 to 470万 at a constant growth. Each year's task is divided by people
# at work; figures are whole persons, and the districts add up to the city.

# %%
figures = plan.table.query("measure == @MEASURE")
figures.pivot(index="year", columns="area", values="increment")

# %%
city, districts = (figures.query("level == @level") for level in ("total", "area"))
growth = (4_700_000 / 3_926_300) ** (1 / 5)
assert city["persons"].tolist() == [round(3_926_300 * growth**step) for step in range(1, 6)]
assert districts.groupby("year")["persons"].sum().tolist() == city["persons"].tolist()

# %%
plan.plot(lang="en")

# %% [markdown]
# ## 按什么分 · By which key
#
# The key is a choice of policy, not a result. `employment` follows insured work. `registered` is
# the 户籍人口, which box 2 names too: it asks more of Gaoming and Sanshui, which have a larger part
# of the registered than of those at work. `enrollment` asks all for the same growth, `uncovered`
# most of those who have most to enroll. Persons to be added in 2022:

# %%
mixed = {"employment": 0.5, "registered": 0.5}
keys = ["employment", "registered", "enrollment", "uncovered", mixed]
names = [*keys[:-1], "half and half"]
by_key = pd.DataFrame(
    {name: increments(fs.quotas(result, key)) for name, key in zip(names, keys, strict=True)}
)
by_key

# %% [markdown]
# ## 上下限 · Bounds
#
# Gaoming says that it can add no more than 9,000 a year by registered population. The others take
# over what it cannot, in the ratio of their weights; columns are persons in 2022.

# %%
areas = pd.DataFrame({"area": ["gaoming"], "measure": [MEASURE], "most": [9_000]})
free = increments(fs.quotas(result, "registered"))
bounded = increments(fs.quotas(result, "registered", areas=areas))
assert bounded.sum() == free.sum() and bounded["gaoming"] == 9_000
pd.DataFrame({"free": free, "bounded": bounded, "ratio": (bounded / free).round(4)})

# %% [markdown]
# ## 进度 · Tracking
#
# Figures to date come from the bureau, as a CSV file or a workbook (extra `excel`). **These are
# invented**, for the end of June 2022: four districts near the plan, Shunde far behind. The profile
# says when people join: less around the new year, more when graduates start in summer.

# %%
profile = [4, 2, 10, 10, 9, 9, 9, 10, 11, 10, 9, 7]
plan = fs.quotas(result, measures=[MEASURE], profile=profile)
invented = {"chancheng": 58.75, "nanhai": 160.1, "shunde": 140.2, "gaoming": 19.75, "sanshui": 34.3}
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "actuals.csv"
    rows = [f"{MEASURE},{area},2022-06,{value},万人" for area, value in invented.items()]
    file.write_text("\n".join(["measure,area,date,value,unit", *rows]), encoding="utf-8")
    tracked = plan.track(file)
    picture = plan.plot_tracking(file, lang="en")

columns = ["actual", "planned", "gap", "on_track", "done", "rate_to_date", "rate_needed"]
tracked.set_index("area")[columns].round(2)

# %% [markdown]
# The city has no row of its own: it is the sum of the districts. By the profile 44 % of the year's
# task should be done. `rate_needed` is what is left over the six months to come, `rate_to_date`
# what came each month so far. A district is on track if it lacks no more than the rounding of its
# figure: Sanshui lacks 464 people, and 34.3万 may be 500 more.

# %%
picture

# %% [markdown]
# By hand, for Shunde: what remains to its figure of the year, over six months.

# %%
year = plan.table.query("area == 'shunde' and year == 2022").iloc[0]
shunde = tracked.set_index("area").loc["shunde"]
assert abs(shunde["planned"] - (year["opening"] + 0.44 * year["increment"])) <= 0.5
assert shunde["rate_needed"] == (year["persons"] - 1_402_000) / 6
behind = tracked.query("level == 'area' and not on_track")["area"].tolist()
assert behind == ["shunde"]
f"needed {shunde['rate_needed']:,.0f} a month, so far {shunde['rate_to_date']:,.0f}"

# %% [markdown]
# A figure that cannot be right is refused with its place in the file, not passed on:

# %%
wrong = pd.DataFrame(
    {"measure": [MEASURE], "area": ["gaoming"], "date": ["2022-06"], "value": [19.75], "unit": "人"}
)
try:
    plan.track(wrong)
except fs.DataError as error:
    print(error)

# %% [markdown]
# ## 结论 · What to take away
#
# - The figures follow from the task, the key and the bounds, and each can be checked by hand.
# - The key decides: by registered population Gaoming is to add half as many again as by work.
# - What was missed stays to be done: figures of a year start from the figures planned before. To
#   begin again from what happened, run a scenario that observes it (docs/observed.md).

# %%
assert 1.4 < by_key.loc["gaoming", "registered"] / by_key.loc["gaoming", "employment"] < 1.6
