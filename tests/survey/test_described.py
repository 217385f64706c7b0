from __future__ import annotations

from pathlib import Path

import pytest

from doxa.distribution import human_distributions
from doxa.errors import SurveyError
from doxa.survey import describe, describe_survey, read_survey

ROOT = Path(__file__).resolve().parent.parent.parent
ANES = ROOT / "data" / "anes96" / "anes96.toml"

SMALL = """
survey = "Mine"
title = "My survey"
wave = { column = "round" }
country = { column = "land" }
weight = { column = "w" }
respondent = { column = "id" }

[missing]
8 = -1
99 = -2

[items.happy]
column = "h"
scale = "ordinal"
codes = [3, 2, 1]
off_scale = [0]
labels = ["Yes", "So so", "No", "Cannot say"]
"""


def test_a_second_real_survey(tmp_path: Path) -> None:
    anes96 = pytest.importorskip("statsmodels.datasets.anes96")
    data = anes96.load_pandas().data
    data.to_csv(tmp_path / "anes96.csv", index=False)
    survey = describe_survey(ANES)
    read = read_survey(tmp_path / "anes96.csv", survey.items, layout=survey.layout)
    shares = human_distributions(read.microdata.counts(), survey)
    assert shares["question"].to_list() == list(survey.items)
    party = shares.filter(question="party").row(0, named=True)
    expected = data["PID"].value_counts(normalize=True).sort_index()
    assert party["probabilities"] == pytest.approx(expected.to_list(), abs=1e-15)
    assert party["n_effective"] == party["n"] == 944
    assert "American National Election Study 1996" in "\n".join(describe(read).lines())


def test_codes_missing_codes_labels_and_columns(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SMALL)
    survey = describe_survey(tmp_path / "mine.toml")
    (tmp_path / "a.csv").write_text(
        "id,round,land,w,h\n1,2,DE,1.5,3\n2,2,Germany,0.5,1\n3,2,276,1,99\n4,2,DEU,1,0\n"
        + "".join(f"{row},2,DEU,0.0625,3\n" for row in range(5, 117))
        + "117,2,DEU,1,7\n"
    )
    read = read_survey(tmp_path / "a.csv", survey.items, layout=survey.layout)
    counts = read.microdata.counts().select("wave", "country", "code", "weighted_n").rows()
    assert counts == [
        (2, "DEU", 3, 8.5), (2, "DEU", 2, 0.0), (2, "DEU", 1, 0.5), (2, "DEU", 0, 1.0),
        (2, "DEU", -2, 1.0), (2, "DEU", -6, 1.0),
    ]  # fmt: skip
    assert [(one.label, one.n) for one in read.unknown] == [("7", 1)]
    assert describe(read).lines()[7].startswith("unknown      happy: '7' (1)")
    (tmp_path / "b.csv").write_text("id,round,land,w,h\n1,2,DE,1,so so\n2,2,DE,1,cannot say\n")
    labelled = read_survey(tmp_path / "b.csv", survey.items, layout=survey.layout)
    assert labelled.microdata.counts()["n"].to_list() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('survey = "Mine"', "", "survey: is missing"),
        ('title = "My survey"', 'title = "My survey"\nsubtitle = "x"', "subtitle: is unknown"),
        ("[3, 2, 1]", "[3]", "items.happy: a scale needs two codes or more"),
        ("[3, 2, 1]", "[3, 2, 200]", "codes: holds a code that is not between 0 and 126"),
        (', "Cannot say"', "", "labels: 3 labels for 4 codes"),
        ('"ordinal"', '"cardinal"', "neither ordinal nor nominal"),
        ("99 = -2", "99 = -7", "99: is -7: write a code, and -1 to -5"),
        ('{ column = "land" }', '"Atlantis"', "country: is 'Atlantis', not an alpha-3 code"),
        ("[items.happy]", "[questions.happy]", "items: is missing"),
        ("survey = ", "survey ", "is not TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(SurveyError) as caught:
        describe_survey(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    with pytest.raises(SurveyError, match="cannot be read"):
        describe_survey(tmp_path / "absent.toml")
