"""A small part of what `make damaged` does."""

from __future__ import annotations

import random
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest

from damaged import run
from damaged.damage import damage, damage_cell
from damaged.kinds import KINDS
from damaged.run import BROKEN, read_damaged

if TYPE_CHECKING:
    from pathlib import Path

PART = ["xlsx", "export parquet", "Inspect zstd", "lm-eval", "language", "store cells", "bundle"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
@pytest.mark.parametrize("kinds", [PART])
def test_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path, kinds: list[str]) -> None:
    results = read_damaged(kinds, range(12), tmp_path, seed=1, seconds=60)
    assert len(results) == 12 * len(kinds)
    assert not [result for result in results if result.outcome in BROKEN]
    assert {result.outcome for result in results} == {"read", "told"}


def test_what_must_not_happen_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MEBIBYTES", 50)
    seen = {
        result.kind: result.outcome
        for result in read_damaged(
            ["a traceback", "much memory", "a hang", "a death"], [0], tmp_path, seed=0, seconds=3
        )
    }
    assert seen == {
        "a traceback": "traceback",
        "a hang": "hang",
        "a death": "died",
        "much memory": "memory",
    }


def test_damage_depends_on_the_seed_alone() -> None:
    sound = KINDS["lm-eval"].make()
    files = [damage(sound, random.Random(seed), text=True) for seed in (1, 1, 2)]
    assert files[0] == files[1] != files[2]
    assert len({damage(sound, random.Random(seed), text=False) for seed in range(50)}) > 40


def test_a_database_with_a_damaged_cell_is_a_database() -> None:
    sound = KINDS["store"].make()
    for seed in range(5):
        connection = sqlite3.connect(":memory:")
        damaged = damage_cell(sound, random.Random(seed))
        connection.deserialize(damaged[:18] + b"\1\1" + damaged[20:])
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
