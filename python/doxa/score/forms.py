"""The forms behind each model row, in the arrays that the core reads."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from doxa.errors import InvalidArgumentError
from doxa.score.rows import as_rows, ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Forms", "form_rows"]

Forms: TypeAlias = tuple[Any, "NDArray[np.int64]", "NDArray[np.uint64]"]
"""The shares of all forms, the first form of each row and the end, the name of each row's."""


def form_rows(model_forms: Any, form_sets: Any, n_rows: int) -> Forms:
    """Lay the forms of all rows end to end.

    Parameters
    ----------
    model_forms : sequence of n lists of 1-D arrays, or Polars series of lists of lists
        The shares whose mean each row is; a row of None or of one has a single form.
    form_sets : sequence of n labels, optional
        Names the forms of each row; without it, all rows have one name.
    n_rows : int
        The number of model rows.

    Raises
    ------
    InvalidArgumentError
        There is not one list, or one label, per row.

    Examples
    --------
    >>> _, starts, _ = form_rows([[[0.2, 0.8], [0.4, 0.6]], None], None, 2)
    >>> starts.tolist()
    [0, 2, 2]
    """
    rows: Any
    if hasattr(model_forms, "explode"):
        sizes = model_forms.list.len().fill_null(0).to_numpy()
        rows = as_rows(model_forms.filter(sizes > 0).explode())
    else:
        given = [() if forms is None else forms for forms in model_forms]
        sizes = [len(forms) for forms in given]
        rows = ragged([form for forms in given for form in forms])
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    labels = [""] * n_rows if form_sets is None else [str(label) for label in form_sets]
    for name, number in (("model_forms", len(sizes)), ("form_sets", len(labels))):
        if number != n_rows:
            raise InvalidArgumentError(
                f"{number} entries in {name} for {n_rows} rows: give one per row"
            )
    # a hash of the name, and not its rank, so that draws do not depend on what else is scored
    hashes = {label: int.from_bytes(blake2b(label.encode(), digest_size=8).digest(), "little")
              for label in set(labels)}  # fmt: skip
    return rows, starts, np.array([hashes[label] for label in labels], np.uint64)
