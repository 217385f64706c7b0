"""lm-evaluation-harness and Inspect, run as their users run them, each in one process.

They live in an environment of their own, for their libraries do not agree with ours: .venv/interop,
or the folder that DOXA_INTEROP names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("DOXA_INTEROP", ROOT / ".venv" / "interop"))
RUNNERS = Path(__file__).with_name("runners")
OFFLINE = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "NO_PROXY": "127.0.0.1", "LOC_API_KEY": "x",
}  # fmt: skip


def run(program: str, cwd: Path, *runs: Sequence[str], address: str, limit: int = 300) -> None:
    """Run a program with each list of arguments, in a folder."""
    python = HOME / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{HOME} is not here: make .venv/ready/interop, or set DOXA_INTEROP")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= OFFLINE | {"LOC_BASE_URL": address}
    found = subprocess.run(
        [str(python), str(RUNNERS / f"run_{program}.py"), *map(json.dumps, runs)],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=limit,
    )  # fmt: skip
    if found.returncode:
        sys.stderr.write(found.stdout[-4000:] + found.stderr[-8000:])
    assert found.returncode == 0
