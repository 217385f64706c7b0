"""The demonstration from beginning to end: ask, evaluate, report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from doxa.demo.experiment import COUNTRIES, demo_experiment
from doxa.demo.model import MODELS, demo_model
from doxa.demo.verdict import verdict
from doxa.evaluate import evaluate
from doxa.questionnaire import QuestionBank
from doxa.recorded import read_run, store_path
from doxa.report import write_report
from doxa.run import ask
from doxa.survey import world

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.evaluate import Evaluation
    from doxa.run.course import Course
    from doxa.run.loop import Progress

__all__ = ["Demo", "run_demo"]


class Demo(NamedTuple):
    """What the demonstration made.

    Attributes
    ----------
    page : pathlib.Path
        The report.
    evaluation : Evaluation
        The evaluation that the report shows.
    notice : str
        What the report says first: what the model is, and what its answers are worth.
    sentences : tuple of str
        The numbers behind the notice, as `doxa.demo.verdict` gives them.
    """

    page: Path
    evaluation: Evaluation
    notice: str
    sentences: tuple[str, ...]


def run_demo(
    out: Path,
    *,
    n_items: int = 24,
    small: bool = False,
    progress: Progress | None = None,
    course: Course | None = None,
) -> Demo:
    """Ask the demonstration's model what it has not been asked yet, score it, write the report.

    Parameters
    ----------
    out : pathlib.Path
        The run's folder; the report is written there, as ``report.html``.
    n_items : int
        How many items.
    small : bool
        Whether to ask the small model, as in `doxa.demo.demo_model`.
    progress, course : optional
        As in `doxa.run.ask`.

    Returns
    -------
    Demo
        The report's path, and what it shows.

    Raises
    ------
    ModelError
        The model is not installed.
    MissingExtraError
        llama-cpp-python is not installed.
    StoreError, ReportError
        The folder cannot be written.
    """
    bank, counts = QuestionBank.load(), world(wave=7)
    name, about = MODELS[small]
    model = demo_model(small=small)
    experiment = demo_experiment(model, n_items=n_items, bank=bank, human=counts)
    ask(experiment, store_path(out), bank=bank, human=counts, progress=progress, course=course)
    run = read_run(out)
    replies = run.replies.filter(model=model.stem)  # the other model may be in the same folder
    evaluation = evaluate(replace(run, replies=replies), counts, bank)
    conclusion, *sentences = verdict(evaluation, COUNTRIES)
    what = f"This is a demonstration of what doxa measures. {name} {about}."
    title = f"Whose opinions does {name} express?"
    page = write_report(
        out / "report.html",
        evaluation,
        title=title,
        notice="\n".join((what, conclusion, *sentences)),
    )
    return Demo(page, evaluation, f"{what} {conclusion}", tuple(sentences))
