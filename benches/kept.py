"""Tables that the benches print, and keep in ``benches/results`` with the machine that made them.

There is a folder for each instruction set of the scoring core, and in it a file for each bench. The
page is made from all of them (`page.py`), so what takes long need not be measured again.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.bench.machine import machine, versions

if TYPE_CHECKING:
    from race import Timing

RESULTS = Path(__file__).parent / "results"
PEERS = ("scipy", "numba", "POT", "popfidelity", "arch", "llama-cpp-python")


@dataclass
class Table:
    """A table of results: its title, the names of its columns, its rows, and what to know of it."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    note: str = ""

    def add(self, *cells: object) -> None:
        """Add a row and print it, in columns as wide as their names or numbers."""
        if not self.rows:
            print(f"\n{self.title}\n  {'  '.join(f'{name:<12}' for name in self.columns)}")
        self.rows.append([str(cell) for cell in cells])
        print("  " + "  ".join(f"{cell:<12}" for cell in self.rows[-1]), flush=True)


def about() -> dict[str, Any]:
    """Describe the machine and the versions of what was timed."""
    found: dict[str, Any] = {**machine(None), **versions(with_model=False)}
    for library in PEERS:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    found["load"] = round(os.getloadavg()[0], 1)
    return found


def keep(
    bench: str, tables: list[Table] | None = None, timings: list[Timing] | None = None
) -> None:
    """Keep what a bench found; tables and workloads that it did not do this time stay."""
    now = about()
    path = RESULTS / now["instruction_set"] / f"{bench}.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"tables": [], "timings": []}
    new = {table.title for table in tables or []}, {row.workload for row in timings or []}
    kept = {
        "machine": now,
        "tables": [one for one in before["tables"] if one["title"] not in new[0]]
        + [asdict(table) for table in tables or []],
        "timings": [one for one in before["timings"] if one["workload"] not in new[1]]
        + [asdict(timing) for timing in timings or []],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept(bench: str) -> dict[str, dict[str, Any]]:
    """Return what was kept of a bench, by instruction set."""
    found = sorted(RESULTS.glob(f"*/{bench}.json"))
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in found}
