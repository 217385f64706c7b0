"""What every reader returns: replies and their origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.prompt import OFF

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROMPT_COLUMNS", "UNKNOWN_EXAMPLES", "USUAL", "Recording"]

UNKNOWN_EXAMPLES = "items shown as examples"
"""The key of `Recording.unknown` for examples that could not be left out of the scores."""

USUAL: Final = {
    "group": "",
    "wording": "a",
    "surface": "plain",
    "label_style": "numbers",
    "reasoning": OFF,
}
"""What a reply was asked with where its recording does not say."""

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
    entries : int
        How many replies the file or run holds in all, those left out included.
    unit : str
        What these are in the file, such as "rows".
    by_option : bool
        Whether the file has an entry for each option of a reply.
    left_out : mapping of str to int
        How many entries could not be used, by the reason.
    unknown : mapping of str to str
        What is not known about the replies, with the consequence and the remedy.
    """

    replies: pl.DataFrame
    prompts: pl.DataFrame = field(default_factory=_no_prompts)
    examples: frozenset[str] = frozenset()
    provenance: Mapping[str, str] = field(default_factory=dict)
    name: str = "the recording"
    entries: int = 0
    unit: str = "replies"
    by_option: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
