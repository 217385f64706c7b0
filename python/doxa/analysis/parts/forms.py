"""The forms in which items were asked, as the units that the bootstrap draws again.

Showing the options of a wording in opposite orders is a design: what an option gains by its place
cancels in the average of both. So a unit is a wording (with its surface, instruction and labels)
in all orders in which it was asked, and an effect of order that cancels is not counted as error.
An item with one unit has nothing to draw: nothing tells what another wording would change.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.distribution import FORM_KEYS, MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.settings import Settings

__all__ = ["FORM_COLUMNS", "drawing", "drawing_of_replies", "form_note", "form_units", "with_units"]

FORM_COLUMNS: Final = ("forms", "form_names", "form_units", "form_set")
"""The columns that hold forms, in frames of distributions."""

_SEPARATOR: Final = "/"
_TWO: Final = 2


def form_units(names: Sequence[str]) -> list[list[int]]:
    """Group the forms of an item into units: those that differ in the order of options alone.

    Where no two forms do, a listed and a reversed one are a unit if half are listed and half
    reversed; else each form is one.

    Parameters
    ----------
    names : sequence of str
        The forms, as in the column `form_names` of `doxa.distribution.model_distributions`.

    Returns
    -------
    list of list of int
        Places of the forms of each unit.

    Examples
    --------
    >>> form_units(["b/plain/a/reversed/numbers", "b/plain/a/listed/numbers"])
    [[1, 0]]
    >>> form_units(["a/plain/a/listed/numbers", "b/plain/a/listed/numbers"])
    [[0], [1]]
    """
    split = [name.split(_SEPARATOR) for name in names]
    places = sorted(range(len(names)), key=lambda place: (_but_order(split[place]), names[place]))
    units = [
        list(unit) for _, unit in groupby(places, key=lambda place: _but_order(split[place]))
    ]  # fmt: skip
    listed, turned = (
        [place for place in places if split[place][-2] == order] for order in ("listed", "reversed")
    )
    if len(units) == len(names) == 2 * len(listed) == 2 * len(turned):
        return [list(pair) for pair in zip(listed, turned, strict=True)]
    return units


def _but_order(form: list[str]) -> list[str]:
    return [*form[:-2], form[-1]]


def with_units(model: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Turn the forms of model distributions into units, if forms are to be drawn.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it, or without the columns of forms.
    settings : Settings
        What is drawn again.

    Returns
    -------
    polars.DataFrame
        Without `forms` and `form_names`; with `form_units` (List(List(Float64)): the shares of
        each unit, null where there are fewer than two) and `form_set` (String, the names of the
        forms) if forms are to be drawn.
    """
    if "forms" not in settings.resample or "form_units" in model.columns:
        return model.drop("forms", "form_names", strict=False)
    kind = pl.List(pl.List(pl.Float64))
    if "forms" not in model.columns:
        return model.with_columns(form_units=pl.lit(None, kind), form_set=pl.lit(""))
    named = model.with_columns(form_set=pl.col("form_names").list.sort().list.join(", "))
    named = named.with_row_index("_row")
    several = named.filter(pl.col("n_forms") >= _TWO)
    found = [several.select("_row", form_units=pl.lit(None, kind)).clear()]
    alike = several.select(
        "_row", "form_names", "forms", n=pl.col("forms").list.len(),
        alike=pl.col("form_names").list.join(", "),
    )  # fmt: skip
    for part in alike.partition_by("alike", "n"):
        members = form_units(part["form_names"][0].to_list())
        if len(members) < _TWO:
            continue
        shares = np.array(part["forms"].to_list()).transpose(0, 2, 1)
        # a wording asked in more orders than another counts for more in the average
        most = max(len(places) for places in members)
        units = np.stack([shares[:, places].sum(axis=1) / most for places in members], axis=1)
        # what has no share on the scale does not change the average either
        held = [[unit for unit in row if sum(unit) > 0] for row in units.tolist()]
        table = part.select("_row").with_columns(form_units=pl.Series(held, dtype=kind))
        found.append(table.filter(pl.col("form_units").list.len() >= _TWO))
    return named.drop("forms", "form_names").join(
        pl.concat(found), on="_row", how="left", maintain_order="left"
    ).drop("_row")  # fmt: skip


def drawing(settings: Settings, model: pl.DataFrame) -> Settings:
    """Leave forms out of what is drawn where no item has two units of them.

    Parameters
    ----------
    settings : Settings
        What is to be drawn again.
    model : polars.DataFrame
        As `with_units` gives it.

    Raises
    ------
    NoDataError
        Nothing else is to be drawn.
    """
    if "forms" not in settings.resample:
        return settings
    if "form_units" in model.columns and model["form_units"].null_count() < model.height:
        return settings
    rest = tuple(source for source in settings.resample if source != "forms")
    if not rest:
        raise NoDataError(
            "every item was asked in one form, or in one wording: forms cannot be "
            "resampled; ask in four or more (--forms 4), or resample items"
        )
    return replace(settings, resample=rest)


def drawing_of_replies(settings: Settings, replies: pl.DataFrame) -> Settings:
    """Leave forms out of what is drawn, as `drawing` does, before distributions are made.

    Parameters
    ----------
    settings : Settings
        What is to be drawn again.
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.

    Raises
    ------
    NoDataError
        Nothing else is to be drawn.
    """
    if "forms" not in settings.resample:
        return settings
    keys = [name for name in (*MODEL_KEYS, "question") if name in replies.columns]
    parts = (name if name in replies.columns else pl.lit("") for name in FORM_KEYS)
    asked = (
        replies.filter(pl.col("status") == "ok")
        .select(*keys, form=pl.concat_str(*parts, separator=_SEPARATOR))
        .unique()
        .group_by(keys)
        .agg(pl.col("form").sort())["form"]
        .unique()
    )
    several = any(len(form_units(names)) >= _TWO for names in asked.to_list())
    return drawing(settings, pl.DataFrame({"form_units": [several or None]}))


def form_note(pairs: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Say of how many items what forms change is not in the interval.

    Parameters
    ----------
    pairs : polars.DataFrame
        Key columns, `n_forms` and, if forms are drawn, `form_units`.
    keys : sequence of str
        The columns that name a row of the table.

    Returns
    -------
    polars.DataFrame
        The keys and `form_note` (String; null where there is nothing to say).
    """
    if "n_forms" not in pairs.columns:
        return (
            pairs.select(keys)
            .unique(maintain_order=True)
            .with_columns(form_note=pl.lit(None, pl.String))
        )
    units = pl.col("form_units").is_null() if "form_units" in pairs.columns else pl.lit(value=True)
    single = (pl.col("n_forms") < _TWO).sum()
    paired = (units & (pl.col("n_forms") >= _TWO)).sum()

    def told(count: pl.Expr, what: str) -> pl.Expr:
        some = pl.when(count < pl.len()).then(pl.format("{} of {} items: ", count, pl.len()))
        return pl.when(count > 0).then(pl.format("{}" + what, some.otherwise(pl.lit(""))))

    return pairs.group_by(keys, maintain_order=True).agg(
        form_note=pl.concat_str(
            told(single, "one form, its error is not in the interval"),
            told(paired, "one wording, the error of wording is not in the interval"),
            separator="; ",
            ignore_nulls=True,
        ).replace("", None)
    )
