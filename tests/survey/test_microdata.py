from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from doxa.errors import NoDataError, SurveyError
from doxa.questionnaire import QuestionBank
from doxa.survey import Microdata, import_files, read_survey, synthetic

if TYPE_CHECKING:
    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic

GOLDEN = Path(__file__).parent / "golden"
KEYS = ["country", "question", "code"]
Q1 = QuestionBank.load().items["Q1"]


@pytest.fixture(scope="module")
def microdata(
    made: Synthetic, some_items: dict[str, Item], tmp_path_factory: pytest.TempPathFactory
) -> Microdata:
    path = tmp_path_factory.mktemp("microdata") / "a.csv"
    made.write_csv(path)
    return read_survey(path, some_items).microdata


def test_an_answer_takes_one_byte(microdata: Microdata) -> None:
    assert microdata.codes.dtype == np.uint8
    assert microdata.codes.nbytes == 1200 * 16
    assert microdata.codes.flags.f_contiguous


def test_a_population_is_a_view(microdata: Microdata) -> None:
    view = microdata.of("NIR", 7)
    assert view.codes.shape == (300, 16)
    assert np.shares_memory(view.codes, microdata.codes)
    assert np.shares_memory(view.weights, microdata.weights)
    assert view.codes[:, 3].flags.c_contiguous
    with pytest.raises(NoDataError, match="0 populations match DEU, wave 7"):
        microdata.of("DEU", 7)


def test_it_survives_a_file(microdata: Microdata, tmp_path: Path) -> None:
    microdata.write(tmp_path / "m.parquet")
    again = Microdata.read(tmp_path / "m.parquet", {item.id: item for item in microdata.items})
    assert again.counts().equals(microdata.counts())
    assert np.array_equal(again.codes, microdata.codes)
    with pytest.raises(SurveyError, match="not among the items given"):
        Microdata.read(tmp_path / "m.parquet", {})
    (tmp_path / "m.parquet").write_bytes(b"PAR1")
    with pytest.raises(SurveyError, match="cut short or damaged"):
        Microdata.read(tmp_path / "m.parquet", {})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.floats(0.01, 100.0)), min_size=1, max_size=40))
def test_counts_and_kish_agree_with_the_plain_sums(rows: list[tuple[int, float]]) -> None:
    codes = np.array([[c - 1 if 1 <= c <= 4 else 256 + c if c < 0 else 250] for c, _ in rows])
    weights = np.array([w for _, w in rows])
    keys = pl.DataFrame({"survey": ["S"], "wave": [7], "country": ["JPN"]})
    keys = keys[[0] * len(rows)]
    data = Microdata.group(keys, (Q1,), codes.astype(np.uint8), pl.Series(weights))
    counts = {code: (n, w) for code, n, w in data.counts().select("code", "n", "weighted_n").rows()}
    answered = np.array([1 <= c <= 4 for c, _ in rows])
    for code in range(-5, 5):
        mine = np.array([c == code for c, _ in rows])
        if code < 0 and not mine.any():
            assert code not in counts
        elif code > 0 and answered.any():
            assert counts[code][0] == mine.sum()
            assert counts[code][1] == pytest.approx(weights[mine].sum(), rel=1e-12)
    if answered.any():
        kish = weights[answered].sum() ** 2 / (weights[answered] ** 2).sum()
        assert data.counts()["n_effective"].to_list() == pytest.approx([kish] * len(counts))
        assert kish <= answered.sum() * (1 + 1e-12)


@pytest.mark.parametrize("weighted", [True, False])
def test_shares_errors_and_effective_numbers_agree_with_r(
    bank: QuestionBank, weighted: bool
) -> None:
    survey = read_survey(GOLDEN / "respondents.csv", bank.items, weighted=weighted)
    golden = pl.read_csv(GOLDEN / "shares.csv").filter(pl.col("weighted") == weighted)
    counts = survey.microdata.counts().filter(pl.col("code") >= 0)
    found = (
        survey.microdata.shares()
        .join(counts.select(*KEYS, "n_effective"), on=KEYS)
        .filter(pl.col("share") > 0)
        .select(*KEYS, "share", "std_error", "n", "n_effective")
        .sort(KEYS)
    )
    expected = golden.select(found.columns).cast({"n": pl.Float64}).sort(KEYS)
    assert expected.height > 100
    assert_frame_equal(found, expected, rel_tol=0, abs_tol=1e-9)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"survey": ["S"], "Q1": [1]}),
        pl.DataFrame({"survey": ["S"], "weight": [1.0], "Q1": ["one"]}),
        pl.DataFrame({"survey": ["S"], "weight": [1.0], "Q1": [None]}),
        pl.DataFrame({"survey": ["S"], "weight": ["x"], "Q1": [1]}),
    ],
)
def test_a_file_that_is_no_microdata_is_one_line(tmp_path: Path, frame: pl.DataFrame) -> None:
    frame.write_parquet(tmp_path / "m.parquet")
    with pytest.raises(SurveyError, match="import the survey's file again"):
        Microdata.read(tmp_path / "m.parquet", {"Q1": Q1})


def test_a_file_without_weights_agrees_with_r_s_unweighted_shares(
    bank: QuestionBank, tmp_path: Path
) -> None:
    respondents = pl.read_csv(GOLDEN / "respondents.csv").filter(
        pl.col("B_COUNTRY_ALPHA") == "COL", pl.col("Q1") < 5
    )
    respondents.drop("W_WEIGHT").write_csv(tmp_path / "a.csv")
    names = [name for name in respondents.columns if name.startswith("Q")]
    survey = read_survey(tmp_path / "a.csv", {name: bank.items[name] for name in names})
    columns = [*KEYS, "share", "std_error", "n"]
    found = survey.microdata.shares().filter(pl.col("share") > 0).select(columns).sort(KEYS)
    golden = pl.read_csv(GOLDEN / "shares.csv").filter(
        ~pl.col("weighted"), pl.col("country") == "COL"
    )
    expected = golden.select(columns).cast({"n": pl.Float64}).sort(KEYS)
    assert expected.height > 20
    assert_frame_equal(found, expected, rel_tol=0, abs_tol=1e-9)


def test_a_folder_with_one_import_gives_its_respondents(tmp_path: Path) -> None:
    items = dict(list(QuestionBank.load().items.items())[:3])
    for seed in (1, 2):
        synthetic(50, items, seed=seed, countries=[("JPN", "FRA")[seed - 1]]).write_csv(
            tmp_path / f"{seed}.csv"
        )
    import_files([tmp_path / "1.csv"], tmp_path / "human", items, allow_missing_items=True)
    found = Microdata.of_folder(tmp_path / "human", items)
    assert found is not None
    assert found.n_respondents > 0
    import_files([tmp_path / "2.csv"], tmp_path / "human", items, allow_missing_items=True)
    assert Microdata.of_folder(tmp_path / "human", items) is None
    assert Microdata.of_folder(tmp_path, items) is None
