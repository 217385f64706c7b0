"""Text of strangers, written so that no program takes it for anything but text.

A model's reply, a name in a received file or an error of a server may hold the escapes that steer a
terminal, begin like a formula, end a script, or name a folder. What stands in the text of a page
is quoted by Jinja.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "file_name",
    "from_cell",
    "from_cells",
    "in_script",
    "latex",
    "shown",
    "to_cell",
    "to_cells",
]

_STEERING: Final = re.compile(
    # controls but tab and line feed; line and paragraph separators; what turns the direction of
    # text round; lone surrogates
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def shown(text: str) -> str:
    r"""Write text so that a terminal shows it and obeys nothing in it.

    Controls (but for tab and line feed), overrides of the direction of text and lone surrogates
    become escapes as in JSON, so that JSON stays the same JSON.

    Examples
    --------
    >>> print(shown("\x1b[2Jgone \u202efdp.exe"))
    \u001b[2Jgone \u202efdp.exe
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_FORMULA: Final = "^'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_QUOTED: Final = "^'('*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"


def to_cell(text: str) -> str:
    """Do what `to_cells` does, to one text."""
    is_formula = re.search(_FORMULA, text) and not re.search(_NUMBER, text, re.ASCII)
    return f"'{text}" if is_formula else text


def from_cell(text: str) -> str:
    """Undo `to_cell`."""
    return text[1:] if re.search(_QUOTED, text) else text


def to_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before each text that a spreadsheet would take for a formula.

    Formulas begin with ``=``, ``+``, ``-``, ``@`` (also in full width), a tab or a line's end.
    Numbers stay as they are, also where a column of text holds them. `from_cells` undoes it.

    Parameters
    ----------
    frame : polars.DataFrame
        What will be written as CSV. Columns that are not text stay as they are.

    Examples
    --------
    >>> import polars as pl
    >>> to_cells(pl.DataFrame({"text": ["=1+1", "-0.5", "'@x", "yes"]}))["text"].to_list()
    ["'=1+1", '-0.5', "''@x", 'yes']
    """
    import polars as pl

    text = pl.col(pl.String)
    formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return frame.with_columns(pl.when(formula).then("'" + text).otherwise(text).name.keep())


def from_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Undo `to_cells` in what was read from CSV.

    Examples
    --------
    >>> import polars as pl
    >>> from_cells(pl.DataFrame({"text": ["'=1+1", "-0.5", "''@x", "'tis"]}))["text"].to_list()
    ['=1+1', '-0.5', "'@x", "'tis"]
    """
    import polars as pl

    return frame.with_columns(pl.col(pl.String).str.replace(_QUOTED, "${1}"))


_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # after the end of a row, these two would be its options
    "[": "{[}",
    "*": "{*}",
    **{character: "\\" + character for character in "&%$#_{}"},
}
_ANY_SPECIAL: Final = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")


def latex(text: str) -> str:
    r"""Write text so that LaTeX prints it as it is, on one line.

    Examples
    --------
    >>> print(latex("50% of R&D_x"))
    50\% of R\&D\_x
    """
    return _ANY_SPECIAL.sub(lambda found: _SPECIAL[found[0]], shown(" ".join(text.split())))


def in_script(value: Any) -> str:
    r"""Write a value as JSON that may stand in a script element of a page: it cannot end it.

    Examples
    --------
    >>> print(in_script({"title": "</script>"}))
    {"title": "\u003c/script>"}
    """
    return json.dumps(value).replace("<", "\\u003c")


_OTHER: Final = re.compile(r"[^A-Za-z0-9._-]+")
_FITTING: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.)")
_LONGEST: Final = 120
_DEVICE: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def file_name(*parts: object) -> str:
    """Make a name for a file, without ending, that every system takes.

    Anything but letters, digits, points, underscores and hyphens becomes a hyphen. A name that was
    changed, that of a device (``con``), and one beyond 120 characters ends in eight digits of a
    hash, which keeps different names apart.

    Examples
    --------
    >>> file_name("forest", "Qwen2.5-7B", "en")
    'forest-Qwen2.5-7B-en'
    >>> file_name("map", "../../etc/passwd")
    'map-..-..-etc-passwd-7c683d48'
    """
    text = "-".join(map(str, parts))
    name = _OTHER.sub("-", text)
    if _FITTING.fullmatch(text) and len(text) <= _LONGEST and not _DEVICE.fullmatch(text):
        return text
    import hashlib

    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[:_LONGEST].lstrip('.')}-{digest}"
