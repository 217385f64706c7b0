"""What was to be reached, beside what the benches found.

python benches/targets.py                    # every target, from what was kept
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kept import kept as kept_of


class Time(NamedTuple):
    """A contestant of a workload of a bench; of one that grows, at a size."""

    bench: str
    workload: str
    name: str
    size: int | None = None

    def found(self, kept: dict[str, Any], what: str = "median_ms") -> float | None:
        """Return its milliseconds, or its most memory, if they were measured."""
        for row in kept.get(self.bench, {}).get("timings", ()):
            at = row["workload"].startswith(self.workload), row["name"], row["size"]
            if at == (True, self.name, self.size):
                return None if row[what] is None else float(row[what])
        return None


class Target(NamedTuple):
    """A time that should be at most so many milliseconds, or a ratio of two with its bound.

    Or the most memory of that work, in megabytes.
    """

    what: str
    time: Time
    at_most: float | None = None
    beside: Time | None = None
    at_least: float | None = None
    memory: bool = False

    def goal(self) -> str:
        """Say the bound in words."""
        if self.memory:
            return f"≤ {self.at_most:g} MB"
        if self.beside is None:
            return f"≤ {self._said(self.at_most or 0.0)}"
        return f"≤ {self.at_most:g} ×" if self.at_least is None else f"≥ {self.at_least:g} ×"

    def found(self, kept: dict[str, Any]) -> str:
        """Say what was found, in bold where it is what was to be reached."""
        value = self.time.found(kept, "peak_mb" if self.memory else "median_ms")
        if self.beside is not None:
            other = self.beside.found(kept)
            value = None if value is None or other is None else value / other
        if value is None:
            return "not measured"
        said = f"{value:.3g} ×" if self.beside is not None else self._said(value)
        if self.memory:
            said = f"{value:.3g} MB"
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return f"**{said}**" if low and high else said

    @staticmethod
    def _said(milliseconds: float) -> str:
        if milliseconds >= 60_000:
            return f"{milliseconds / 60_000:.3g} min"
        return f"{milliseconds / 1000:.3g} s" if milliseconds >= 100 else f"{milliseconds:.3g} ms"


def _core(workload: str, name: str, size: int | None = None) -> Time:
    return Time("core", workload, name, size)


HUNDRED_MILLION = 10**8
RAGGED = "alignment, 1M ragged pairs, K in questionnaire order"
COUNTS = "bootstrap from counts, 42 models"
RANKS = "ranks, 100 groups"
STREAM = "streamed from Parquet"
ITEMS, SIX, PEOPLE = "bootstrap of items, 8316", "six metrics, 1M", "bootstrap of respondents, 198"
TARGETS = (
    Target(
        "items with BCa: NumPy's product and quantile ÷ doxa",
        _core(ITEMS, "NumPy product and quantile"), beside=_core(ITEMS, "doxa, BCa"), at_least=6,
    ),
    Target(
        "items: studentised ÷ BCa",
        _core(ITEMS, "doxa, studentised"), 1.5, beside=_core(ITEMS, "doxa, BCa"),
    ),
    Target(
        "six metrics: numba ÷ doxa", _core(SIX, "numba"), beside=_core(SIX, "doxa"), at_least=4
    ),
    Target(
        "six metrics: NumPy by column ÷ doxa",
        _core(SIX, "NumPy columns"), beside=_core(SIX, "doxa"), at_least=15,
    ),
    Target(
        "alignment of 1M ragged pairs ÷ reading its bytes and writing 8 MB",
        _core(RAGGED, "doxa"), 1.25, beside=_core(RAGGED, "reading its bytes, writing 8 MB"),
    ),
    Target(
        "respondents: weighted ÷ unweighted",
        _core(PEOPLE, "doxa, weighted"), 1.5, beside=_core(PEOPLE, "doxa"),
    ),
    Target("from counts: a million distances", _core(COUNTS, "doxa, a million distances"), 3),
    Target("ranks ÷ groups", _core(RANKS, "doxa, ranks"), 2, beside=_core(RANKS, "doxa, groups")),
    Target(
        "100M pairs from Parquet ÷ Polars, which adds up their columns",
        _core(STREAM, "doxa", HUNDRED_MILLION), 1.5,
        beside=_core(STREAM, "Polars, scanned and added up", HUNDRED_MILLION),
    ),
    Target(
        "100M pairs from Parquet: most memory",
        _core(STREAM, "doxa", HUNDRED_MILLION), 250, memory=True,
    ),
    Target("asking: log-probabilities, an item", Time("engine", "logprobs", "doxa"), 100),
    Target("asking: percentages, an item", Time("engine", "verbalized", "doxa"), 200),
    Target("`doxa --help`", Time("starting", "commands", "doxa --help"), 150),
    Target("`import doxa`", Time("starting", "commands", "import doxa"), 200),
    Target("the first line of a run", Time("starting", "commands", "first line of a run"), 3000),
    Target("`doxa score` of the demonstration", Time("starting", "commands", "doxa score"), 1500),
    Target(
        "every table of 24 conditions against 65 countries",
        Time("starting", "every table", "make_tables"), 3000,
    ),
    Target(
        "`doxa report` of these, with tables and figures",
        Time("starting", "every table", "doxa report --tables --figures"), 8000,
    ),
    Target("`make demo` from nothing", Time("building", "from a clone", "make demo"), 360_000),
    Target("`make test`, once set up", Time("building", "from a clone", "make test"), 300_000),
)  # fmt: skip


def beside(kept: dict[str, Any], bench: str = "") -> str:
    """Write a line for each target, or for those of a bench: what was found, and the bound."""
    lines = [
        f"  {one.what:<66}{one.found(kept).strip('*'):>14}   {one.goal()}"
        f"{'   reached' if one.found(kept).startswith('*') else ''}"
        for one in TARGETS
        if one.time.bench.startswith(bench)
    ]
    return "\n".join(["what was to be reached", *lines])


def main() -> None:
    found = {bench: kept_of(bench) for bench in sorted({one.time.bench for one in TARGETS})}
    for isa in sorted({isa for kept in found.values() for isa in kept}):
        print(f"{isa}: {beside({bench: kept.get(isa, {}) for bench, kept in found.items()})}")


if __name__ == "__main__":
    main()
