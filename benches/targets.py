"""What was to be reached, beside what the benches found."""

from __future__ import annotations

from typing import Any, NamedTuple


class Time(NamedTuple):
    """A contestant of a workload of a bench; of one that grows, at a size."""

    bench: str
    workload: str
    name: str
    size: int | None = None

    def found(self, kept: dict[str, Any]) -> float | None:
        """Return its milliseconds, if they were measured."""
        for row in kept.get(self.bench, {}).get("timings", ()):
            at = row["workload"].startswith(self.workload), row["name"], row["size"]
            if at == (True, self.name, self.size):
                return float(row["median_ms"])
        return None


class Target(NamedTuple):
    """A time that should be at most so many milliseconds, or a ratio of two with its bound."""

    what: str
    time: Time
    at_most: float | None = None
    beside: Time | None = None
    at_least: float | None = None

    def goal(self) -> str:
        """Say the bound in words."""
        if self.beside is None:
            return f"≤ {self._said(self.at_most or 0.0)}"
        return f"≤ {self.at_most:g} ×" if self.at_least is None else f"≥ {self.at_least:g} ×"

    def found(self, kept: dict[str, Any]) -> str:
        """Say what was found, in bold where it is what was to be reached."""
        value = self.time.found(kept)
        if self.beside is not None:
            other = self.beside.found(kept)
            value = None if value is None or other is None else value / other
        if value is None:
            return "not measured"
        said = self._said(value) if self.beside is None else f"{value:.3g} ×"
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return f"**{said}**" if low and high else said

    @staticmethod
    def _said(milliseconds: float) -> str:
        if milliseconds >= 60_000:
            return f"{milliseconds / 60_000:.3g} min"
        return f"{milliseconds / 1000:.3g} s" if milliseconds >= 10 else f"{milliseconds:.3g} ms"


def _core(workload: str, name: str, size: int | None = None) -> Time:
    return Time("core", workload, name, size)


RAGGED = "alignment, 1M ragged pairs, K in questionnaire order"
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
        "respondents: weighted ÷ unweighted",
        _core(PEOPLE, "doxa, weighted"), 1.5, beside=_core(PEOPLE, "doxa"),
    ),
    Target("asking: log-probabilities, an item", Time("engine", "logprobs", "doxa"), 100),
    Target("asking: percentages, an item", Time("engine", "verbalized", "doxa"), 200),
    Target("`doxa --help`", Time("starting", "commands", "doxa --help"), 150),
    Target("`doxa score` of the demonstration", Time("starting", "commands", "doxa score"), 1500),
    Target(
        "every table of 24 conditions against 65 countries",
        Time("starting", "commands", "doxa score --table all"), 3000,
    ),
    Target(
        "`doxa report` of these, with tables and figures",
        Time("starting", "commands", "doxa report --tables --figures"), 8000,
    ),
    Target("`make demo` from nothing", Time("building", "from a clone", "make demo"), 360_000),
    Target("`make test`, once set up", Time("building", "from a clone", "make test"), 300_000),
)  # fmt: skip
