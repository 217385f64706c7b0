"""Every table that an evaluation gives, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from doxa.evaluation import Evaluation

__all__ = ["TABLES", "Table", "make_table"]


class Table(NamedTuple):
    """A table that can be asked for.

    Parameters
    ----------
    title : str
        What it shows, in one line.
    make : callable
        From an evaluation to the table.
    """

    title: str
    make: Callable[[Evaluation], pl.DataFrame]


TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "alignment": Table(
            "how close each way of asking comes to each country, with baseline and ceiling",
            lambda e: e.alignment,
        ),
        "steering": Table(
            "how much closer to its target each steering brings a model", lambda e: e.effects
        ),
        "human": Table(
            "response distributions of people, item by item", lambda e: e.human_distributions
        ),
        "model": Table(
            "response distributions of models, item by item", lambda e: e.model_distributions
        ),
        "replies": Table("every reply, with its status", lambda e: e.replies),
    }
)
"""By name, in the order in which a reader may want them."""


def make_table(evaluation: Evaluation, name: str) -> pl.DataFrame:
    """Make a table, or give it again.

    Parameters
    ----------
    evaluation : Evaluation
        What it is made from; it keeps what was made.
    name : str
        One of `TABLES`.

    Raises
    ------
    InvalidArgumentError
        There is no such table; the message lists those that there are.
    NoDataError
        The evaluation lacks what the table needs.
    """
    if name not in TABLES:
        raise InvalidArgumentError(f"no table {name!r}: there are {', '.join(TABLES)}")
    if name not in evaluation.tables:
        evaluation.tables[name] = TABLES[name].make(evaluation)
    return evaluation.tables[name]
