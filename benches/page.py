"""Write docs/performance.md's tables and plots from what the benches kept, measuring what is named.

    python benches/page.py                       # write the page again; nothing is measured
    python benches/page.py --measure             # all benches but those that take long
    python benches/page.py --measure core engine

What stands between ``<!-- made: NAME -->`` and ``<!-- end -->`` on the page is written here; the
words around it are the page's own. What a bench found last time stays, on each kind of processor.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from kept import RESULTS
from kept import kept as kept_of
from plots import plot
from targets import TARGETS

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
SHORT = {
    "core": ["core.py"],
    "polars": ["polars_namespace.py"],
    "prompts": ["prompts.py"],
    "survey": ["survey.py"],
    "starting": ["starting.py"],
    "engine": ["engine.py"],
    "cluster": ["cluster.py"],
    "measures": ["measures.py"],
}
LONG = {
    "every_table": ["starting.py", "--whole"],
    "tables": ["tables.py"],
    "report": ["report.py"],
    "cluster_scoring": ["cluster_scoring.py"],
    "formats": ["survey.py", "--formats"],
    "exports": ["survey.py", "--exports"],
    "building": ["building.py"],
}
Kept = dict[str, dict[str, Any]]
"""What was kept of a bench, by instruction set."""


def grid(head: list[str], rows: list[list[str]]) -> list[str]:
    """Write a table of Markdown, the first column at the left."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def machines(every: dict[str, Kept]) -> list[str]:
    """Say on which machine each bench was run last."""
    rows = []
    for bench, kept in every.items():
        for one in kept.values():
            about = dict(one["machine"])
            where = f"{about.pop('processor')}, {about.pop('cores')} cores"
            isa, load = about.pop("instruction_set"), about.pop("load")
            versions = ", ".join(f"{name} {value}" for name, value in about.items())
            rows.append([bench, where, isa, str(load), versions])
    return grid(["bench", "processor", "instruction set", "load", "versions"], rows)


def targets(every: dict[str, Kept]) -> list[str]:
    """Put each target beside what was found on each kind of processor."""
    kinds = sorted({isa for kept in every.values() for isa in kept})
    by_kind = {
        isa: {bench: kept[isa] for bench, kept in every.items() if isa in kept} for isa in kinds
    }
    rows = [[one.what, one.goal(), *(one.found(by_kind[isa]) for isa in kinds)] for one in TARGETS]
    return grid(["work", "to be reached", *kinds], rows)


def times(kept: Kept, *, growing: bool) -> list[str]:
    """Write a table for each workload, and a plot of each that grows."""
    workloads = dict.fromkeys(
        row["workload"]
        for one in kept.values()
        for row in one["timings"]
        if (row["size"] is not None) == growing
    )
    lines = []
    for workload in workloads:
        rows = {
            isa: [row for row in one["timings"] if row["workload"] == workload]
            for isa, one in kept.items()
        }
        lines += [f"**{workload}**", ""]
        if growing:
            lines += [f"![{workload}]({plot(workload, rows)})", ""]
        lines += [*(growth(rows) if growing else race(rows)), ""]
    return lines


def race(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Put contestants below one another, each as a multiple of the first."""
    names = dict.fromkeys(row["name"] for timed in rows.values() for row in timed)
    body = []
    for name in names:
        cells = []
        for timed in rows.values():
            found = [row for row in timed if row["name"] == name]
            cells += [ms(found[0]), f"{found[0]['median_ms'] / timed[0]['median_ms']:.3g}"] * bool(
                found
            ) or ["", ""]
        body.append([name, *cells])
    head = [cell for isa in rows for cell in (f"{isa}: ms", "× the first")]
    return grid(["", *head], body)


def growth(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Put sizes below one another, and contestants side by side."""
    names = [
        (isa, name)
        for isa, timed in rows.items()
        for name in dict.fromkeys(row["name"] for row in timed)
    ]
    sizes = sorted({row["size"] for timed in rows.values() for row in timed})
    found = {
        (isa, row["name"], row["size"]): ms(row) for isa, timed in rows.items() for row in timed
    }
    body = [[f"{size:,}", *(found.get((*name, size), "") for name in names)] for size in sizes]
    return grid(["ms", *(f"{isa}: {name}" for isa, name in names)], body)


def ms(row: dict[str, Any]) -> str:
    """Write milliseconds, those of work done in part with "~", and the most memory."""
    value = row["median_ms"]
    said = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    memory = f" ({row['peak_mb']:.0f} MB)" if row["peak_mb"] else ""
    return f"{said}{' ~' if row['scaled'] else ''}{memory}"


def tables(kept: Kept) -> list[str]:
    """Write the tables of a bench, for each kind of processor."""
    lines = []
    for isa, one in kept.items():
        for table in one["tables"]:
            lines += [f"**{table['title']}** ({isa})", ""]
            lines += [*grid(table["columns"], table["rows"]), ""]
            lines += [table["note"], ""] * bool(table["note"])
    return lines


def made(name: str, every: dict[str, Kept]) -> list[str]:
    """Write what a mark on the page stands for: a name, or a bench with what to show of it."""
    if name in ("machines", "targets"):
        return {"machines": machines, "targets": targets}[name](every)
    bench, _, what = name.partition(" ")
    kept = every.get(bench)
    if kept is None:
        return [f"Not measured yet: `python benches/page.py --measure {bench}`."]
    return tables(kept) if what == "tables" else times(kept, growing=what == "growth")


def write() -> None:
    """Write the page again."""
    benches = sorted({path.stem for path in RESULTS.glob("*/*.json")})
    every = {bench: kept_of(bench) for bench in benches}

    def block(mark: re.Match[str]) -> str:
        lines = "\n".join(made(mark[1], every)).strip()
        return f"<!-- made: {mark[1]} -->\n\n{lines}\n\n<!-- end -->"

    text = PAGE.read_text(encoding="utf-8")
    text = re.sub(r"<!-- made: (.*?) -->.*?<!-- end -->", block, text, flags=re.DOTALL)
    PAGE.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--measure", nargs="*", metavar="BENCH", help=f"of {', '.join(SHORT)}; {', '.join(LONG)}"
    )
    chosen = parser.parse_args().measure
    known = SHORT | LONG
    if wrong := {*(chosen or ())} - {*known}:
        parser.error(f"no bench is called {', '.join(sorted(wrong))}: {', '.join(known)}")
    failed = []
    for name in [] if chosen is None else chosen or SHORT:
        print(f"\n== {name}", flush=True)
        file, *arguments = known[name]
        if subprocess.run([sys.executable, HERE / file, *arguments]).returncode:
            failed.append(name)
    write()
    if failed:
        sys.exit(f"failed, and stay as they were kept: {', '.join(failed)}")


if __name__ == "__main__":
    main()
