"""What every reader returns: replies, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROMPT_COLUMNS", "Recording"]

PROMPT_COLUMNS = ("request_key", "system", "user", "reply_start")


def _no_prompts() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(PROMPT_COLUMNS, pl.String))


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Replies, and what is known about how they came to be.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    prompts : polars.DataFrame
        What was sent: `request_key`, `system`, `user`, `reply_start`; empty where unknown.
    examples : frozenset of str
        Items shown as examples in some prompt.
    provenance : mapping of str to str
        Where the replies come from, such as a model and its versions.
    name : str
        What messages call it.
    left_out : mapping of str to str
        What the file holds that could not be taken, and how much of it.
    unknown : mapping of str to str
        What is not known about the replies, what follows from that, and the remedy.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame = field(default_factory=_no_prompts)
    examples: frozenset[str] = frozenset()
    provenance: Mapping[str, str] = field(default_factory=dict)
    name: str = "the recording"
    left_out: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
