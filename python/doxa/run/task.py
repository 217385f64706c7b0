"""Tasks: an experiment's combinations as requests, with all that reading the answer needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doxa.backend import request_key
from doxa.elicit import ELICITATIONS
from doxa.elicit.outcome import outcome
from doxa.prompt import LABELS, examples_for, render
from doxa.run.grid import refuse_example
from doxa.store import Cell, Reply, Sent

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    import polars as pl

    from doxa.backend import Answer, ModelCard, Request
    from doxa.elicit import ElicitationSettings
    from doxa.prompt import Condition, Example, Prompt
    from doxa.questionnaire import QuestionBank
    from doxa.run.combination import Combination
    from doxa.run.experiment import Experiment

__all__ = ["Task", "prompts_of", "tasks_of"]


@dataclass(frozen=True, slots=True)
class Task:
    """A cell of the store, ready to be asked.

    Parameters
    ----------
    cell : Cell
        The place of the reply in the store.
    prompt : Prompt
        The rendered prompt.
    codes : tuple of int
        The item's codes: on the scale in its order, then off it.
    attempt : int
        The number of failed replies before this attempt.
    request : Request
        The request to a backend.
    key : str
        The request's key.
    examples : tuple of str
        The items that the prompt shows as examples.
    begins : bool
        Whether the reply is begun for the model, which a chat end point does not let one do.
    """

    cell: Cell
    prompt: Prompt
    codes: tuple[int, ...]
    attempt: int
    request: Request
    key: str
    examples: tuple[str, ...]
    begins: bool = True

    @property
    def sent(self) -> Sent:
        """What the request sends."""
        turn, baseline = self.request.turn, self.request.baseline
        if not self.begins:
            turn = replace(turn, reply_start="")
            baseline = baseline and replace(baseline, reply_start="")
        return Sent(self.key, turn, baseline, self.examples)

    def read(self, answer: Answer) -> Reply:
        """Read an answer to the task as a reply."""
        reading, sound = outcome(self.cell.elicitation, self.prompt, answer)
        return Reply(self.key, reading, self.codes, sound)

    def again(self, card: ModelCard, settings: ElicitationSettings) -> Task:
        """Return the task of the next attempt, after a failure."""
        attempt = self.attempt + 1
        request = ELICITATIONS[self.cell.elicitation].ask(
            self.prompt,
            settings,
            self.cell.draw,
            attempt,
            reasoning=self.prompt.condition.thought_tokens,
        )
        return replace(self, attempt=attempt, request=request, key=request_key(card, request))


def tasks_of(
    experiment: Experiment,
    card: ModelCard,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    attempts: Mapping[Cell, int] | None = None,
    only: Container[tuple[Condition, str]] | None = None,
) -> Iterator[Task]:
    """Yield the tasks of one model, in the order of the experiment's combinations.

    Parameters
    ----------
    experiment : Experiment
        What to ask; its `models` are not read.
    card : ModelCard
        The model that is asked.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.
    attempts : Mapping of Cell to int, optional
        The number of failed replies so far, for cells that have any.
    only : container of (Condition, str), optional
        The conditions and items of a shard; default: all.

    Raises
    ------
    ExperimentError
        An item is among the examples that its prompt shows.
    """
    prompts = prompts_of(experiment, bank=bank, human=human, only=only)
    for (item, condition, elicitation, draw), prompt, shown in prompts:
        labels = {name: getattr(condition, name) for name in LABELS}
        cell = Cell(model=card.model, question=item, draw=draw, elicitation=elicitation, **labels)
        attempt = (attempts or {}).get(cell, 0)
        request = ELICITATIONS[elicitation].ask(
            prompt, experiment.settings, draw, attempt, reasoning=condition.thought_tokens
        )
        codes = bank.items[item].scale.all_codes
        key, begins = request_key(card, request), card.template is not None
        yield Task(cell, prompt, codes, attempt, request, key, shown, begins)


def prompts_of(
    experiment: Experiment,
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    only: Container[tuple[Condition, str]] | None = None,
) -> Iterator[tuple[Combination, Prompt, tuple[str, ...]]]:
    """Yield an experiment's combinations, each with its prompt and the examples that this shows.

    The combinations of an item under a condition have the same prompt. The parameters and errors
    are those of `tasks_of`.
    """
    prompt: Prompt | None = None
    examples: tuple[Example, ...] = ()
    shown: tuple[str, ...] = ()
    for one in experiment.combinations():
        if only is not None and (one.condition, one.item) not in only:
            continue
        if prompt is None or prompt.condition != one.condition:
            examples = examples_for(one.condition, bank=bank, human=human)
            shown = tuple(example.item for example in examples)
        refuse_example(one.item, shown)
        if prompt is None or (prompt.question, prompt.condition) != (one.item, one.condition):
            draws = experiment.settings.draws
            prompt = render(one.item, one.condition, bank=bank, examples=examples, draws=draws)
        yield one, prompt, shown
