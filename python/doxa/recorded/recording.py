"""What every reader returns: replies and their origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROMPT_COLUMNS", "UNKNOWN_EXAMPLES", "Recording"]

UNKNOWN_EXAMPLES = "items shown as examples"
"""The key of `Recording.unknown` for examples that could not be left out of the scores."""

PROMPT_COLUMNS = ("request_key", "system", "user", "reply_start")


def _no_prompts() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(PROMPT_COLUMNS, pl.String))


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Replies and their origin.

    Parameters
    ----------
    replies : polars.DataFrame
        A frame as `doxa.store.Store.replies` returns.
    prompts : polars.DataFrame
        The prompts sent: `request_key`, `system`, `user`, `reply_start`; empty if unknown.
    examples : frozenset of str
        Items shown as examples in some prompt.
    provenance : mapping of str to str
        The origin of the replies, such as a model and its versions.
    name : str
        Its name in messages.
    left_out : mapping of str to str
        The parts of the file that could not be used, with their number.
    unknown : mapping of str to str
        What is not known about the replies, with the consequence and the remedy.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame = field(default_factory=_no_prompts)
    examples: frozenset[str] = frozenset()
    provenance: Mapping[str, str] = field(default_factory=dict)
    name: str = "the recording"
    left_out: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
