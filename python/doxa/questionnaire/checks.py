"""What a questionnaire of one's own holds, and what its author may have overlooked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from doxa.outside.written import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.questionnaire.bank import QuestionBank

__all__ = ["remarks", "summary"]

_LEAST: Final = 5


def summary(bank: QuestionBank) -> Iterator[str]:
    """Say in lines what a questionnaire holds.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> next(summary(QuestionBank.load()))
    'questionnaire: 144 items'
    """
    kinds = Counter(item.scale.kind for item in bank.items.values())
    yield f"{bank.name}: {len(bank.items)} items"
    yield "scales: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    topics = Counter(bank.topics[item.topic] for item in bank.items.values())
    yield "topics: " + ", ".join(f"{name} {n}" for name, n in topics.items())
    for language in bank.languages:
        read = bank.language(language)
        yield f"{read.english_name} ({language}): {len(read.questions)} items"


def remarks(bank: QuestionBank) -> Iterator[str]:
    """Say in lines what may be wrong, though the questionnaire can be used.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> list(remarks(QuestionBank.load()))
    []
    """
    if len(bank.items) < _LEAST:
        yield (
            f"note: {len(bank.items)} items: intervals need {_LEAST} or more, and tell little "
            "with few"
        )
    for language in bank.languages:
        questions = bank.language(language).questions
        lacking = [name for name in bank.items if name not in questions]
        if lacking:
            yield f"note: no words in {language} for {some_of(lacking)}: asked in others alone"
        texts = Counter(question.text for question in questions.values())
        for text in (text for text, n in texts.items() if n > 1):
            same = [name for name, question in questions.items() if question.text == text]
            yield f"note: {some_of(same)} have the same words in {language}"
    volunteered = [name for name, item in bank.items.items() if item.spontaneous]
    if bank.is_own and volunteered:
        yield f"note: {some_of(volunteered)} may have answers that are not offered (spontaneous)"
