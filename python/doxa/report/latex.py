"""Tables for papers: LaTeX with the rules of booktabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from doxa.outside.quoting import latex

if TYPE_CHECKING:
    import polars as pl

__all__ = ["latex_table"]

_MOST_ROWS: Final = 40
_ESTIMATE: Final = re.compile(r"[+−]?\d+\.\d+ \[|–$")


def latex_table(frame: pl.DataFrame, caption: str, label: str) -> str:
    r"""Write a table for LaTeX's packages booktabs and, above 40 rows, longtable.

    Parameters
    ----------
    frame : polars.DataFrame
        Floats are rounded to three decimals; numbers are right-aligned; missing is a dash.
    caption, label : str
        What the table shows, and the name by which the text refers to it.

    Examples
    --------
    >>> import polars as pl
    >>> print(latex_table(pl.DataFrame({"country": ["JPN"], "n": [2]}), "Counts", "counts"))
    \begin{table}
    \caption{Counts}
    \label{tab:counts}
    \begin{tabular}{lr}
    \toprule
    country & n \\
    \midrule
    JPN & 2 \\
    \bottomrule
    \end{tabular}
    \end{table}
    """
    columns = "".join("r" if _is_number(values) else "l" for values in frame)
    head = " & ".join(map(_cell, frame.columns)) + r" \\"
    body = [" & ".join(map(_cell, row)) + r" \\" for row in frame.iter_rows()]
    names = [rf"\caption{{{_cell(caption)}}}", rf"\label{{tab:{label}}}"]
    if frame.height > _MOST_ROWS:
        lines = [
            rf"\begin{{longtable}}{{{columns}}}", *names[:1], names[1] + r" \\", r"\toprule", head,
            r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot", *body, r"\end{longtable}",
        ]  # fmt: skip
    else:
        lines = [
            r"\begin{table}", *names, rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head,
            r"\midrule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}",
        ]  # fmt: skip
    return "\n".join(lines)


def _is_number(values: pl.Series) -> bool:
    """Tell numbers, and estimates that are written with their intervals, from words."""
    if values.dtype.is_numeric():
        return True
    written = values.drop_nulls()
    return bool(len(written)) and all(_ESTIMATE.match(str(text)) for text in written)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "--"
    if isinstance(value, float):
        return f"${value:.3f}$" if value < 0 else f"{value:.3f}"
    if isinstance(value, int) and value < 0:
        return f"${value}$"
    return latex(str(value)).replace("−", "$-$")
