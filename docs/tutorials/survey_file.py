# %% [markdown]
# # Bring the survey's file
#
# doxa ships the answers of 65 countries, most of them as published shares. With the survey's own
# file you get counts, weights, subpopulations and the resampling of respondents. The survey gives
# its files to anyone who registers; they may not be passed on, so this notebook makes one up that
# has the same shape: columns, headers, labels, missing codes and weights.

# %%
from pathlib import Path

import doxa

bank = doxa.QuestionBank.load()
chosen = {name: bank.items[name] for name in ("Q1", "Q46", "Q57", "Q106", "Q164", "Q199")}
made_up = doxa.survey.synthetic(2000, chosen, countries=["JPN", "USA", "COL"], seed=1)
made_up.write_xlsx(Path("WVS_Wave_7_made_up.xlsx"), unweighted=["COL"])

# %% [markdown]
# ## What is in it
#
# `info` reads the file and says what an import would do. It writes nothing.

# %% language="bash"
# doxa survey info WVS_Wave_7_made_up.xlsx

# %% [markdown]
# ## Import
#
# Counts and microdata go to a folder. The microdata are readable by you alone. The made-up file has
# six of the survey's items; a file of several countries that lacks items is refused unless that is
# meant.

# %% language="bash"
# doxa survey import WVS_Wave_7_made_up.xlsx --allow-missing-items --out human
# doxa survey info human

# %% [markdown]
# ## Look at an item

# %% language="bash"
# doxa survey show Q57 --human human --only-human

# %% [markdown]
# ## Score against it
#
# Your files replace what doxa ships, country by country; `--only-human` leaves the rest of the world
# out. The replies here are five made-up ones, in the form that any program can write.

# %%
import json

import polars as pl

answers = {"Q1": [60, 25, 10, 5], "Q46": [30, 50, 15, 5], "Q57": [40, 60]}
answers |= {"Q199": [10, 30, 40, 20], "Q106": [10, 5, 10, 5, 20, 10, 10, 10, 5, 15]}
rows = []
for question, shares in answers.items():
    labels = [str(number) for number in range(1, len(shares) + 1)]
    response = json.dumps(dict(zip(labels, shares, strict=True)))
    rows.append({"question": question, "choice_keys": json.dumps(labels), "response": response})
pl.DataFrame(rows).with_columns(model=pl.lit("mine")).write_csv("mine.csv")

# %% language="bash"
# doxa score --from mine.csv --human human --only-human
# doxa score --from mine.csv --human human --only-human --resample items,respondents

# %% [markdown]
# The second command draws the respondents again, too. [Human answers](../how-to/human.md) says which
# files are read, how columns and labels are found, and how to split by sex, age or any variable.
