"""The rows that another program asks: one for each item, condition and elicitation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from doxa.elicit import ELICITATIONS
from doxa.errors import ExperimentError
from doxa.harness.key import NAME, Key, question_hash
from doxa.prompt import OFF, Condition
from doxa.run.task import prompts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from doxa.prompt import Prompt
    from doxa.questionnaire import QuestionBank
    from doxa.run.combination import Combination
    from doxa.run.experiment import Experiment

__all__ = ["SCORED", "limits", "rows_of"]

SCORED: Final = ("logprobs", "logprobs-calibrated")
"""The elicitations that read the probabilities of labels."""

_TWO_DIGITS: Final = 10


def rows_of(
    experiment: Experiment, *, bank: QuestionBank, human: pl.DataFrame | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Make the rows of each elicitation.

    Parameters
    ----------
    experiment : Experiment
        What to ask; its models, engine and cluster are not read.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.

    Returns
    -------
    dict of str to list of dict
        By elicitation, the rows: `id`; `system` and `user`, the turns of a chat; `reply_start`, the
        text that a reply may be made to begin with; `plain`, all of it as one text; and the object
        `doxa`. Where labels are scored, `plain` ends without its space, `opening` is `reply_start`
        without it, `continuations` are the labels with the space before each, and `space` is that
        space if labels are numbers: for most tokenizers it is a token of its own then.

    Raises
    ------
    ExperimentError
        The experiment asks for thoughts, or an item is among the examples that its prompt shows.
    """
    if any(condition.reasoning != OFF for condition in experiment.conditions):
        raise ExperimentError(
            "a thought of so many tokens cannot be asked for through other programs: leave out "
            "reasoning, and set their own option for it"
        )
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in experiment.elicitations}
    for one, prompt, shown in prompts_of(experiment, bank=bank, human=human):
        if one.draw == 0:
            rows[one.elicitation] += _rows(one, prompt, shown, experiment, bank)
    return rows


def _rows(
    one: Combination,
    prompt: Prompt,
    shown: tuple[str, ...],
    experiment: Experiment,
    bank: QuestionBank,
) -> Iterator[dict[str, Any]]:
    """Yield the row of a combination, and that of its calibration."""
    listed = ELICITATIONS[one.elicitation]
    many = listed.repeats or listed.lists
    key = Key(
        one.item,
        one.condition,
        one.elicitation,
        prompt.labels,
        prompt.codes,
        experiment.settings.draws if many else 1,
        shown,
        question_hash(one.item, one.condition.language, bank, one.condition.wording),
    )
    yield _row(key, prompt)
    if one.elicitation == "logprobs-calibrated":
        blank = replace(prompt, user=prompt.user_without_content)
        yield _row(replace(key, baseline=True), blank)


def _row(key: Key, prompt: Prompt) -> dict[str, Any]:
    asks = ELICITATIONS[key.elicitation].asks
    system, user = (message["content"] for message in prompt.messages(asks))
    start, plain = prompt.reply_starts[asks], prompt.plain(asks)
    way = key.condition
    usual = Condition(way.language)
    named = [key.item, way.language, way.steering, way.target, way.template, way.option_order]
    named += [
        str(getattr(way, name))
        for name in ("group", "wording", "surface", "label_style")
        if getattr(way, name) != getattr(usual, name)
    ]
    row: dict[str, Any] = {"id": " ".join(filter(None, (*named, "baseline" * key.baseline)))}
    row |= {"system": system, "user": user, "reply_start": start, "plain": plain}
    if key.elicitation in SCORED:
        space = start[len(start.rstrip()) :]
        row |= {"opening": start.rstrip(), "plain": plain.rstrip()}
        row["continuations"] = [space + label for label in key.labels]
        row["space"] = space if way.label_style == "numbers" else ""
    return row | {NAME: key.to_dict()}


def limits(experiment: Experiment, bank: QuestionBank) -> list[str]:
    """Say what of an experiment other programs measure otherwise, one line each.

    Parameters
    ----------
    experiment : Experiment
        As for `rows_of`.
    bank : QuestionBank
        The questionnaire.
    """
    found = []
    if "verbalized" in experiment.elicitations and experiment.settings.verbalized != "free":
        found.append(
            "verbalized: other programs hold no reply to valid shares, so replies are free, as "
            "those of  doxa ask --free"
        )
    longest = max(len(bank.items[item].scale.all_codes) for item in experiment.items)
    numbered = any(condition.label_style == "numbers" for condition in experiment.conditions)
    if longest >= _TWO_DIGITS and numbered and set(experiment.elicitations) & set(SCORED):
        found.append(
            f"logprobs: 1 begins 10, and no log says which tokens they were: for the items of "
            f"{longest} options take --labels letters"
        )
    return found
