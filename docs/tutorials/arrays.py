# %% [markdown]
# # Score your arrays
#
# Two sets of distributions are all that scoring needs: a model's answers and people's. This
# notebook goes from lists to groups, intervals and other measures.

# %%
import numpy as np
import polars as pl

import doxa

# %% [markdown]
# ## Rows of any length
#
# A row is an item. Rows may have different numbers of options; NumPy arrays, lists, and Polars or
# Arrow columns of lists all do.

# %%
model = [[0.1, 0.2, 0.3, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1], [0.2, 0.5, 0.3], [0.6, 0.4]]
human = [[0.2, 0.2, 0.2, 0.4], [0.4, 0.4, 0.2], [0.7, 0.3], [0.3, 0.3, 0.4], [0.5, 0.5]]
result = doxa.score_batch(model, human, resample="items", seed=1)
result.scores

# %%
result.groups

# %% [markdown]
# ## Options with and without an order
#
# By default options are steps of a scale: an answer one step off is half wrong where two steps are
# wholly wrong. Where the options have no order, such as parties or religions, say so: the score is
# then 1 minus the total variation distance.

# %%
far, near = [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]
people = [1.0, 0.0, 0.0]
for scale in ("ordinal", "nominal"):
    scores = doxa.score_batch([far, near], [people, people], scale=scale).scores
    print(scale, scores["alignment"].to_list())

# %% [markdown]
# ## A shortcut that is wrong
#
# `scipy.stats.wasserstein_distance(p, q)` takes *samples*. Given two vectors of shares, it compares
# the shares' sizes and not the places of the options: two opposite answers have the distance 0.

# %%
from scipy.stats import wasserstein_distance

print("shares taken for samples:", wasserstein_distance(people, far))
print("places of the options:   ", wasserstein_distance([0, 1, 2], [0, 1, 2], people, far))

# %% [markdown]
# ## Groups, in one call
#
# A thousand items, four groups. Items shared by several groups are drawn again together, so the
# differences between groups are paired.

# %%
rng = np.random.default_rng(0)
items, options = 250, 5
people = rng.dirichlet(np.full(options, 2.0), size=items)
frames = []
for group, noise in [("A", 0.1), ("B", 0.2), ("C", 0.4), ("D", 0.8)]:
    answers = (1 - noise) * people + noise * rng.dirichlet(np.ones(options), size=items)
    rows = {"group": group, "item": np.arange(items), "model": answers, "human": people}
    frames.append(pl.DataFrame(rows, schema_overrides={"group": pl.String}))
pairs = pl.concat(frames)
batch = doxa.score_batch(
    pairs["model"],
    pairs["human"],
    groups=pairs["group"],
    items=pairs["item"],
    metrics=["alignment", "total_variation", "js_distance"],
    resample="items",
)
table = batch.groups
table

# %% [markdown]
# ## A picture of it
#
# The table is a Polars frame, so any plotting library does.

# %%
import altair as alt

alt.renderers.enable("png")
shown = alt.Chart(table.filter(metric="alignment")).encode(y="group:N")
across = alt.X("low:Q").scale(zero=False).title("alignment, 95 %")
shown.mark_rule().encode(x=across, x2="high:Q") + shown.mark_point().encode(x="estimate:Q")

# %% [markdown]
# ## Next
#
# [Your GGUF against the world](gguf.md) asks a model in place of making numbers up;
# [scoring on many machines](../how-to/scoring.md) is for files larger than memory.
