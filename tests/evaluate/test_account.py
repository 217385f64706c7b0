from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from recorded.made import (
    LOGS,
    cell_rows,
    inspect_log,
    inspect_sample,
    read,
    sample_line,
    study_row,
)

from doxa.analysis import Settings
from doxa.evaluate import account_for, evaluate, make_table, read_sources
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording
from doxa.store.export import export_replies
from doxa.survey import sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from doxa.evaluate import Account

BANK = QuestionBank.load()
QUICK = Settings(n_resamples=10)
HUMAN = sample()


def accounts(*recordings: Recording, preset: str = "") -> list[Account]:
    return account_for(recordings, evaluate(recordings, HUMAN, BANK, QUICK), preset)


def read_here(path: Path) -> Recording:
    [found] = read_sources([], [path], HUMAN, BANK)
    return found


def of_study(**changes: str) -> dict[str, str]:
    return study_row(condition="none", country="", **changes)


STUDY: Sequence[dict[str, str]] = [
    of_study(),
    of_study(question="Q1"),
    study_row(country="Japan", condition="persona"),
    study_row(country="Japan", condition="persona", question="Q1"),
    of_study(response="I would rather not say."),
    of_study(response="{'1': '60%'}"),
    of_study(response="{'1': '60%'"),
    of_study(question="Q999"),
    of_study(question="Q60"),  # shown as an example
    of_study(question="Q2"),  # asked without a persona alone
    of_study(question="Q57"),  # its labels are 1 and 2
    study_row(country="Korea"),
    study_row(country="Atlantis") | {"country": "Zimbabwe", "condition": "persona"},
]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_every_row_of_a_table_is_scored_or_named(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"replies.{ending}"
    table = pl.DataFrame(STUDY)
    {"csv": table.write_csv, "parquet": table.write_parquet, "jsonl": table.write_ndjson}[ending](
        path
    )
    [found] = accounts(read_here(path))
    assert found.entries == len(STUDY) == sum(found.parts.values())
    assert found.parts == {
        "scored": 4,
        "refused": 1,
        "unparsable": 1,
        "cut off": 1,
        "on items shown as examples or left out": 1,
        "on items that some other model or condition lacks": 1,
        "steered towards countries without human answers (KOR, ZWE)": 2,
        "on items that are not in the questionnaire (Q999)": 1,
        "whose labels are not the item's codes: Q57 (1, 2, 3, 4 for 1, 2)": 1,
    }
    assert str(found).startswith(f"{path}: 13 rows = 4 scored + 1 ")


def test_what_is_called_scored_is_what_the_scores_are_of(tmp_path: Path) -> None:
    path = tmp_path / "replies.csv"
    pl.DataFrame(STUDY).write_csv(path)
    recording = read_here(path)
    evaluation = evaluate([recording], HUMAN, BANK, QUICK)
    scores = make_table(evaluation, "scores")
    steered = scores.filter(pl.col("condition") != "none")["n_items"].sum()
    [found] = account_for([recording], evaluation)
    assert found.parts["scored"] == steered + scores.filter(condition="none")["n_items"].max()


def test_doxa_s_own_export_of_them(tmp_path: Path) -> None:
    path = tmp_path / "replies.csv"
    pl.DataFrame(STUDY).write_csv(path)
    replies = read_here(path).replies
    for ending in ("csv", "parquet", "jsonl"):
        again = export_replies(replies, tmp_path / f"exported.{ending}")
        [found] = accounts(read_here(again))
        assert found.entries == replies.height == sum(found.parts.values())
        assert found.unit == "rows"
        assert found.parts["refused"] == 1


def test_logs_of_other_programs(tmp_path: Path) -> None:
    log = inspect_log(
        inspect_sample(),
        inspect_sample(metadata={"country": "JPN"}),
        inspect_sample(metadata={"country": "KOR"}),
        inspect_sample(output={}, error={"message": "timeout"}),
        inspect_sample(id="mmlu_1"),
    )
    lines = [sample_line(), sample_line(country="KOR"), sample_line(id="x"), sample_line()]
    lines[3]["filtered_resps"][0] = ["nan", "False"]
    cells = [*cell_rows(0.1, 0.2, 0.3, 0.4, cell_id="Japan"), *cell_rows(0, 0, 0, 1),
             *cell_rows(1, 0, 0, 0, source="survey")]  # fmt: skip
    for content, entries, scored in (
        (log, 5, 2),
        (lines, 4, 1),
        (pl.DataFrame(cells, infer_schema_length=None), 12, 4),
    ):
        path = tmp_path / f"file.{entries}"
        read(tmp_path, content, path.name)
        [found] = accounts(read_here(path))
        assert found.entries == entries == sum(found.parts.values())
        assert found.parts["scored"] == scored
        assert "not accounted for" not in str(found)


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.eval")), ids=lambda log: log.stem)
def test_real_logs_of_inspect(log: Path) -> None:
    [found] = accounts(read_here(log))
    assert sum(found.parts.values()) == found.entries
    assert "not accounted for" not in str(found)


def test_a_preset_has_rules_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "replies.csv"
    pl.DataFrame(STUDY).write_csv(path)
    recording = read_here(path)
    [found] = accounts(recording, preset="liu2026")
    assert found.entries == len(STUDY) == sum(found.parts.values())
    # it divides by whatever the sum is, counts Q2, too, and the first of repeated replies
    assert found.parts["scored"] == 5
    assert found.parts["repeated, of which the preset counts the first"] == 3
    assert found.parts["on items without human answers, or shown as examples"] == 1


def test_what_nobody_answered_and_what_is_off_the_scale() -> None:
    def reply(question: str, codes: list[int], shares: list[float]) -> dict[str, Any]:
        return read_columns() | {"question": question, "codes": codes, "probabilities": shares}

    rows = [
        reply("Q46", [1, 2, 3, 4], [0.25] * 4),
        reply("Q119", [1, 2, 3, 4, 0], [0.0] * 4 + [1.0]),
        reply("Q1", [1, 2, 3, 4], [0.25] * 4),
    ]
    recording = Recording(pl.DataFrame(rows), name="r", entries=4)
    human = HUMAN.filter(pl.col("question") != "Q1")
    evaluation = evaluate([recording], human, BANK, QUICK)
    [found] = account_for([recording], evaluation)
    assert found.parts == {
        "scored": 1,
        "with nothing on the scale": 1,
        "on items without human answers": 1,
        "not accounted for, which is a fault of doxa: please report it": 1,
    }


def read_columns() -> dict[str, Any]:
    return {
        "request_key": "k", "model": "m", "backend": "b", "language": "en", "steering": "none",
        "target": "", "group": "", "option_order": "listed", "reasoning": "off", "draw": 0,
        "elicitation": "verbalized", "status": "ok", "n_draws": 1, "text": "", "reason": "",
        "thought_status": "none", "off_option_mass": math.nan,
    }  # fmt: skip
