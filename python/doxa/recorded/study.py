"""Replies as the study of global opinion recorded them.

A row holds a reply as the model wrote it: `question`, `choice_keys` (the labels shown, as the text
of a list) and `response`. A file with several of them also has `model`, `condition` and `country`
(the country steered towards; empty without steering). Labels are the survey's codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import RecordingError
from doxa.recorded.conditions import parse_condition
from doxa.recorded.documents import is_targeted
from doxa.recorded.entries import countries_of, fielded, known_items, replies_of
from doxa.recorded.recording import Recording
from doxa.recorded.responses import read_responses

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.source import Source

__all__ = ["NEEDS", "examples_of", "read_study"]

NEEDS: Final = frozenset({"question", "choice_keys", "response"})

_SHOWN: Final = 3
_USUAL: Final = ("Q60", "Q70", "Q90", "Q110", "Q130")
_EUROPE_AND_KOREA: Final = ("Q40", "Q80", "Q150", "Q160", "Q170")
_SHORT_FORM: Final = ("Q40", "Q60", "Q80", "Q150", "Q160")
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "CHN": ("Q60", "Q70", "Q110", "Q150", "Q160"),
    **dict.fromkeys(("DEU", "KOR"), _EUROPE_AND_KOREA),
    **dict.fromkeys(("ARG", "BRA", "CHL", "RUS", "URY", "VNM"), _SHORT_FORM),
}


def examples_of(country: str) -> frozenset[str]:
    """Name the items that the study showed as examples when it steered towards a country.

    Examples
    --------
    >>> sorted(examples_of("JPN"))
    ['Q110', 'Q130', 'Q60', 'Q70', 'Q90']
    """
    return frozenset(_EXAMPLES.get(country, _USUAL))


def read_study(
    table: pl.DataFrame, source: Source, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read recorded replies.

    Repeated rows become draws. The examples of the recording are the items shown as examples for
    any target.

    Raises
    ------
    RecordingError
        A country or condition is unknown, or the labels of no reply are its item's codes.
    """
    name = source.name
    rows = table.select(
        model=_column(table, "model", name),
        condition=_column(table, "condition", "none"),
        country=_column(table, "country", ""),
        question="question",
        choice_keys="choice_keys",
        response="response",
    ).with_row_index("record")
    countries = countries_of(rows["country"], name, source.place)
    rows = rows.with_columns(target=countries).drop("country")
    rows, elsewhere = fielded(rows, targets, name)
    rows, unknown = known_items(rows, bank, name)
    examples = frozenset[str]().union(*map(examples_of, rows["target"].unique()))
    places = rows["record"]
    rows = _with_ways(rows.drop("record"), name, bank)
    asked = read_responses(rows, name, lambda row: source.place(places[row]))
    asked, unlike = _with_known_labels(asked, name, bank)
    return Recording(
        replies=replies_of(_on_codes(asked, bank), name, bank, backend="recorded"),
        examples=examples,
        provenance={
            f"replies of {model}": f"recorded in {name}" for model in rows["model"].unique()
        },
        entries=table.height,
        unit="rows",
        left_out=elsewhere | unknown | unlike,
    )


def _with_known_labels(
    asked: pl.DataFrame, name: str, bank: QuestionBank
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Leave out the replies whose labels are not their item's codes, and count them."""
    forms = asked.select("question", "labels").unique(maintain_order=True)
    codes = [_codes_of(question, labels, bank) for question, labels in forms.iter_rows()]
    odd = forms.filter(pl.Series([one is None for one in codes], dtype=pl.Boolean))
    if odd.is_empty():
        return asked, {}
    unlike = asked.join(odd, on=odd.columns, how="semi")
    shown = [
        f"{question} ({', '.join(labels)} for {', '.join(map(str, bank.items[question].listed))})"
        for question, labels in odd.iter_rows()
    ]
    if unlike.height == asked.height:
        raise RecordingError(f"{name}: the labels of no reply are its item's codes: {shown[0]}")
    some = "; ".join(shown[:_SHOWN]) + ("; …" if len(shown) > _SHOWN else "")
    told = f"whose labels are not the item's codes: {some}"
    return asked.join(odd, on=odd.columns, how="anti", maintain_order="left"), {told: unlike.height}


def _column(table: pl.DataFrame, column: str, default: str) -> pl.Expr:
    if column not in table.columns:
        return pl.lit(default)
    return pl.col(column).cast(pl.String).fill_null("")


def _with_ways(rows: pl.DataFrame, name: str, bank: QuestionBank) -> pl.DataFrame:
    ways = []
    for condition, target in rows.select("condition", "target").unique().iter_rows():
        try:
            way = parse_condition(condition, target, bank)
            if not target and is_targeted(way.steering):
                raise KeyError(condition)
            ways.append((condition, target, *way))
        except KeyError:
            raise RecordingError(
                f"{name}: condition {condition!r} of country {target!r}: it is about a country: "
                "name one of the survey"
            ) from None
    columns = ("condition", "target", "language", "steering")
    named = pl.DataFrame(ways, schema=dict.fromkeys(columns, pl.String), orient="row")
    return rows.join(named, on=["condition", "target"], maintain_order="left")


def _on_codes(asked: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Put the shares in the order of the item's codes, and name the order shown."""
    forms = asked.select("question", "labels").unique(maintain_order=True)
    orders = [_order(question, labels, bank) for question, labels in forms.iter_rows()]
    whole = pl.List(pl.Int64())
    columns = {"option_order": pl.String(), "codes": whole, "places": whole}
    known = forms.hstack(pl.DataFrame(orders, schema=columns, orient="row"))
    return asked.join(known, on=forms.columns, maintain_order="left").select(
        "model", "question", "language", "steering", "target", "status", "reason",
        template=pl.lit("a"),
        codes="codes",
        option_order="option_order",
        elicitation=pl.lit("verbalized"),
        probabilities=pl.col("shares").list.gather(pl.col("places")),
        text="response",
    )  # fmt: skip


def _codes_of(question: str, labels: list[str], bank: QuestionBank) -> tuple[int, ...] | None:
    """Find the codes that labels are: the item's, perhaps with those that were volunteered."""
    item = bank.items[question]
    for codes in (item.scale.all_codes, item.known_codes):
        if sorted(labels) == sorted(map(str, codes)):
            return codes
    return None


def _order(
    question: str, labels: list[str], bank: QuestionBank
) -> tuple[str, list[int], list[int]]:
    """Name the order of the labels, and give the codes they are, with the place of each."""
    item = bank.items[question]
    codes = _codes_of(question, labels, bank) or ()
    listed = [*item.listed, *(code for code in codes if code not in item.listed)]
    shown = "listed" if labels == [str(code) for code in listed] else " ".join(labels)
    return shown, list(codes), [labels.index(str(code)) for code in codes]
