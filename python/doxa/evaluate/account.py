"""What became of every reply of a run or recording: how many are scored, and why the others not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from doxa.analysis.parts.pairs import is_kept, shared_items
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.evaluate.personas import answered_groups, groups_of
from doxa.evaluate.preset import kinds_by_preset
from doxa.outside.written import some_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.evaluate.evaluation import Evaluation
    from doxa.recorded import Recording

__all__ = ["Account", "account_for"]

SCORED: Final = "scored"

_STATUSES: Final = {
    "refused": "refused",
    "unparsable": "unparsable",
    "truncated": "cut off",
    "error": "without a reply (errors)",
}
_SHOWN: Final = 3


class Account(NamedTuple):
    """What became of the entries of a run or recording.

    Attributes
    ----------
    name : str
        The run or file.
    unit : str
        What its entries are, such as "rows".
    entries : int
        The number of its entries.
    parts : mapping of str to int
        How many of them are scored, and how many were left out for which reason; the numbers add
        up to `entries`.

    Examples
    --------
    >>> print(Account("a.csv", "rows", 1200, {"scored": 1180, "refused": 20}))
    a.csv: 1,200 rows = 1,180 scored + 20 refused
    """

    name: str
    unit: str
    entries: int
    parts: Mapping[str, int]

    def __str__(self) -> str:
        """Write the account as one line, in which the numbers add up."""
        parts = " + ".join(f"{n:,} {what}" for what, n in self.parts.items())
        return f"{self.name}: {self.entries:,} {self.unit} = {parts}"


def account_for(
    recordings: Sequence[Recording], evaluation: Evaluation, preset: str = ""
) -> list[Account]:
    """Account for every entry of the recordings of an evaluation.

    A reply is scored if it is a part of some number in the table `scores`, in `personas` if it is
    of a persona of a group, or in that of a preset.

    Parameters
    ----------
    recordings : sequence of Recording
        What the evaluation was made of, in the same order.
    evaluation : Evaluation
        Its replies, counts and settings are used.
    preset : str
        One of `PRESETS`; "" for doxa's own rules.
    """
    kinds = kinds_by_preset(evaluation, preset, scored=SCORED) if preset else _kinds(evaluation)
    found, start = [], 0
    for recording in recordings:
        height = recording.replies.height
        each = recording.replies["codes"].list.len() if recording.by_option else pl.repeat(
            1, height, eager=True
        )  # fmt: skip
        counted = (
            pl.DataFrame({"kind": kinds.slice(start, height), "n": each})
            .group_by("kind", maintain_order=True)
            .agg(pl.col("n").sum())
        )
        start += height
        parts = {SCORED: 0} | dict(counted.iter_rows())
        for why, n in recording.left_out.items():
            parts[why] = parts.get(why, 0) + n
        entries = recording.entries or sum(parts.values())
        if rest := entries - sum(parts.values()):
            parts["not accounted for, which is a fault of doxa: please report it"] = rest
        found.append(Account(recording.name, recording.unit, entries, parts))
    return found


def _kinds(evaluation: Evaluation) -> pl.Series:
    """Say of each reply whether it is scored by doxa's rules, and if not, why."""
    bank, settings = evaluation.bank, evaluation.settings
    human = evaluation.human_distributions.filter(is_kept(bank, settings))
    model = evaluation.model_distributions.filter(is_kept(bank, settings))
    try:
        shared = shared_items(model.filter(pl.col("group") == ""))
    except NoDataError:
        shared = pl.DataFrame(schema={"elicitation": pl.String, "question": pl.String})
    people = evaluation.counts
    if settings.wave is not None:
        people = people.filter(wave=settings.wave)
    there, asked = people["country"].unique(), human["question"].unique()
    replies = evaluation.replies.with_row_index("reply")

    def held(by: pl.DataFrame, *on: str) -> pl.Expr:
        found = replies.join(by, on=on, how="semi")["reply"]
        return pl.col("reply").is_in(found.implode())

    persona = pl.col("group") != ""
    groups = pl.DataFrame(schema=dict.fromkeys(("question", "group", "target"), pl.String))
    if groups_of(replies):
        groups = answered_groups(evaluation.persona_sides[1], settings.wave)
    answered = human.select("question", target="country").unique()
    everyone = pl.col("target") == ""
    elsewhere = ~everyone & ~pl.col("target").is_in(there.implode())
    status = pl.col("status").replace(_STATUSES)
    kind = (
        pl.when(pl.col("status") != "ok").then(status)
        .when(elsewhere).then(pl.lit(_elsewhere(replies.filter(elsewhere)["target"])))
        .when(~pl.col("question").is_in(list(bank.items)))
        .then(pl.lit("on items that are not in the questionnaire"))
        .when(pl.col("question").is_in(list(settings.exclude_items)))
        .then(pl.lit("on items shown as examples or left out"))
        .when(~pl.when(everyone).then(pl.col("question").is_in(asked.implode()))
              .otherwise(held(answered, "question", "target")))
        .then(pl.lit("on items without human answers"))
        .when(~held(model, *MODEL_KEYS, "question"))
        .then(pl.lit("with nothing on the scale"))
        .when(persona & ~held(groups, "question", "group", "target"))
        .then(pl.lit("of personas whose group has no answers, or too few people"))
        .when(~persona & ~held(shared, "elicitation", "question"))
        .then(pl.lit("on items that some other model or condition lacks"))
        .otherwise(pl.lit(SCORED))
    )  # fmt: skip
    return replies.select(kind.alias("kind")).to_series()


def _elsewhere(targets: pl.Series) -> str:
    names = targets.unique().sort().to_list()
    return f"steered towards countries without human answers ({some_of(names, _SHOWN)})"
