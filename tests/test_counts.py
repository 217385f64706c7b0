"""The comparison of counted instructions with recorded ones (`benches/counts.py`)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.append(str(ROOT / "benches"))
import counts  # noqa: E402 - a program, not a module of the package


def test_three_percent_are_allowed() -> None:
    assert counts.worse({"ranks": 100, "items": 100}, {"ranks": 103, "items": 50}) == []
    assert counts.worse({"ranks": 1000}, {"ranks": 1031}) == [
        "ranks: 1,031 instructions, 1,000 recorded"
    ]


def test_a_kernel_that_is_new_or_gone_is_named() -> None:
    assert counts.worse({"ranks": 100}, {"items": 100}) == [
        "ranks: 0 instructions, 100 recorded",
        "items: 100 instructions, 0 recorded",
    ]


def test_every_kernel_was_recorded() -> None:
    source = (ROOT / "rust" / "benches" / "counts.rs").read_text(encoding="utf-8")
    table = source.partition("const KERNELS")[2].partition("];")[0]
    recorded = json.loads(counts.RECORD.read_text(encoding="utf-8"))
    assert [*recorded["instructions"]] == re.findall(r'"(.+?)"', table)
