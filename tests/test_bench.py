"""`doxa.bench` and `doxa bench`: what they say, and never how fast."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from engine import random_model

import doxa
from doxa.bench import WAYS, Benchmark, Sizes, benchmark, core, time_core, time_model
from doxa.cli import main, timing
from doxa.errors import DoxaError, ExperimentError, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Doxa = Callable[..., tuple[int, str, str]]

SMALL = Sizes(pairs=200, groups=3, items=20, people=60, models=2, draws=20)


@pytest.fixture(scope="module")
def asked() -> tuple[Benchmark, list[str]]:
    """Time a tiny model once: what was found, and what was said meanwhile."""
    said: list[str] = []
    found = benchmark(
        random_model(),
        language="es",
        threads=1,
        sizes=SMALL,
        rounds=1,
        n_items=3,
        report=said.append,
    )
    return found, said


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doxa:
    """Call the command line in this process, with little to do: status, output, errors."""

    def little(*arguments: Any, **options: Any) -> Benchmark:
        return benchmark(*arguments, **options, sizes=SMALL, rounds=2, n_items=3)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["doxa", "bench", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    monkeypatch.setattr(timing, "benchmark", little)
    return call


@pytest.fixture
def fails(command: Doxa) -> Callable[..., None]:
    def call(*arguments: str, says: str) -> None:
        status, out, err = command(*arguments)
        assert (status, out) == (1, ""), err
        assert re.search(says, err), err
        assert len(err.strip().splitlines()) == 1

    return call


def positive(number: float) -> bool:
    return math.isfinite(number) and number > 0


def test_one_json_object_says_what_was_timed_and_on_what(command: Doxa) -> None:
    status, out, err = command("--json", "--threads", "1")
    assert status == 0, err
    [line] = out.splitlines()
    found = json.loads(line)
    assert set(found) == {"machine", "versions", "timings", "model"}
    assert found["model"] is None
    assert set(found["machine"]) == {"processor", "cores", "threads", "instruction_set"}
    assert found["machine"]["processor"]
    assert found["machine"]["cores"] >= found["machine"]["threads"] == 1
    assert found["versions"]["doxa"] == doxa.__version__
    assert set(found["versions"]) == {"doxa", "numpy", "polars", "python"}
    counts = {row["work"]: row["count"] for row in found["timings"]}
    assert counts == {
        "alignment": 200,
        "six metrics": 6 * 200,
        "bootstrap of items": 3 * 20 * 20,
        "bootstrap of respondents, from counts": 2 * 20 * 20,
        "bootstrap of respondents, weighted sample": 2 * 20 * 20,
    }
    for row in found["timings"]:
        assert set(row) == {"work", "size", "seconds", "rounds", "count", "unit", "per_second"}
        assert positive(row["seconds"])
        assert row["per_second"] == pytest.approx(row["count"] / row["seconds"])
        assert row["rounds"] == 2
        assert row["unit"] in ("pairs", "values", "scores", "distances")


def test_the_text_table_has_a_median_and_a_rate(command: Doxa) -> None:
    status, out, err = command()
    assert status == 0
    assert "median" in out
    assert doxa.__version__ in out
    assert max(map(len, out.splitlines())) <= 80
    for unit in ("pairs", "values", "scores", "distances"):
        assert re.search(rf"\d (ms|s) +[\d,.]+( million)? {unit}", out), out
    assert len(err.splitlines()) == 5
    assert all(re.fullmatch(r"timing .* \.\.\.", line) for line in err.splitlines())


def test_a_model_is_loaded_and_asked(asked: tuple[Benchmark, list[str]]) -> None:
    found, said = asked
    assert "llama_cpp_python" in found.versions
    timed = json.loads(json.dumps(found.as_dict()))["model"]
    assert set(timed) == {
        *("model", "language", "threads", "load_seconds", "prompt_tokens_per_second", "asked"),
        *("replies", "valid", "items", "seconds_per_item", "run_seconds"),
    }
    assert (timed["model"], timed["language"], timed["threads"]) == (random_model().stem, "es", 1)
    assert (timed["asked"], timed["items"]) == (3, 144 - 5)
    assert timed["replies"] == timed["valid"] == 1 + 3 * (1 + 1 + 2)
    assert set(timed["seconds_per_item"]) == set(timed["run_seconds"]) == set(WAYS)
    assert positive(timed["load_seconds"])
    assert positive(timed["prompt_tokens_per_second"])
    for way in WAYS:
        assert positive(timed["seconds_per_item"][way])
        assert timed["run_seconds"][way] > timed["seconds_per_item"][way]
    assert said[0] == f"loaded {random_model().stem}; asking it a first item"
    assert said[1:4] == [f"asking it item {number} of 3" for number in (1, 2, 3)]


def test_the_text_about_a_model(
    asked: tuple[Benchmark, list[str]], command: Doxa, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    def known(*arguments: Any, **options: Any) -> Benchmark:
        given.append((*arguments, options["language"], options["threads"]))
        return asked[0]

    monkeypatch.setattr(timing, "benchmark", known)
    options = ("--language", "es", "--threads", "1")
    status, out, err = command("--model", str(random_model()), *options)
    assert (status, err) == (0, "")
    assert given == [(random_model(), "es", 1)]
    assert f"{random_model().stem}, language: es, threads: 1" in out
    assert re.search(r"loaded in [\d.]+ (ms|s); reads [\d,]+ prompt tokens a second", out)
    assert "all 139 items" in out
    for way in ("log-probabilities", "verbalized shares", "both, as doxa ask does"):
        assert re.search(rf"{way} +[\d.]+ (ms|s) +about [\d.]+ (ms|s|min)", out), out


def test_what_is_wrong_with_a_model_is_told_in_one_line(
    fails: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.gguf").write_text("hello")
    fails("--model", str(tmp_path / "no.gguf"), says=r"no\.gguf cannot be read: no such file")
    fails("--model", str(tmp_path / "text.gguf"), says=r"text\.gguf is not a GGUF file")
    fails("--model", str(random_model()), "--language", "xx", says="no language 'xx'")
    fails("--model", str(random_model(context=64)), says="exceeds the 64 tokens")
    from doxa.backend import library

    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    library.load_library.cache_clear()
    fails("--model", str(random_model()), says=r'pip install "doxa\[llama\]"')


def test_usage_errors_exit_with_two(command: Doxa) -> None:
    assert command("--threads", "0")[0] == 2


def test_ctrl_c_ends_it_in_one_line(command: Doxa, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(timing, "benchmark", interrupted)
    assert command() == (130, "", "stopped; nothing was kept\n")


def test_a_core_that_computes_something_else_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Batch:
        def __init__(self, scores: pl.DataFrame) -> None:
            self.scores = scores

    right = core.score_batch

    def wrong(*arguments: object, **options: object) -> Batch:
        scores = right(*arguments, **options).scores  # type: ignore[arg-type]
        return Batch(scores.with_columns(pl.all() + 1e-6))

    monkeypatch.setattr(core, "score_batch", wrong)
    with pytest.raises(DoxaError, match="alignment: the core and NumPy disagree"):
        time_core(SMALL)
    calls = iter(range(9))

    def unsteady(*arguments: object, **options: object) -> Batch:
        scores = right(*arguments, **options).scores  # type: ignore[arg-type]
        return Batch(scores.with_columns(pl.all() + 1e-12 * next(calls)))

    monkeypatch.setattr(core, "score_batch", unsteady)
    with pytest.raises(DoxaError, match="alignment: two rounds gave different numbers"):
        time_core(SMALL)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="items is 145: give a number from 2 to 144"):
        Sizes(items=145)
    with pytest.raises(InvalidArgumentError, match="pairs is 0: give a number from 1"):
        Sizes(pairs=0)
    with pytest.raises(InvalidArgumentError, match="rounds is 0"):
        time_core(SMALL, rounds=0)
    with pytest.raises(InvalidArgumentError, match="n_items is 2: give 3 or more"):
        time_model(random_model(), n_items=2)
    with pytest.raises(ExperimentError, match="items = 201: 139 can be asked"):
        time_model(random_model(), n_items=200)


def test_slow_work_gets_the_fewest_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "_BUDGET", 0.0)
    assert {timing.rounds for timing in time_core(SMALL, rounds=9)} == {3}
