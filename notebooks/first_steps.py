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
# # First steps: from a scenario to the gap, and a reform in one line
#
# The baseline continues what was under way in 2020. Does it reach the plan's targets for 2025?

# %%
import fsinsure as fs

base = fs.load("baseline")
result = fs.run(base)

# %% [markdown]
# ## The gap
#
# `gap` is projected minus target, in persons; growth is a yearly fraction from the base year.

# %%
result.targets.set_index("measure")[
    ["base", "target", "projected", "gap", "growth_required", "growth_projected"]
]

# %%
result.plot.targets(lang="en")

# %% [markdown]
# ## Where the increment comes from
#
# Channels add up exactly to the increment of the measure.

# %%
result.plot.channels("pension.enterprise", lang="en")

# %%
result.plot.pyramid(lang="en")

# %% [markdown]
# ## A reform in one line
#
# What if flexible workers joined much faster? `with_` returns a new scenario; keys and values are
# those of a scenario file.

# %%
drive = base.with_({"growth.flexible": "18%"}, name="flexible-drive")
comparison = fs.compare(result, fs.run(drive))
comparison.targets.pivot(index="measure", columns="scenario", values="gap")

# %% [markdown]
# Only what differs between the two:

# %%
comparison.parameters

# %%
comparison.plot(lang="en")
