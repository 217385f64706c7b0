"""What the forms of an item are called: its wording, and how options and instruction were put."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.distribution import FORM_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FORM", "form_labels", "named_forms", "with_form"]

FORM: Final = "/"
"""What stands between the parts of a form's name, as in `form_names` of distributions."""

_WORDS: Final = {
    "wording": "wording {}",
    "surface": "written {}",
    "template": "instruction {}",
    "option_order": "options {}",
    "label_style": "labels: {}",
}


def named_forms(replies: pl.DataFrame) -> list[str]:
    """List the forms in which anything was asked, by name, the most used first.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.evaluate.Evaluation` has them.
    """
    used = replies.select(form=_name()).group_by("form").len()
    return used.sort(-pl.col("len").cast(pl.Int64), "form")["form"].to_list()


def with_form(replies: pl.DataFrame, forms: Sequence[str]) -> pl.DataFrame:
    """Add `form`, the position of each reply's form in a list of names."""
    numbers = {name: number for number, name in enumerate(forms)}
    return replies.with_columns(form=_name().replace_strict(numbers, return_dtype=pl.Int64))


def form_labels(forms: Sequence[str]) -> list[str]:
    """Say of each form what tells it from the others; nothing of a single one.

    Examples
    --------
    >>> form_labels(["a/plain/a/listed/numbers", "b/plain/a/reversed/numbers"])
    ['wording a, options listed', 'wording b, options reversed']
    >>> form_labels(["a/plain/a/listed/numbers"])
    ['']
    """
    parts = [dict(zip(FORM_KEYS, name.split(FORM), strict=True)) for name in forms]
    varying = [key for key in FORM_KEYS if len({part[key] for part in parts}) > 1]
    return [", ".join(_WORDS[key].format(part[key]) for key in varying) for part in parts]


def _name() -> pl.Expr:
    return pl.concat_str(FORM_KEYS, separator=FORM)
