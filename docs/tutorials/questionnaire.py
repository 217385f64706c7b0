# %% [markdown]
# # Your own questionnaire
#
# A survey of your own needs three things: the items with their scales, their wording in a language,
# and people's answers. Everything else (asking, elicitation, tables, the report) stays the same.
#
# ## The questionnaire
#
# A questionnaire is a folder: `items.toml` has what does not depend on a language, and each
# language one file. The sentences that prompts are made of, and the names of countries, are taken
# from doxa's own English file.

# %%
from pathlib import Path

from doxa.questionnaire.bank import SHIPPED

folder = Path("work")
folder.mkdir()
(folder / "items.toml").write_text("""
[topics]
work = "Work"

[answers.agreement]
scale = "ordinal"
codes = [1, 2, 3, 4]

[answers.place]
scale = "nominal"
codes = [1, 2, 3]

[items.work]
home = { answers = "agreement", variables = { 7 = "home" } }
hours = { answers = "agreement", variables = { 7 = "hours" } }
machines = { answers = "agreement", variables = { 7 = "machines" } }
union = { answers = "agreement", variables = { 7 = "union" } }
retire = { answers = "agreement", variables = { 7 = "retire" } }
best = { answers = "place", variables = { 7 = "best" } }
""")
(folder / "countries.toml").write_text((SHIPPED / "countries.toml").read_text())
shipped = (SHIPPED / "en.toml").read_text()
prompts = shipped[shipped.index("[prompt]") :]
(folder / "en.toml").write_text(
    """
[language]
code = "en"
name = "English"
english_name = "English"
script = "Latn"
direction = "ltr"

[answers]
agreement = ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]
place = ["At home", "In an office", "It makes no difference"]

[items]
home = "Do you agree or disagree? “Everyone whose job allows it should be free to work from home.”"
hours = "Do you agree or disagree? “Four days a week are enough work for anybody.”"
machines = "Do you agree or disagree? “Machines will soon do most of the work that people do now.”"
union = "Do you agree or disagree? “Working people are better off with a trade union.”"
retire = "Do you agree or disagree? “People should stop working at sixty.”"
best = "Where do people work best?"

"""
    + prompts
)

import doxa

bank = doxa.QuestionBank.load(folder)
bank.question("best", "en")

# %% [markdown]
# ## Ask it
#
# The commands ask the questionnaire that doxa ships; another one is asked from Python, into the same
# kind of run.

# %%
from doxa.demo import demo_model
from doxa.run import Experiment, ask

experiment = Experiment.from_grid(
    [str(demo_model(small=True))],
    bank=bank,
    elicitations=["logprobs"],
    option_orders=["listed", "reversed"],
    n_examples=0,
)
ask(experiment, "runs/jobs/replies.sqlite", bank=bank)

# %% [markdown]
# ## People's answers
#
# They may be counts in a table, or respondents in a file of any survey program. Such a file is
# described in a small TOML file: which column holds what. Here it is a CSV file of 500 made-up
# people.

# %%
import numpy as np
import polars as pl

rng = np.random.default_rng(3)
agreement = [0.3, 0.4, 0.2, 0.1]
columns = {name: rng.choice(4, 500, p=rng.permutation(agreement)) + 1 for name in bank.items}
columns["best"] = rng.choice([1, 2, 3, 9], 500, p=[0.4, 0.2, 0.3, 0.1])  # 9: no answer
columns["weight"] = rng.uniform(0.5, 2, 500).round(3)
pl.DataFrame(columns).write_csv("work.csv")

described = """
survey = "WORK"
title = "A made-up survey on work"
wave = 7
country = "USA"
weight = { column = "weight" }

[missing]
9 = -2
"""
for name, item in bank.items.items():
    codes = list(item.scale.codes)
    described += f"""
[items.{name}]
column = "{name}"
scale = "{item.scale.kind}"
codes = {codes}
"""
Path("work.toml").write_text(described)

# %% language="bash"
# doxa survey info work.csv --described work.toml
# doxa survey import work.csv --described work.toml --out human

# %% [markdown]
# ## Score
#
# The scores of six items say little: the interval is there to say so.

# %%
from doxa.evaluate import evaluate, make_table, read_people

people = read_people("human", only=True)
evaluation = evaluate("runs/jobs", people, bank)
make_table(evaluation, "alignment").select("country", "estimate", "low", "high", "n_items")

# %%
doxa.report.write_report("report.html", evaluation)

# %% [markdown]
# [Human answers](../how-to/human.md) has the rest of the description of a survey: missing codes,
# weights, waves in a column, options off the scale. To ask in other languages, add a file for each.
