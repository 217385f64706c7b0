# %% [markdown]
# # Write a paper's table
#
# From a run to a LaTeX table whose every number has an interval, and a figure. The model is the same
# small one as in [your GGUF against the world](gguf.md).

# %%
import os

from doxa.demo import demo_model

os.environ["MODEL"] = str(demo_model(small=True))

# %% language="bash"
# doxa ask --model "$MODEL" --questions 6 --elicit logprobs \
#   --steering none,persona --targets JPN,USA --out runs/paper

# %% [markdown]
# ## Every table, in every form
#
# `doxa report RUN --tables DIR --figures DIR` writes all of them: CSV and Parquet with every digit,
# LaTeX for a page, figures as SVG and PNG. `--human sample` stands for the counts of four countries that
# doxa ships; without it, it is the world.

# %% language="bash"
# doxa report runs/paper --human sample --out report.html --tables tables --figures figures
# ls tables | head -12
# ls figures

# %% language="bash"
# head -20 tables/steering.tex

# %% [markdown]
# ## A table of your own
#
# What a paper shows is seldom a whole table. The rows are a Polars frame: take what you need and say
# in the caption what the interval is. Here: what the persona adds for its target, on the same items,
# with Holm's correction for the number of rows.

# %%
import doxa

evaluation = doxa.evaluate.evaluate("runs/paper", doxa.survey.sample(wave=7))
effects = doxa.evaluate.make_table(evaluation, "steering")
effects.select("target", "steering", "estimate", "low", "high", "p_adjusted", "n_items")

# %%
lines = [
    rf"{row['target']} & {row['estimate']:+.3f} & [{row['low']:+.3f}, {row['high']:+.3f}]"
    rf" & {row['p_adjusted']:.2f} \\"
    for row in effects.iter_rows(named=True)
]
print("\n".join(lines))

# %% [markdown]
# ## A figure of your own

# %%
import altair as alt

alt.renderers.enable("png")
scores = doxa.evaluate.make_table(evaluation, "alignment").filter(survey="WVS")
shown = alt.Chart(scores).encode(y=alt.Y("country:N").title(None), color="steering:N")
shown = shown.encode(yOffset="steering:N")
across = alt.X("low:Q").scale(zero=False).title("alignment, 95 %")
intervals = shown.mark_rule().encode(x=across, x2="high:Q")
baselines = shown.mark_tick(color="black").encode(x="baseline:Q")
intervals + shown.mark_point(filled=True).encode(x="estimate:Q") + baselines

# %% [markdown]
# ## What must stand beside it
#
# The report's *methods* section has the sentences: items, survey wave, sources and weights of the
# human answers, what the bootstrap resampled, model file and its hash, versions. In Python they are
# facts by name.

# %%
for name, fact in list(evaluation.provenance.items())[:6]:
    print(f"{name}: {fact[:80]}")

# %% [markdown]
# [Every table](../reference/analysis.md) says what each column is and how it is computed, with the
# citations of the methods.
