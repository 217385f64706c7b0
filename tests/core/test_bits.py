"""Results depend on the input and the seed: not on threads, chunks or instruction sets."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import doxa
from doxa import _core

METRICS = [row[0] for row in _core.metric_table()]


def ragged_pairs(n: int, seed: int = 0) -> tuple[pl.Series, pl.Series]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 11, n)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    sides = []
    for _ in range(2):
        values = rng.gamma(0.7, size=offsets[-1]) + 1e-12
        values /= np.repeat(np.add.reduceat(values, offsets[:-1]), lengths)
        rows = pl.Series(np.split(values, offsets[1:-1]), dtype=pl.List(pl.Float64))
        sides.append(rows)
    return sides[0], sides[1]


def everything(threads: int = 1) -> bytes:
    """Return all results of the core for one seed, as bytes."""
    model, human = ragged_pairs(25_000)
    nominal = np.arange(25_000) % 3 == 0
    scores = _core.score(model, human, METRICS, nominal=nominal, threads=threads)
    rng = np.random.default_rng(3)
    table = rng.random(200 * 60)
    labels = (
        np.repeat(np.arange(200, dtype=np.uint32), 60),
        np.tile(np.arange(60, dtype=np.uint32), 200),
        200,
        60,
    )
    parts = [scores]
    parts += [
        _core.item_intervals(
            table,
            labels,
            n_resamples=300,
            seed=1,
            method=method,
            confidence=0.9,
            threads=threads,
        )
        for method in ("percentile", "basic", "bca", "studentized", "bias_corrected")
    ]
    few = 400
    groups = np.repeat(np.arange(4, dtype=np.uint32), 100)
    items = np.tile(np.arange(100, dtype=np.uint32), 4)
    parts.append(
        _core.count_replicates(
            model[:few],
            human[:few],
            METRICS,
            (groups, items, 4, 100),
            draw_items=True,
            human_n=np.full(few, 300.0),
            model_n=np.full(few, 20.0),
            n_resamples=100,
            seed=2,
            threads=threads,
        )
    )
    codes = rng.integers(0, 4, (20, 900)).astype(np.uint8)
    parts += [
        _core.sample_replicates(
            rng.dirichlet(np.ones(4), 60),
            ["alignment", "js_distance"],
            (groups[:60] * 0, np.repeat(np.arange(20, dtype=np.uint32), 3), 1, 20),
            codes,
            [4] * 20,
            weights=weights,
            strata=None,
            clusters=None,
            draw_items=True,
            draw_respondents=True,
            n_resamples=130,
            seed=5,
            sample=9,
            threads=threads,
        )
        for weights in (None, rng.random(900))
    ]
    return b"".join(part.tobytes() for part in parts)


@pytest.fixture(scope="module")
def reference() -> bytes:
    return everything()


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads(reference: bytes, threads: int) -> None:
    assert everything(threads) == reference


@pytest.mark.parametrize("isa", ["sse2", "avx2", "avx512"])
def test_instruction_sets(reference: bytes, isa: str) -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, 'tests')\n"
        "from core.test_bits import everything\n"
        "print(hashlib.sha256(everything()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DOXA_ISA": isa},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent.parent,
    )
    if "this machine lacks it" in done.stderr:
        pytest.skip(f"this machine has no {isa}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256(reference).hexdigest()


def test_chunks() -> None:
    model, human = ragged_pairs(2_000)
    whole = _core.score(model, human, METRICS)
    for size in (1, 7, 1_999):
        pieces = [model.slice(start, size) for start in range(0, 2_000, size)]
        chunked = pl.concat(pieces, rechunk=False)
        assert chunked.n_chunks() == len(pieces)
        assert (_core.score(chunked, human, METRICS) == whole)[~np.isnan(whole)].all()
        assert (_core.score(model, chunked.clear().extend(human), METRICS) == whole).all()


def test_row_by_row_and_a_million_at_once() -> None:
    model, human = ragged_pairs(1_000)
    repeated = [pl.concat([side] * 1_000, rechunk=False) for side in (model, human)]
    at_once = _core.score(*repeated, METRICS).reshape(len(METRICS), 1_000, 1_000)
    one_by_one = np.concatenate(
        [_core.score(model[i : i + 1], human[i : i + 1], METRICS) for i in range(1_000)], axis=1
    )
    assert (at_once == one_by_one[:, None, :]).all()


def test_float32_is_read_as_it_is() -> None:
    p = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    doubles = p.astype(float)
    expected = _core.score(doubles, doubles[::-1].copy(), METRICS)
    assert (_core.score(p, p[::-1].copy(), METRICS) == expected).all()


@pytest.mark.parametrize(("variable", "value"), [("DOXA_ISA", "mmx"), ("DOXA_NUM_THREADS", "many")])
def test_a_wrong_setting_is_told(variable: str, value: str) -> None:
    code = "import doxa\ntry: doxa.score_batch([[0.5, 0.5]], [[0.5, 0.5]])\n"
    code += "except doxa.errors.InvalidArgumentError as error: print(error)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{variable}={value}" in done.stdout


def test_streams_are_numpys_philox() -> None:
    for seed, replicate in ((0, 0), (2**64 - 1, 5), (12345, 999)):
        key = np.array([seed, 0], np.uint64)
        theirs = np.random.Philox(key=key, counter=[0, 0, replicate, 0]).random_raw(37)
        assert (_core.stream(seed, replicate, 37) == theirs).all()


def test_items_are_drawn_as_the_stream_says() -> None:
    values = np.random.default_rng(0).random(12)
    labels = (np.zeros(12, np.uint32), np.arange(12, dtype=np.uint32), 1, 12)
    replicates = _core.item_replicates(values, labels, n_resamples=40, seed=77)
    for replicate in (0, 31, 32, 39):
        words = np.random.Philox(key=[77, 0], counter=[0, 0, replicate, 0]).random_raw(12)
        drawn = [int(word) * 12 >> 64 for word in words]
        assert replicates[0, replicate] == pytest.approx(values[drawn].mean(), abs=1e-14)


def test_seeds_make_the_difference() -> None:
    groups = {"groups": ["a"] * 20, "resample": "items"}
    rng = np.random.default_rng(0)
    model, human = rng.dirichlet(np.ones(3), (2, 20))
    tables = [doxa.score_batch(model, human, seed=seed, **groups).groups for seed in (1, 1, 2)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
