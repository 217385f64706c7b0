"""Cells of popfidelity: long tables of `cell_id, question, option, share`.

A cell is a country, by code or name. The model is in the column `source` or `model`; rows with the
source "survey" are answers of people and are left out. `mode` is the origin of the shares:
next-token probabilities ("ntp") or full answers ("fa"). Runs and replicates become draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import RecordingError
from doxa.recorded.entries import (
    codes_of_options,
    countries_of,
    fielded,
    known_items,
    replies_of,
)
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.source import Source

__all__ = ["NEEDS", "read_cells"]

NEEDS: Final = frozenset({"cell_id", "question", "option", "share"})

_ELICITATIONS: Final = {"ntp": "logprobs", "fa": "sampling"}
_KEYS: Final = ("model", "cell_id", "question", "mode", "run", "replicate")
_TOLERANCE: Final = 1e-6


def read_cells(
    table: pl.DataFrame, source: Source, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read cells as replies steered towards their country.

    Raises
    ------
    RecordingError
        A cell is not a country, the item lacks an option, or shares do not sum to 1.
    """
    name = source.name
    found = [column for column in ("source", "model") if column in table.columns]
    rows = table.select(
        *(
            pl.col(column).cast(pl.String).fill_null("")
            for column in ("cell_id", "question", "option")
        ),
        pl.col("share").cast(pl.Float64, strict=False),
        model=pl.coalesce(*(pl.col(column).cast(pl.String) for column in found), pl.lit(name)),
        **{
            column: pl.col(column).cast(pl.String) if column in table.columns else pl.lit("")
            for column in ("mode", "run", "replicate")
        },
    ).with_row_index("record")
    rows = rows.filter(pl.col("model").str.to_lowercase() != "survey")
    people = table.height - rows.height
    rows, unknown = known_items(rows, bank, name)
    places = rows["record"]
    countries = countries_of(rows["cell_id"], name, lambda row: source.place(places[row]))
    rows = rows.with_columns(target=countries)
    if (rows["target"] == "").any():
        row = (rows["target"] == "").arg_true()[0]
        raise RecordingError(
            f"{name}: {source.place(places[row])}: a cell without a country: name it"
        )
    rows, elsewhere = fielded(rows, targets, name)
    cells = rows.group_by([*_KEYS, "target"], maintain_order=True).agg("option", "share")
    shares = [
        _shares(cell, question, options, values, name, bank)
        for cell, question, options, values in cells.select(
            "cell_id", "question", "option", "share"
        ).iter_rows()
    ]
    replies = cells.select(
        "model",
        "question",
        "target",
        language=pl.lit("en"),
        steering=pl.lit("persona"),
        template=pl.lit("a"),
        option_order=pl.lit("listed"),
        elicitation=pl.col("mode").replace_strict(_ELICITATIONS, default="verbalized"),
        status=pl.lit("ok"),
        probabilities=pl.Series(shares, dtype=pl.List(pl.Float64)),
        text=pl.lit(""),
    )
    provenance = {f"replies of {model}": f"cells in {name}" for model in replies["model"].unique()}
    return Recording(
        replies=replies_of(replies, name, bank, backend="popfidelity"),
        provenance=provenance,
        entries=table.height,
        unit="rows, one an option",
        by_option=True,
        left_out=({"answers of people (source survey)": people} if people else {})
        | unknown
        | elsewhere,
    )


def _shares(
    cell: str,
    question: str,
    options: list[str],
    shares: list[float | None],
    name: str,
    bank: QuestionBank,
) -> list[float]:
    codes = codes_of_options(options, question, "en", bank, name)
    known = [share for share in shares if share is not None and share >= 0]
    if len(known) < len(shares) or abs(sum(known) - 1) > _TOLERANCE:
        raise RecordingError(
            f"{name}: cell {cell}, {question}: shares {', '.join(map(str, shares))} do not sum to 1"
        )
    by_code = dict(zip(codes, known, strict=True))
    return [by_code[code] for code in bank.items[question].scale.all_codes]
