"""Which data of the page stand in blocks of their own, unpacked when a reader comes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.report.pack import pack_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BY_MODEL", "in_blocks"]

BY_MODEL: Final = ("alignment", "steering", "time", "reliability", "gains")
"""Tables with a block for each model: a page opens with those of one."""


def in_blocks(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Take the long tables out of what a page needs to open.

    Parameters
    ----------
    data : mapping of str to object
        As `doxa.report.payload.overview` gives it, with `gains`, and with `further` as
        `doxa.report.further.packed_tables` gives it.

    Returns
    -------
    data : dict
        The rest; of the further tables their names and titles.
    blocks : dict of str to str
        For each table of `BY_MODEL` and each model ``NAME-POSITION``, and ``further-NAME``.

    Examples
    --------
    >>> data = {"models": ["a", "b"], "further": [], "alignment": {"model": ["b"], "x": [1]}}
    >>> rest, blocks = in_blocks(data)
    >>> sorted(rest), sorted(blocks)
    (['further', 'models'], ['alignment-0', 'alignment-1'])
    """
    rest = {name: value for name, value in data.items() if name not in BY_MODEL}
    blocks = {
        f"{name}-{position}": pack_json(_rows_of(data[name], model))
        for name in BY_MODEL
        if (data.get(name) or {}).get("model")
        for position, model in enumerate(data["models"])
    }
    for table in data["further"]:
        blocks[f"further-{table['name']}"] = pack_json(table["columns"])
    rest["further"] = [
        {key: value for key, value in table.items() if key != "columns"}
        for table in data["further"]
    ]
    return rest, blocks


def _rows_of(table: Mapping[str, Sequence[Any]], model: str) -> dict[str, list[Any]]:
    own = [name == model for name in table["model"]]
    return {
        column: [value for value, kept in zip(values, own, strict=True) if kept]
        for column, values in table.items()
    }
