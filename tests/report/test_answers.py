"""People's answers to one item, as text and as a chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import BANK

from doxa.analysis.parts.notes import FEW_RESPONDENTS as FEW
from doxa.distribution import human_distributions
from doxa.errors import ReportError
from doxa.questionnaire.scale import Scale
from doxa.report.answers import answers_of, as_text, write_answers
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = human_distributions(sample(wave=7), BANK)


def test_answers_come_in_the_order_of_their_means() -> None:
    answers = answers_of(PEOPLE, BANK, "Q164")
    means = [one.mean for one in answers if one.mean is not None]
    assert means == sorted(means)
    assert {one.name for one in answers} == {"Japan", "United States", "Colombia", "Bangladesh"}
    japan = PEOPLE.filter(country="JPN", question="Q164").row(0, named=True)
    (own,) = [one for one in answers if one.name == "Japan"]
    assert list(own.shares) == japan["probabilities"]
    assert own.mean == pytest.approx(sum(p * k for k, p in enumerate(own.shares, start=1)))
    nominal = answers_of(PEOPLE, BANK, "Q111")
    assert [one.name for one in nominal] == sorted(one.name for one in nominal)


def test_few_populations_get_bars_as_long_as_their_shares() -> None:
    answers = answers_of(PEOPLE, BANK, "Q1")[:1]
    lines = list(as_text(answers, BANK.question("Q1", "en"), 80))
    bars = [line for line in lines if "%" in line]
    assert len(bars) == 4
    assert [line.count("█") for line in bars] == [int(p * 40) for p in answers[0].shares]
    assert max(map(len, lines)) <= 80


def test_many_populations_get_a_line_each() -> None:
    many = pl.concat(
        PEOPLE.filter(question="Q164").with_columns(wave=pl.lit(wave)) for wave in (6, 7)
    )
    answers = answers_of(many, BANK, "Q164")
    lines = list(as_text(answers, BANK.question("Q164", "en"), 80))
    assert sum("Japan · wave " in line for line in lines) == 2
    assert sum(line.count("%") for line in lines) == 8 * 10


def test_what_a_reader_must_know_stands_beside_the_shares() -> None:
    few = PEOPLE.filter(question="Q1").with_columns(
        n_effective=pl.lit(FEW - 0.5), weighted=pl.lit(value=False), rounding=pl.lit(0.0005)
    )
    (note,) = {one.note for one in answers_of(few, BANK, "Q1")}
    assert note == (
        "fewer than 30 effective respondents; unweighted; published shares, each within 0.0005"
    )
    text = "\n".join(as_text(answers_of(few, BANK, "Q1"), BANK.question("Q1", "en"), 80))
    assert text.count(note) == 4


@pytest.mark.parametrize("ending", ["svg", "png", "html"])
def test_a_chart_has_a_panel_for_each_population(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"answers.{ending}"
    write_answers(path, answers_of(PEOPLE, BANK, "Q1"), BANK.question("Q1", "en"))
    content = path.read_bytes()
    if ending == "png":
        assert content.startswith(b"\x89PNG")
        return
    text = content.decode()
    assert all(name in text for name in ("Japan", "United States", "Colombia", "Bangladesh"))
    assert "https://cdn" not in text


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"answers.gif: name a file that ends in .svg, .png"):
        write_answers(tmp_path / "answers.gif", [], BANK.question("Q1", "en"))


def test_words_from_a_file_end_no_script_of_the_page(tmp_path: Path) -> None:
    nasty = "</script><script>alert(1)</script><!--"
    (one,) = answers_of(PEOPLE, BANK, "Q1")[:1]
    path = tmp_path / "a.html"
    write_answers(path, [one._replace(name=nasty)], BANK.question("Q1", "en"))
    page = path.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert r"\u003c/script>\u003cscript>alert(1)" in page
    write_answers(path, [one], BANK.question("Q1", "en"))
    assert path.read_text(encoding="utf-8").count("<script") == page.count("<script")


def test_a_mean_lies_on_the_axis_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in answers_of(PEOPLE, BANK, "Q122"):
        assert one.mean_of == "codes"
        assert one.mean == pytest.approx(one.shares[1] + 2 * one.shares[2])
    wide = Scale("ordinal", (1, 2, 3, 4), positions=(1.0, 2.0, 3.0, 7.0))
    item = replace(BANK.items["Q1"], scale=wide)
    monkeypatch.setattr(BANK, "items", {**BANK.items, "Q1": item})
    answers = answers_of(PEOPLE, BANK, "Q1")
    assert answers[0].mean_of == "positions"
    text = list(as_text(answers, BANK.question("Q1", "en"), 80))
    assert sum("mean position " in line for line in text) == 4


def test_effective_numbers_and_samples_are_called_so() -> None:
    shares = PEOPLE.filter(question="Q1", country="JPN").with_columns(
        n=pl.lit(None, pl.Float64), country=pl.lit("AND")
    )
    both = pl.concat([PEOPLE.filter(question="Q1"), shares])
    question = BANK.question("Q1", "en")
    few = "\n".join(
        line for one in answers_of(both, BANK, "Q1") for line in as_text([one], question, 80)
    )
    japan = PEOPLE.filter(question="Q1", country="JPN").row(0, named=True)
    number = f"{japan['n_effective']:.0f}"
    assert f"Japan  n_effective {number} of {japan['n']:.0f}" in few
    assert f"Andorra  sample size {number}" in few
    many = list(as_text(answers_of(both, BANK, "Q1"), question, 80))
    assert any(line.endswith("mean       n  effective") for line in many)
    assert any("Andorra" in line and line.endswith(f"sample{number:>11}") for line in many)
