from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.questionnaire import Item, Scale
from doxa.survey import import_files, known, read_counts, read_global_opinions
from doxa.survey.known import RESPONDENT_FILES, RespondentFile, ShareFile, recognise, shares_reader
from doxa.survey.layout import Layout, Variable
from doxa.survey.published import PublishedShares
from doxa.survey.source import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.survey.source import Source


def recognised(
    path: Path, items: Mapping[str, Item], *names: str, wave: int | None = None
) -> Layout:
    pl.DataFrame({name: [392] for name in names}).write_csv(path)
    with open_source(path) as source:
        return recognise(source, items, wave)


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (("B_COUNTRY", "Q1"), "World Values Survey, wave 7"),
        (("B_COUNTRY_ALPHA", "Q1"), "World Values Survey, wave 7"),
        (("S002VS", "A001"), "World Values Survey, time series"),
        (("cntry", "gwght"), "Joint EVS/WVS 2017-2022"),
        (("V2", "V4", "V203A"), "World Values Survey, wave 6"),
        (("V2", "V4", "V259A"), "World Values Survey, wave 5"),
        (("V2", "V4", "V245A"), "World Values Survey, wave 4"),
        (("V4", "B_COUNTRY_ALPHA", "V203A"), "World Values Survey, wave 6"),
    ],
)
def test_files_are_told_by_their_variables(
    items: Mapping[str, Item], tmp_path: Path, names: tuple[str, ...], title: str
) -> None:
    assert recognised(tmp_path / "a.csv", items, *names).title == title


def test_a_wave_is_asked_for_where_the_file_does_not_tell_it(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    with pytest.raises(SurveyError, match="name it with --wave"):
        recognised(tmp_path / "a.csv", items, "V2", "V4", "B_COUNTRY_ALPHA")
    layout = recognised(tmp_path / "a.csv", items, "V2", "V4", "B_COUNTRY_ALPHA", wave=6)
    assert layout.title == "World Values Survey, wave 6"
    with pytest.raises(SurveyError, match="says itself of which waves it is"):
        recognised(tmp_path / "a.csv", items, "S002VS", "A001", wave=6)


def test_an_unknown_file_is_to_be_described(items: Mapping[str, Item], tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match=r"variables are cntry, w\): describe it in a TOML file"):
        recognised(tmp_path / "a.csv", items, "cntry", "w")


def _village(_: Source, items: Mapping[str, Item]) -> Layout:
    places = {name: Variable(name.lower()) for name in items}
    return Layout("Village", "V", 1, "land", None, None, items, places)


def test_a_row_makes_a_file_with_respondents_known(
    items: Mapping[str, Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = RespondentFile(_village, ("land", "hut"))
    monkeypatch.setattr(known, "RESPONDENT_FILES", (*RESPONDENT_FILES, row))
    pl.DataFrame({"land": ["JP", "JP"], "hut": [1, 2], "q1": [1, 4]}).write_csv(tmp_path / "a.csv")
    (done,) = import_files([tmp_path / "a.csv"], tmp_path / "out", {"Q1": items["Q1"]})
    assert done.report is not None
    assert done.report.title == "Village"
    assert read_counts(tmp_path / "out")["survey"].unique().to_list() == ["V"]


def _toplines(path: str | Path, *, as_labelled: bool = False) -> PublishedShares:
    assert not as_labelled
    frame = pl.read_csv(path).with_columns(survey=pl.lit("T"), n_effective="n")
    item = Item("T1", "", "", Scale("nominal", (1, 2)), {})
    wording = {"T1": ("Tea?", ((1, "Yes"), (2, "No")))}
    return PublishedShares("Toplines", "weighted", frame, {"T1": item}, wording, {})


def test_a_row_makes_a_file_of_shares_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tops.csv"
    path.write_text("wave,country,question,code,n,weighted_n\n1,JPN,T1,1,3,3\n1,JPN,T1,2,3,3\n")
    assert shares_reader(path) is None
    row = ShareFile(_toplines, lambda path: str(path).endswith("tops.csv"))
    monkeypatch.setattr(known, "SHARE_FILES", (*known.SHARE_FILES, row))
    assert shares_reader(path) is _toplines
    (done,) = import_files([path], tmp_path / "out", {})
    assert done.report is not None
    assert "survey       Toplines" in done.report.lines()
    assert read_counts(tmp_path / "out").height == 2


def test_global_opinions_are_known(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("question,selections,options\n")
    assert shares_reader(tmp_path / "q.csv") is read_global_opinions


def test_a_long_name_is_not_shown_whole(tmp_path: Path, items: Mapping[str, Item]) -> None:
    with pytest.raises(SurveyError, match="not a survey file that doxa knows") as told:
        recognised(tmp_path / "a.csv", items, "x" * 30_000, "y")
    assert len(str(told.value)) < 300
