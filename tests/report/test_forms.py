from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.report.forms import form_labels, named_forms, with_form

from .invented import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_forms_are_named_by_use_and_numbered(frames: Mapping[str, pl.DataFrame]) -> None:
    replies = frames["replies"]
    few = replies.head(3).with_columns(wording=pl.lit("b"), option_order=pl.lit("reversed"))
    both = pl.concat([replies, few])
    forms = named_forms(both)
    assert forms == [FORM, "b/plain/a/reversed/numbers"]
    assert with_form(both, forms)["form"].to_list() == [0] * replies.height + [1] * 3


def test_a_label_names_what_varies_and_nothing_else() -> None:
    forms = [FORM, "a/plain/b/listed/letters"]
    assert form_labels(forms) == [
        "instruction a, labels: numbers",
        "instruction b, labels: letters",
    ]
    assert form_labels([FORM]) == [""]
