# %% [markdown]
# # Your own questionnaire
#
# A questionnaire of your own is one file: what is asked, on which scales, in which words. Everything
# else (asking, forms, elicitation, tables, the report) stays the same. Three files are made here:
# the questionnaire, people's answers, and a description of where the answers are.
#
# ## The questionnaire
#
# `doxa questionnaire new work.toml` writes one to begin with, with comments that explain each key;
# `doxa questionnaire new work.csv` a table with one row an option, for a spreadsheet. Here are ten
# items on working life, two of them in Spanish as well.

# %%
from pathlib import Path

Path("work.toml").write_text("""\
[questionnaire]
name = "Working life"
language = "en"

[answers.agreement]
scale = "ordinal"
codes = [1, 2, 3, 4]
[answers.agreement.labels]
en = ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]
es = ["Muy de acuerdo", "De acuerdo", "En desacuerdo", "Muy en desacuerdo"]

[items]
home.answers = "agreement"
home.text.en = "Do you agree? “Everyone whose job allows it should be free to work from home.”"
home.text.es = "¿Está de acuerdo? «Quien pueda trabajar desde casa debería tener libertad de hacerlo.»"
hours.answers = "agreement"
hours.text.en = "Do you agree? “Four days a week are enough work for anybody.”"
hours.text.es = "¿Está de acuerdo? «Con cuatro días de trabajo a la semana basta.»"
machines = { answers = "agreement", text = "Do you agree? “Machines will soon do most of our work.”" }
union = { answers = "agreement", text = "Do you agree? “Workers are better off with a union.”" }
retire = { answers = "agreement", text = "Do you agree? “People should stop working at sixty.”" }
boss = { answers = "agreement", text = "Do you agree? “A workplace does well without a boss.”" }
pay = { answers = "agreement", text = "Do you agree? “Everybody's pay should be public.”" }
calls = { answers = "agreement", text = "Do you agree? “Nobody should be called after work.”" }

[items.meaning]
topic = "Meaning"
text = "How much does your work matter to who you are?"
scale = "ordinal"
codes = [1, 2, 3, 4, 5]
labels = ["Not at all", "A little", "Somewhat", "Much", "Very much"]

[items.best]
topic = "Place"
text = "Where do people work best?"
scale = "nominal"
codes = [1, 2, 3]
off_scale = [8]
labels = ["At home", "In an office", "On the move", "Hard to say"]
""")

# %% language="bash"
# doxa questionnaire check work.toml
# doxa questionnaire show work.toml best

# %% [markdown]
# A mistake is told with the file, the key and what to do. The notes say what may have been
# overlooked: here, that eight items have no Spanish words, so that a run in Spanish asks two.
#
# ## Ask it
#
# The run keeps the questionnaire: the commands that follow need not be told of it.

# %%
import os

from doxa.demo import demo_model

os.environ["MODEL"] = str(demo_model(small=True))

# %% language="bash"
# doxa ask --questionnaire work.toml --model "$MODEL" --elicit logprobs --out runs/work

# %% [markdown]
# ## People's answers
#
# They may be counts in a table (columns `wave`, `country`, `question`, `code`, `n`), or respondents
# in a file of any survey program. Here it is a CSV file of 500 made-up people.

# %%
import numpy as np
import polars as pl

rng = np.random.default_rng(3)
agreement = [0.3, 0.4, 0.2, 0.1]
names = ["home", "hours", "machines", "union", "retire", "boss", "pay", "calls"]
people = {name: rng.choice(4, 500, p=rng.permutation(agreement)) + 1 for name in names}
people["v9"] = rng.choice([1, 2, 3, 4, 5, 99], 500, p=[0.1, 0.1, 0.2, 0.3, 0.2, 0.1])
people["best"] = rng.choice(["At home", "In an office", "On the move", "No answer"], 500)
people["weight"] = rng.uniform(0.5, 2, 500).round(3)
people["land"] = ["DE"] * 500
pl.DataFrame(people).write_csv("people.csv")

# %% [markdown]
# `doxa survey describe` drafts a description of such a file. It finds country, weight and items by
# their names, labels and values, and says what it did not find.

# %% language="bash"
# doxa survey describe people.csv --questionnaire work.toml --out people.toml
# cat people.toml

# %% [markdown]
# The item `meaning` is in the column `v9`, where 99 stands for no answer. That is put in by hand;
# then the file is imported.

# %%
draft = Path("people.toml").read_text()
draft = draft.replace(
    '# [items.meaning]  # TO DO: no column was found\n# column = "…"',
    '[items.meaning]\ncolumn = "v9"',
)
Path("people.toml").write_text(draft + "\n[missing]\n99 = -2  # no answer\n")

# %% language="bash"
# doxa survey import people.csv --described people.toml --questionnaire work.toml --out people

# %% [markdown]
# ## Score
#
# Ten items say little: the interval is there to say so.

# %% language="bash"
# doxa score runs/work --human people
# doxa report runs/work --human people --out work.html

# %% [markdown]
# [Human answers](../how-to/human.md) has the rest of the description of a survey. A questionnaire in a
# language that doxa has no prompts in is a folder: see `QuestionBank.load`.
