"""The numbers that may be worth telling first, each beside what it would be were nothing there."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from doxa.analysis.languages import OWN_AGAINST_REFERENCE
from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.prompt import OFF
from doxa.report.tables import CONDITION_KEYS, country_of
from doxa.report.words import BASELINES, plural, reasoning_name, steering_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from doxa.evaluate import Evaluation
    from doxa.report.words import Names

__all__ = ["KINDS", "Case", "Kind", "Source", "candidates"]


class Case(NamedTuple):
    """A number that may be worth telling.

    Attributes
    ----------
    name : str
        What sets it apart from the other cases of its kind, as a sentence has it.
    estimate : float
        The number.
    low, high : float or None
        Ends of its interval, both or neither.
    over : str
        What it is the mean of, "" where it is no mean of several.
    short : str
        Its name in a chart; "" for the name.
    """

    name: str
    estimate: float
    low: float | None
    high: float | None
    over: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The tables that cases are made from, and what the page shows first.

    Parameters
    ----------
    evaluation : Evaluation
        Holds the tables.
    alignment, steering : polars.DataFrame
        As on the page; `steering` is None without effects.
    view : mapping
        The `model`, `elicitation` and `wave` that the page shows first.
    asked : polars.DataFrame
        The keys of the conditions of the way of asking that it shows first.
    names : Names
        What languages are called.
    """

    evaluation: Evaluation
    alignment: pl.DataFrame
    steering: pl.DataFrame | None
    view: Mapping[str, Any]
    asked: pl.DataFrame
    names: Names

    def of_model(self, table: pl.DataFrame | str) -> pl.DataFrame:
        """Take the rows of the first view's model and elicitation that are no group's."""
        frame = self._made(table) if isinstance(table, str) else table
        for name in ("model", "elicitation", "wave"):
            if name in frame.columns:
                frame = frame.filter(pl.col(name) == self.view[name])
        return frame.filter(group="") if "group" in frame.columns else frame

    def of_view(self, table: pl.DataFrame | str) -> pl.DataFrame:
        """Take those of the way of asking too, each country by the condition that names it."""
        rows = self.of_model(table)
        if rows.is_empty():
            return rows
        shown = rows.join(self.asked, on=CONDITION_KEYS, how="semi", maintain_order="left")
        return shown.filter((pl.col("target") == "") | (pl.col("target") == country_of()))

    def unsteered(self, name: str, measure: str) -> pl.DataFrame:
        """Take the rows of one measure without steering."""
        rows = self.of_model(name)
        return rows.filter(steering="none", measure=measure) if rows.height else rows

    def _made(self, name: str) -> pl.DataFrame:
        try:
            return make_table(self.evaluation, name)
        except NoDataError:
            return pl.DataFrame()


class Kind(NamedTuple):
    """A question that a number may answer.

    Attributes
    ----------
    name : str
        Names the kind.
    unit : str
        What its numbers are.
    expected : float
        The number were nothing there.
    above, below, unsure : str
        What is said of a number surely above or below that, and of one that is neither. `{who}`
        stands for the model, `{case}` for the case.
    cases : callable
        Makes its cases.
    section : str
        Where the page has more of it.
    of_alignment : bool
        Whether the numbers are differences of alignments.
    """

    name: str
    unit: str
    expected: float
    above: str
    below: str
    unsure: str
    cases: Callable[[Source], Iterator[Case]]
    section: str
    of_alignment: bool = True


def _case(
    name: str,
    rows: pl.DataFrame,
    columns: tuple[str, str, str] = ("estimate", "low", "high"),
    nouns: tuple[str, str] | None = ("country", "countries"),
) -> Case | None:
    """Take the mean of rows.

    The ends of its interval are the means of the rows' ends, which is no narrower than the interval
    of the mean, whatever the rows have in common.
    """
    if not {*columns} <= {*rows.columns}:
        return None
    known = rows.drop_nulls(columns[0])
    sure = known.drop_nulls(columns)
    kept = sure if sure.height else known
    if kept.is_empty():
        return None
    estimate, low, high = (
        fsum(kept[column].to_list()) / kept.height if kept[column].null_count() == 0 else None
        for column in columns
    )
    assert estimate is not None
    over = plural(kept.height, *nouns) if nouns else ""
    return Case(name, estimate, low, high, over)


def _grouped(rows: pl.DataFrame, by: list[str]) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """Go through groups of rows, in the order of what they are grouped by."""
    if rows.height:
        yield from sorted(rows.group_by(by), key=lambda group: group[0])


def _levels(source: Source) -> Iterator[Case]:
    rows = source.of_view(source.alignment)
    rows = rows.filter(2 * pl.col("n_items") >= pl.col("n_items").max())
    kind = source.evaluation.settings.baseline
    ends = {kind: ("gap", "gap_low", "gap_high")} | {
        "uniform": ("uniform_gap", "uniform_gap_low", "uniform_gap_high")
    }
    for baseline, columns in ends.items():
        if case := _case(BASELINES[baseline].subject, rows, columns):
            yield case._replace(short=BASELINES[baseline].short)


def _steerings(source: Source) -> Iterator[Case]:
    if source.steering is None:
        return
    rows = source.of_model(source.steering).filter(
        pl.col("steering") != "none", pl.col("target") == country_of()
    )
    for (steering, reasoning), group in _grouped(rows, ["steering", "reasoning"]):
        text = steering_name(steering).lower()
        name = text if reasoning == OFF else f"{text}, {reasoning_name(reasoning)}"
        if case := _case(name, group, nouns=("case", "cases")):
            yield case._replace(short=name[:1].upper() + name[1:])


def _thinking(source: Source) -> Iterator[Case]:
    if source.steering is None:
        return
    rows = source.of_model(source.steering).filter(
        pl.col("steering") == "none", pl.col("reasoning") != pl.col("reference_reasoning")
    )
    for (reasoning,), group in _grouped(rows, ["reasoning"]):
        if case := _case(reasoning_name(reasoning), group, nouns=("case", "cases")):
            yield case._replace(short=f"{reasoning} tokens")


def _languages(source: Source) -> Iterator[Case]:
    rows = source.of_model("language_gains")
    for (language,), group in _grouped(_at_once(rows), ["language"]):
        if case := _case(source.names.language(language), group):
            yield case


def _own_language(source: Source) -> Iterator[Case]:
    rows = _at_once(source.unsteered("own_language", OWN_AGAINST_REFERENCE))
    if rows.height and (case := _case("own language", rows.filter("is_mean"), nouns=None)):
        of = int(rows.filter("is_mean")["n_countries"][0])
        yield case._replace(over=plural(of, "country", "countries"), short="Own language")


def _spread(source: Source) -> Iterator[Case]:
    yield from _by_language(source, "shape", "variance ratio", ("country", "countries"))


def _order(source: Source) -> Iterator[Case]:
    yield from _by_language(source, "form_sensitivity", "gain when shown first", None)


def _by_language(
    source: Source, table: str, measure: str, nouns: tuple[str, str] | None
) -> Iterator[Case]:
    rows = _at_once(source.unsteered(table, measure))
    for (language,), group in _grouped(rows, ["language"]):
        if case := _case(source.names.language(language), group, nouns=nouns):
            yield case


def _models(source: Source) -> Iterator[Case]:
    model = source.view["model"]
    rows = source.of_view("differences")
    if rows.is_empty():
        return
    first = rows.filter(a=model)
    second = rows.filter(b=model).with_columns(
        pl.col("a").alias("b"),
        estimate=-pl.col("estimate"), low=-pl.col("high"), high=-pl.col("low"),
    )  # fmt: skip
    for (other,), group in _grouped(pl.concat([first, second]), ["b"]):
        if case := _case(other, group):
            yield case


def _at_once(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out what was answered after a thought, if some was answered at once."""
    if rows.is_empty() or not (rows["reasoning"] == OFF).any():
        return rows
    return rows.filter(reasoning=OFF)


KINDS: Final = (
    Kind(
        "models",
        "difference of alignment, mean over the countries",
        0.0,
        "{who} is closer to people than {case} is",
        "{case} is closer to people than {who} is",
        "Whether {who} or {case} is closer to people cannot be told",
        _models,
        "further",
    ),
    Kind(
        "closeness",
        "alignment above (+) or below (−), mean over the countries",
        0.0,
        "{who} is closer to people than {case} is",
        "{who} is further from people than {case} is",
        "Whether {who} is closer to people than {case} is cannot be told",
        _levels,
        "countries",
    ),
    Kind(
        "steering",
        "change of alignment with the country that is named, mean over all cases",
        0.0,
        "Steering by {case} brings {who} closer to the country that it names",
        "Steering by {case} moves {who} away from the country that it names",
        "Whether steering by {case} brings {who} closer to the country that it names cannot be "
        "told",
        _steerings,
        "steering",
    ),
    Kind(
        "thinking",
        "change of alignment against answering at once, mean over all cases",
        0.0,
        "Thinking first brings {who} closer to people",
        "Thinking first moves {who} away from people",
        "Whether thinking first brings {who} closer to people cannot be told",
        _thinking,
        "steering",
    ),
    Kind(
        "languages",
        "change of alignment against asking in English, mean over the countries",
        0.0,
        "Asked in {case} rather than English, {who} is closer to people",
        "Asked in {case} rather than English, {who} is further from people",
        "Whether asking in {case} rather than English brings {who} closer to people cannot be told",
        _languages,
        "grid",
    ),
    Kind(
        "own language",
        "change of alignment against asking in English, mean over the countries",
        0.0,
        "Asked in a country’s own language, {who} is closer to its people than in English",
        "Asked in a country’s own language, {who} is further from its people than in English",
        "Whether a country’s own language brings {who} closer to its people than English does "
        "cannot be told",
        _own_language,
        "grid",
    ),
    Kind(
        "spread",
        "variance of the model’s answers for each 1 of people’s, mean over the countries",
        1.0,
        "Asked in {case}, {who} divides its answers more than people do",
        "Asked in {case}, {who} answers more alike than people do",
        "Whether {who}, asked in {case}, divides its answers as people do cannot be told",
        _spread,
        "further",
        of_alignment=False,
    ),
    Kind(
        "order",
        "share that an option gains when it is shown first",
        0.0,
        "Asked in {case}, {who} favours whichever option is shown first",
        "Asked in {case}, {who} avoids whichever option is shown first",
        "Whether {who}, asked in {case}, favours the option that is shown first cannot be told",
        _order,
        "reliability",
        of_alignment=False,
    ),
)  # fmt: skip
"""Every question that a finding may answer, in the order of those that nothing tells apart."""


def candidates(source: Source) -> list[tuple[Kind, tuple[Case, ...]]]:
    """Make the cases of each kind; kinds without any are left out."""
    made = ((kind, tuple(kind.cases(source))) for kind in KINDS)
    return [(kind, cases) for kind, cases in made if cases]
