"""The output of `doxa bench`; speed is not tested."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tiny_models import random_model

import doxa
from doxa.backend import library
from doxa.bench import WAYS, Benchmark, ModelTiming, Sizes, Timing, benchmark
from doxa.cli import main, timing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Doxa = Callable[..., tuple[int, str, str]]

SMALL = Sizes(pairs=200, groups=3, items=20, people=60, models=2, draws=20)
KNOWN = Benchmark(
    {"processor": "a processor", "cores": 2, "threads": 1, "instruction_set": "scalar"},
    {"doxa": "1", "numpy": "2", "polars": "3", "python": "4", "llama_cpp_python": "5"},
    [Timing("alignment", "200 ragged pairs", 0.002, 5, 200, "pairs")],
    ModelTiming(
        "tiny", "es", 1, 1.25, 1234.5, 3, 13, 12, 139,
        dict(zip(WAYS, (0.05, 2.0, 2.1), strict=True)),
        dict(zip(WAYS, (7.0, 300.0, 9000.0), strict=True)),
    ),
)  # fmt: skip


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


def test_one_json_object_says_what_was_timed_and_on_what(command: Doxa) -> None:
    status, out, err = command("--json", "--threads", "1")
    assert status == 0, err
    [line] = out.splitlines()
    found = json.loads(line)
    assert set(found) == {"machine", "versions", "timings", "model"}
    assert found["model"] is None
    assert found["machine"]["threads"] == 1
    assert found["versions"]["doxa"] == doxa.__version__
    assert len(found["timings"]) == 5
    for row in found["timings"]:
        assert set(row) == {"work", "size", "seconds", "rounds", "count", "unit", "per_second"}
        assert row["rounds"] == 2


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


def test_the_text_about_a_model(command: Doxa, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def known(*arguments: Any, **options: Any) -> Benchmark:
        given.append((*arguments, options["language"], options["threads"]))
        return KNOWN

    monkeypatch.setattr(timing, "benchmark", known)
    options = ("--language", "es", "--threads", "1")
    status, out, err = command("--model", str(random_model()), *options)
    assert (status, err) == (0, "")
    assert given == [(str(random_model()), "es", 1)]
    assert "a processor, cores: 2, threads: 1, scalar" in out
    assert re.search(r"2 ms +100,000 pairs", out), out
    assert "tiny, language: es, threads: 1" in out
    assert "loaded in 1.25 s; reads 1,234 prompt tokens a second" in out
    assert "1 of 13 replies are no distribution" in out
    assert "all 139 items" in out
    for way, item, run in (
        ("log-probabilities", "50 ms", "about 7.0 s"),
        ("verbalized shares", "2 s", "about 5.0 min"),
        ("both, as doxa ask does", "2.1 s", "about 2.5 h"),
    ):
        assert re.search(rf"{way} +{item} +{run}", out), out


def test_what_is_wrong_with_a_model_is_told_in_one_line(
    fails: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.gguf").write_text("hello")
    fails("--model", str(tmp_path / "no.gguf"), says=r"no\.gguf cannot be read: no such file")
    fails("--model", str(tmp_path / "text.gguf"), says=r"text\.gguf is not a GGUF file")
    fails("--model", str(random_model()), "--language", "xx", says="no language 'xx'")
    fails("--model", str(random_model(context=64)), says="exceeds the 64 tokens")
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
