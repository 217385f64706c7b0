"""What is to be known about a run, a recording or scores, beside the table itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis import reply_verdicts
from doxa.analysis.opinion import WAY
from doxa.analysis.verdicts import VARY
from doxa.cli.console import stderr
from doxa.distribution import FORM_KEYS, MODEL_KEYS
from doxa.evaluate import account_for, people_facts
from doxa.evaluate.people import counts_behind
from doxa.evaluate.personas import unscored_groups
from doxa.evaluate.tables import OF_PERSONAS
from doxa.report.cautions import cautions, limited, verdict_sentences
from doxa.report.words import Names
from doxa.run.parts import gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.evaluate import Evaluation
    from doxa.questionnaire import QuestionBank
    from doxa.recorded import Recording
    from doxa.store import Store

__all__ = [
    "say_account",
    "say_cautions",
    "say_gaps",
    "say_notices",
    "say_people",
    "say_personas",
    "say_unscored",
    "verdict_lines",
]


def say_notices(store: Store) -> None:
    """Say what is to be known about a run's file."""
    for notice in store.notices:
        stderr.print(notice)
    for gap in gaps(store.metadata):
        stderr.print(f"{store.path}: {gap}")


def say_gaps(recordings: Iterable[Recording]) -> None:
    """Print what was left out of recordings, and what is unknown about them."""
    for recording in recordings:
        for why, n in recording.left_out.items():
            stderr.print(f"{recording.name}: left out: {n:,} {why}", markup=False)
        for what, which in recording.unknown.items():
            stderr.print(f"{recording.name}: not known: {what}: {which}", markup=False)


def say_account(recordings: Sequence[Recording], evaluation: Evaluation, preset: str = "") -> None:
    """Print what became of every reply, a line a run or file, and what they have in common."""
    asked = pl.concat(one.replies.select(*MODEL_KEYS, "question").unique() for one in recordings)
    if shared := asked.filter(asked.is_duplicated()).n_unique():
        stderr.print(
            f"{shared:,} questions are in several of the files and runs, asked of the same model "
            "in the same way: their replies are averaged",
            markup=False,
        )
    for account in account_for(recordings, evaluation, preset):
        stderr.print(str(account), markup=False)


def say_people(evaluation: Evaluation, over_waves: pl.DataFrame | None = None) -> None:
    """Print whose answers the scores are against, and what rounding and bounds can do to them.

    A table over waves has countries and waves of its own: the ones that it names.
    """
    counts, wave = evaluation.counts, evaluation.settings.wave
    if over_waves is not None:
        counts, wave = counts_behind(counts, over_waves), None
    for what, which in people_facts(counts, wave, evaluation.bank).items():
        stderr.print(f"{what}: {which}", markup=False)
    if counts["n"].null_count() and evaluation.rounding:
        of = "" if over_waves is None else f" of wave {evaluation.settings.wave}"
        stderr.print(
            f"published shares{of} are rounded, most to 0.1 %: a score is off by at most "
            f"{evaluation.rounding:.4f}",
            markup=False,
        )
    if evaluation.bounds:
        stderr.print(
            "some of the model's shares are known within bounds only: a score is off by at most "
            f"{evaluation.bounds:.4f}",
            markup=False,
        )


def say_cautions(evaluation: Evaluation) -> None:
    """Print of which ways of asking a score may say nothing about opinions."""
    for sentence in cautions(evaluation, Names(evaluation.bank)):
        stderr.print(f"caution: {sentence}", markup=False)


def say_unscored(evaluation: Evaluation) -> None:
    """Print which replies are in no score because their country has no human counts."""
    for target, n in evaluation.unscored.items():
        stderr.print(
            f"in no score: {n} replies steered towards {target}, which the human counts lack in "
            "the wave that is scored: bring its counts with --human",
            markup=False,
        )


def verdict_lines(store: Store, replies: pl.DataFrame, bank: QuestionBank) -> list[str]:
    """Say whether the replies of a run vary with the question, or are no opinion.

    Parameters
    ----------
    store : Store
        The run. All requests of a condition send the same examples, so one prompt of each is read.
    replies : polars.DataFrame
        All its replies.
    bank : QuestionBank
        The items.
    """
    asked = [*WAY, "target", "group", *FORM_KEYS]
    conditions = replies.group_by(asked).agg(pl.col("request_key").first())
    shown = conditions.join(store.systems(conditions["request_key"]), on="request_key")
    prompts = replies.select(*asked, "request_key").join(shown.drop("request_key"), on=asked)
    verdicts = reply_verdicts(replies, bank, prompts.select("request_key", "system"))
    clear = verdicts.filter((pl.col("sound") & (pl.col("caution") == "")).fill_null(value=False))
    odd = verdicts.join(clear, on=WAY, how="anti", maintain_order="left")
    lines = [*limited(verdict_sentences(odd, Names(bank)), "verdicts")]
    if clear.height:
        of = f"the other {clear.height:,}" if odd.height else f"all {clear.height:,}"
        lines.append(f"{of} ways of asking: {VARY}" if verdicts.height > 1 else VARY)
    return lines


def say_personas(evaluation: Evaluation, table: str) -> None:
    """Print which personas of groups are in no score, and which tables there are of them."""
    people, wave = evaluation.persona_sides[1], evaluation.settings.wave
    for line in unscored_groups(people, evaluation.replies, wave):
        stderr.print(line, markup=False)
    others = ", ".join(name for name in OF_PERSONAS if name != table)
    stderr.print(f"tables of personas beside this one, for --table: {others}", markup=False)
