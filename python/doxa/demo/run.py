"""The demonstration from beginning to end: ask, evaluate, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.demo.experiment import NOTICE, demo_experiment
from doxa.demo.model import demo_model
from doxa.evaluate import Evaluation, evaluate
from doxa.questionnaire import QuestionBank
from doxa.recorded import store_path
from doxa.report import write_report
from doxa.run import ask
from doxa.survey import world

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.run.loop import Progress

__all__ = ["TITLE", "run_demo"]

TITLE: Final = "Whose opinions does SmolLM2-135M express?"


def run_demo(
    out: Path, *, n_items: int = 40, progress: Progress | None = None
) -> tuple[Path, Evaluation]:
    """Ask the demonstration's model what it has not been asked yet, score it, write the report.

    Parameters
    ----------
    out : pathlib.Path
        The run's folder; the report is written there, as ``report.html``.
    n_items : int
        How many items.
    progress : callable, optional
        As in `doxa.run.ask`.

    Returns
    -------
    page : pathlib.Path
        The report.
    evaluation : Evaluation
        The evaluation that the report shows.

    Raises
    ------
    ModelError
        The model is not installed.
    MissingExtraError
        llama-cpp-python, Altair or vl-convert is not installed.
    StoreError, ReportError
        The folder cannot be written.
    """
    bank, counts = QuestionBank.load(), world(wave=7)
    experiment = demo_experiment(demo_model(small=True), n_items=n_items, bank=bank, human=counts)
    ask(experiment, store_path(out), bank=bank, human=counts, progress=progress)
    evaluation = evaluate(out, counts, bank)
    page = write_report(out / "report.html", evaluation, title=TITLE, notice=NOTICE)
    return page, evaluation
