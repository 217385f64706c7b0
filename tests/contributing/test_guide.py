"""Every row of the guide's table: the addition is made in a copy, touching just those files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tiny_models import bigram, random_model

from contributing.tree import ROOT, Tree, assert_as_the_guide_says, files_of, kinds
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = [f"{code}.toml" for code in QuestionBank.load().languages]


def ask(tree: Tree, *options: str, items: str = "Q46,Q57", elicit: str = "logprobs") -> list[dict]:
    """Ask the tiny model something, score it, and give the rows of the score."""
    tree.doxa(
        "ask", "--model", str(bigram()), "--questions", items, "--elicit", elicit,
        "--examples", "0", "--fast", *options, "--out", "run",
    )  # fmt: skip
    return rows(tree.doxa("score", "run", "--resamples", "20", "--json"))


def rows(printed: str) -> list[dict]:
    return [json.loads(line) for line in printed.splitlines()]


def test_each_row_of_the_guide_is_followed_by_a_test() -> None:
    followed = {
        "a metric", "a language", "a steering", "a survey", "a backend", "an elicitation",
        "a kind of recorded file", "a table", "a form of thought",
    }  # fmt: skip
    assert set(kinds()) == followed
    for kind in followed:
        for pattern in files_of(kind):
            folder = ROOT / pattern.split("*")[0]
            assert folder.exists() or folder.parent.is_dir(), f"{kind}: no {pattern}"


def test_a_language(tmp_path: Path) -> None:
    tree = Tree(tmp_path, "data/questionnaire")
    english = (ROOT / "python/doxa/questionnaire/en.toml").read_text(encoding="utf-8")
    assert english.count('code = "en"') == 1
    tree.add("python/doxa/questionnaire/eo.toml", english.replace('code = "en"', 'code = "eo"'))
    sheet = (ROOT / "data/questionnaire/review/de.csv").read_text(encoding="utf-8")
    tree.add("data/questionnaire/review/eo.csv", sheet)
    scores = ask(tree, "--languages", "en,eo")
    assert {row["language"] for row in scores} == {"en", "eo"}
    shown = tree.doxa("prompts", "show", "Q57", "--language", "eo")
    assert shown == tree.doxa("prompts", "show", "Q57", "--language", "en")
    assert_as_the_guide_says(tree, "a language")


def test_a_steering(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.insert(
        "python/doxa/prompt/steering.py",
        before="    # Last, because its text introduces the examples",
        text='    "mood": Part("mood", ("mood",), lambda aim: {"mood": aim.number * "very "},\n'
        '                 number="strength", numbers=range(1, 4)),\n',
    )
    for language in LANGUAGES:
        tree.insert(
            f"python/doxa/questionnaire/{language}",
            after="[prompt]\n",
            text='mood = "Answer in a {mood}good mood."\n',
        )
    shown = tree.doxa("prompts", "show", "Q57", "--steering", "mood-2", "--examples", "0")
    assert "in a very very good mood." in shown
    ask(tree, "--steering", "none,mood-2,persona_mood-1", "--targets", "JPN")
    effects = rows(tree.doxa("score", "run", "--table", "targeting", "--resamples", "20", "--json"))
    assert "persona_mood-1" in {row["steering"] for row in effects}
    assert_as_the_guide_says(tree, "a steering")


def test_a_survey(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.add(
        "python/doxa/survey/village.py",
        '''"""The survey of the village: one row a respondent."""

from doxa.survey.layout import Layout, Variable


def village_layout(source, items):
    """Return the layout: items under their own names, the country in `land`."""
    places = {name: Variable(name.lower()) for name in items}
    return Layout("Village", "VILLAGE", 7, "land", None, None, items, places)
''',
    )
    name = "python/doxa/survey/known.py"
    tree.insert(
        name,
        before="from doxa.survey.opinions",
        text="from doxa.survey.village import village_layout\n",
    )
    tree.insert(
        name,
        before="    RespondentFile(wvs.wave_layout, (), wvs.holds_wave),\n",
        text='    RespondentFile(village_layout, ("land", "hut")),\n',
    )
    from doxa.questionnaire import QuestionBank

    items = list(QuestionBank.load().items)
    answers = {item.lower(): [1, 2, 1] * 10 for item in items}
    frame = pl.DataFrame({"land": ["JP"] * 30, "hut": range(30), **answers})
    frame.write_csv(tmp_path / "village.csv")
    tree.doxa("survey", "import", "village.csv", "--out", "human")
    tree.doxa("ask", "--model", str(bigram()), "--questions", "Q46,Q57", "--elicit", "logprobs",
              "--examples", "0", "--fast", "--out", "run")  # fmt: skip
    human = ("--human", "human", "--only-human")
    scores = rows(tree.doxa("score", "run", *human, "--resamples", "20", "--json"))
    assert {(row["survey"], row["country"]) for row in scores} == {("VILLAGE", "JPN")}
    assert_as_the_guide_says(tree, "a survey")


def test_a_survey_that_its_user_describes_touches_nothing(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tmp_path / "club.toml").write_text(
        'survey = "CLUB"\ntitle = "The club"\nwave = 2024\ncountry = "JPN"\n\n'
        '[items.tea]\ncolumn = "tea"\nscale = "ordinal"\ncodes = [1, 2, 3]\n',
        encoding="utf-8",
    )
    pl.DataFrame({"id": range(12), "tea": [1, 2, 3] * 4}).write_csv(tmp_path / "club.csv")
    tree.doxa("survey", "import", "club.csv", "--described", "club.toml", "--out", "human")
    counts = pl.read_parquet(next((tmp_path / "human").glob("*counts*.parquet")))
    assert counts["n"].to_list() == [4.0, 4.0, 4.0]
    assert not tree.touched


def test_a_backend(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.add(
        "python/doxa/backend/echo.py",
        '''"""A backend whose model likes the first option best."""

import math

from doxa.backend.request import Answer, ModelCard, Workload


class Echo:
    """Gives option number i the probability 2^-i."""

    free = True

    def __init__(self, model, *, parallel):
        self.card = ModelCard("echo", model, fingerprint="echo")

    def prepare(self, requests):
        """Count the requests."""
        return Workload(requests=len(requests))

    def ask(self, requests):
        """Answer each request."""
        for request in requests:
            scores = tuple(-math.log(2) * (i + 1) for i in range(len(request.choices)))
            yield request, Answer(request.choices[0], log_probabilities=scores)

    def close(self):
        """Free nothing."""
''',
    )
    tree.insert(
        "python/doxa/backend/backends.py",
        before='    "replay": BackendRow(',
        text='    "echo": BackendRow("doxa.backend.echo:Echo", ("parallel",)),\n',
    )
    (tmp_path / "experiment.toml").write_text(
        'models = ["parrot"]\nitems = ["Q46", "Q57"]\nelicitations = ["logprobs"]\n'
        'forms = 1\n[engine]\nbackend = "echo"\n',
        encoding="utf-8",
    )
    tree.doxa("ask", "--experiment", "experiment.toml", "--out", "run")
    scores = rows(tree.doxa("score", "run", "--resamples", "20", "--json"))
    assert {row["model"] for row in scores} == {"parrot"}
    tree.doxa("export", "run", "--out", "replies.parquet")
    replies = pl.read_parquet(tmp_path / "replies.parquet")
    assert replies.filter(question="Q57")["probabilities"].to_list() == [
        pytest.approx([2 / 3, 1 / 3])
    ]
    assert_as_the_guide_says(tree, "a backend")


def test_an_elicitation(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.add(
        "python/doxa/elicit/favourite.py",
        '''"""The likeliest option alone."""

from doxa.backend.request import Request
from doxa.elicit.reading import Reading
from doxa.elicit.turn import turn_of


def request(prompt, settings, draw, attempt):
    """Ask for the log-probability of each option."""
    return Request(turn_of(prompt, "logprobs"), "options", prompt.labels)


def read(prompt, answer):
    """Give the likeliest option all."""
    best = max(answer.log_probabilities)
    shares = [float(score == best) for score in answer.log_probabilities]
    return Reading("ok", "", dict(zip(prompt.codes, shares, strict=True)))
''',
    )
    name = "python/doxa/elicit/elicitation.py"
    tree.insert(
        name, before="from doxa.elicit import logprobs", text="from doxa.elicit import favourite\n"
    )
    tree.insert(
        name,
        before='    "sampling": Elicitation(',
        text='    "favourite": Elicitation(\n'
        '        favourite.request, favourite.read, "logprobs", "the likeliest option"\n    ),\n',
    )
    scores = ask(tree, elicit="logprobs,favourite")
    assert {row["elicitation"] for row in scores} == {"logprobs", "favourite"}
    assert "Options:" in tree.doxa("prompts", "show", "Q57", "--elicit", "favourite")
    assert "favourite" in tree.doxa("ask", "--help")
    tree.doxa("report", "run", "--resamples", "20", "--out", "report.html")
    assert "the likeliest option" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert_as_the_guide_says(tree, "an elicitation")


def test_a_form_of_thought(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.insert(
        "python/doxa/backend/thinking.py",
        before='    _Form("Gemma channels"',
        text='    _Form("pondering", "<<ponder>>", "<<ponder>>", "<<done>>"),\n',
    )
    source = "{{ messages[-1].content }}<<ponder>>"
    tree.doxa(
        *("ask", "--model", str(random_model(chat=source)), "--reasoning", "off,4"),
        *("--draws", "1", "--questions", "1", "--fast", "--elicit", "logprobs", "--out", "run"),
    )
    tree.doxa("export", "run", "--out", "run.jsonl")
    told = rows((tmp_path / "run.jsonl").read_text(encoding="utf-8"))
    assert [row["thought_status"] for row in told] == ["none", "cut"]
    assert_as_the_guide_says(tree, "a form of thought")


def test_a_kind_of_recorded_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.add(
        "python/doxa/recorded/tally.py",
        '''"""Tallies: how often a model gave each answer."""

import polars as pl

from doxa.recorded.entries import replies_of
from doxa.recorded.recording import Recording

NEEDS = frozenset({"item", "tally"})


def read_tally(table, source, bank, targets):
    """Read tallies such as "3 1" as replies without steering."""
    tallies = [[int(n) for n in text.split()] for text in table["tally"]]
    shares = [[n / sum(tally) for n in tally] for tally in tallies]
    plain = {"model": source.name, "target": "", "language": "en", "steering": "none",
             "template": "a", "option_order": "listed", "elicitation": "sampling",
             "status": "ok", "text": ""}
    replies = table.select(
        question="item",
        probabilities=pl.Series(shares, dtype=pl.List(pl.Float64)),
        **{column: pl.lit(value) for column, value in plain.items()},
    )
    found = replies_of(replies, source.name, bank, backend="tally")
    return Recording(found, entries=table.height, unit="rows")
''',
    )
    name = "python/doxa/recorded/reading.py"
    tree.insert(
        name, before="from doxa.recorded import cells", text="from doxa.recorded import tally\n"
    )
    tree.insert(
        name,
        before='    Format("a log of Inspect"',
        text='    Format("a tally", tally.NEEDS, True, tally.read_tally),\n',
    )
    pl.DataFrame({"item": ["Q57", "Q46"], "tally": ["3 1", "1 1 1 1"]}).write_csv(
        tmp_path / "parrot.csv"
    )
    scores = rows(tree.doxa("score", "--from", "parrot.csv", "--resamples", "20", "--json"))
    assert {row["model"] for row in scores} == {"parrot"}
    assert_as_the_guide_says(tree, "a kind of recorded file")


def test_a_table(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.add(
        "python/doxa/analysis/certainty.py",
        '''"""How certain a model is: the mean probability of its likeliest option."""

import polars as pl

from doxa.distribution import MODEL_KEYS


def certainty(model):
    """Average the probability of the likeliest option over items."""
    best = pl.col("probabilities").list.max()
    return model.group_by(MODEL_KEYS, maintain_order=True).agg(
        n_items=pl.len(), estimate=best.mean(), low=best.min(), high=best.max()
    )
''',
    )
    tree.insert(
        "python/doxa/evaluate/tables.py",
        before='        "structure": ',
        text='        "certainty": NamedTable(\n'
        '            "how certain each model is of its likeliest option",\n'
        "            lambda e: certainty(e.model_distributions),\n"
        '            section="further",\n'
        "        ),\n",
    )
    tree.insert(
        "python/doxa/evaluate/tables.py",
        before="from doxa.analysis.parts.pairs import",
        text="from doxa.analysis.certainty import certainty\n",
    )
    ask(tree)
    assert "certainty" in tree.doxa("score", "--table", "list")
    [row] = rows(tree.doxa("score", "run", "--table", "certainty", "--json"))
    assert 0 < row["low"] <= row["estimate"] <= row["high"] <= 1
    tree.doxa("report", "run", "--resamples", "20", "--out", "r.html", "--tables", "tables")
    assert (tmp_path / "tables" / "certainty.csv").is_file()
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "further-certainty" in page
    assert_as_the_guide_says(tree, "a table")
