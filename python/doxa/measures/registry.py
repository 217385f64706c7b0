"""The registry of measures: `registry.toml`, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.outside.documents import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Measure", "chosen_measures", "list_measures", "measures"]


class Measure(NamedTuple):
    """A measure by name.

    Attributes
    ----------
    set : str
        The set that it belongs to, such as "simbench"; "elsewhere" for a number of another table.
    title : str
        What it shows, in one line.
    formula : str
        In words and signs: p is the model's distribution, q people's.
    values : str
        The range, and which end is good.
    source : tuple of str
        The works that it is from, with DOI or arXiv number.
    applied : tuple of str
        The works that applied it to language models.
    needs : str
        What of the data it needs.
    cannot : str
        What it cannot tell.
    table : str
        The other table that has it; "" for a measure of the table of measures.
    """

    set: str
    title: str
    formula: str
    values: str
    source: tuple[str, ...]
    applied: tuple[str, ...]
    needs: str
    cannot: str
    table: str = ""


@cache
def measures() -> Mapping[str, Measure]:
    """Give every measure by name, in the order of the registry.

    Examples
    --------
    >>> measures()["simbench"].source
    ('Hu et al. (2025), arXiv:2510.17516',)
    """
    rows = toml_of((Path(__file__).parent / "registry.toml").read_bytes())
    works = rows.pop("references")
    cited = ("source", "applied")
    return MappingProxyType(
        {
            name: Measure(**row | {key: tuple(works[work] for work in row[key]) for key in cited})
            for name, row in rows.items()
        }
    )


def list_measures() -> pl.DataFrame:
    """List the measures: one row each, with the attributes of `Measure` as columns.

    Returns
    -------
    polars.DataFrame
        `measure`, `set`, `shows`, `formula`, `values`, `source`, `applied`, `needs`, `cannot_tell`
        and `table`, all text.

    Examples
    --------
    >>> list_measures()["measure"].head(2).to_list()
    ['opinionqa_representativeness', 'opinionqa_steerability']
    """
    return pl.DataFrame(
        [
            {
                "measure": name,
                "set": one.set,
                "shows": one.title,
                "formula": one.formula,
                "values": one.values,
                "source": "; ".join(one.source),
                "applied": "; ".join(one.applied),
                "needs": one.needs,
                "cannot_tell": one.cannot,
                "table": one.table or "measures",
            }
            for name, one in measures().items()
        ]
    )


def chosen_measures(names: str | Iterable[str]) -> list[str]:
    """Find the measures that some names mean: a name, the name of a set, or "all".

    Parameters
    ----------
    names : str or iterable of str
        A name that is both a measure's and a set's means the set.

    Returns
    -------
    list of str
        In the order of the registry, without those that are in other tables.

    Raises
    ------
    InvalidArgumentError
        A name is unknown, or the measure is in another table, which the message names.

    Examples
    --------
    >>> chosen_measures(["simbench", "pfs_structure"])
    ['simbench', 'simbench_low_entropy', 'simbench_high_entropy', 'pfs_structure']
    """
    given = [names] if isinstance(names, str) else list(names)
    here = {name: one for name, one in measures().items() if not one.table}
    sets = {one.set for one in here.values()}
    found: set[str] = set()
    for name in given:
        if name == "all":
            found |= set(here)
        elif name in sets:
            found |= {measure for measure, one in here.items() if one.set == name}
        elif name in here:
            found.add(name)
        elif name in measures():
            table = measures()[name].table
            raise InvalidArgumentError(f"{name} is in the table {table}: ask for that table")
        else:
            known = ", ".join(sorted(sets))
            raise InvalidArgumentError(
                f"no measure {name!r}: name one of the sets {known}, a measure, or all"
            )
    if not found:
        raise InvalidArgumentError("no measures were named: name some, or all")
    return [name for name in here if name in found]
