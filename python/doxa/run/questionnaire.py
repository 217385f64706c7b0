"""A questionnaire of one's own, kept with the run that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.own_text import own_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.store import Store

__all__ = ["NOTE", "refuse_other_items", "save_questionnaire", "saved_questionnaire"]

NOTE: Final = "questionnaire"
"""The note of a store that holds it, as `doxa.questionnaire.own` reads it."""


def save_questionnaire(bank: QuestionBank, store: Store) -> None:
    """Note a questionnaire of one's own in a store; what the survey asks needs no note.

    Raises
    ------
    ExperimentError
        The run has asked items on other scales or in other words.
    """
    saved = saved_questionnaire(store.metadata, store.path)
    if saved is not None:
        refuse_other_items(saved, bank, store.path)
    if bank.is_own:
        store.note(NOTE, own_text(bank))


def saved_questionnaire(notes: Mapping[str, str], where: Path) -> QuestionBank | None:
    """Read the questionnaire that a store notes; None where it asked the survey's.

    Parameters
    ----------
    notes : mapping of str to str
        The store's metadata.
    where : pathlib.Path
        The run, for messages.
    """
    return QuestionBank.of_text(notes[NOTE], where) if NOTE in notes else None


def refuse_other_items(saved: QuestionBank, bank: QuestionBank, where: Path) -> None:
    """Raise `ExperimentError` unless each item that a run keeps is the same in a questionnaire.

    Parameters
    ----------
    saved : QuestionBank
        What the run keeps.
    bank : QuestionBank
        The questionnaire to use; it may have more items and languages.
    where : pathlib.Path
        The run, for messages.
    """
    for name, item in saved.items.items():
        other = bank.items.get(name)
        if other is None:
            said = "it has no such item"
        elif (other.scale, other.listed) != (item.scale, item.listed):
            said = "its scale is another"
        else:
            said = _other_words(saved, bank, name)
        if said:
            raise ExperimentError(
                f"{where} asked {saved.name!r}, and {bank.path} differs in {name}: {said}; name "
                "another run, or the questionnaire as it was"
            )


def _other_words(saved: QuestionBank, bank: QuestionBank, item: str) -> str:
    for language in saved.languages:
        if item not in saved.language(language).questions:
            continue
        if language not in bank.languages or item not in bank.language(language).questions:
            return f"it has no words in {language}"
        one, other = saved.question(item, language), bank.question(item, language)
        if (one.text, one.labels) != (other.text, other.labels):
            return f"its words in {language} are others"
    return ""
