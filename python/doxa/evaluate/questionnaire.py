"""Which questionnaire some runs asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doxa.questionnaire import QuestionBank
from doxa.recorded import is_run, known_store
from doxa.run.questionnaire import refuse_other_items, saved_questionnaire
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["questionnaire_of"]


def questionnaire_of(
    sources: Iterable[str | Path], named: str | Path | None = None
) -> QuestionBank:
    """Find the questionnaire that some runs asked.

    Parameters
    ----------
    sources : iterable of str or pathlib.Path
        Folders of runs, bundles, and files that other programs recorded, which keep none.
    named : str or pathlib.Path, optional
        A questionnaire of one's own, as `QuestionBank.load` takes it. Default: the one that the
        runs keep, else the one that comes with doxa.

    Raises
    ------
    QuestionnaireError
        It cannot be read.
    ExperimentError
        A run asked other items than those, or the runs keep different questionnaires.
    StoreError
        A run is missing or damaged.
    """
    bank = None if named is None else QuestionBank.load(named)
    kept: list[tuple[Path, QuestionBank]] = []
    for source in map(Path, sources):
        # whoever reads the source says what is wrong with it
        if not (is_run(source) and known_store(source).is_file()):
            continue
        with Store.read(known_store(source)) as store:
            saved = saved_questionnaire(store.metadata, source)
        if saved is not None:
            kept.append((source, saved))
    if bank is None and kept:
        bank = max((saved for _, saved in kept), key=lambda saved: len(saved.items))
    for source, saved in kept:
        if bank is not None:
            refuse_other_items(saved, bank, source)
    return bank or QuestionBank.load()
