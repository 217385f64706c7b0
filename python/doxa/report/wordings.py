"""What the report says of the wording in each language: who read it, and what is uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.report.words import join, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from doxa.questionnaire import Language, QuestionBank
    from doxa.questionnaire.language import Review

__all__ = ["about_wordings"]

_READ: Final[Mapping[str, str]] = {
    "none": "states no review",
    "one reader": "was read by",
    "back-read": "was translated back into English, without sight of the original, and compared by",
    "native": "was read by native speakers:",
    "author": "was read again by the author alone,",
}


def about_wordings(
    languages: Iterable[str],
    items: Collection[str],
    bank: QuestionBank,
    *,
    further: Collection[str] = (),
) -> list[str]:
    """Say how the wording of languages was checked, and of which items its author is not sure.

    Parameters
    ----------
    languages : iterable of str
        Codes of languages; those that the questionnaire lacks are passed over.
    items : collection of str
        The items that were asked.
    bank : QuestionBank
        The questionnaire.
    further : collection of str
        Those of the languages in which questions were asked in a further wording too.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> about_wordings(["en"], ["Q1"], QuestionBank.load())
    ['The questionnaire’s wording in English was read by 1 other person, on 30 November 2026.']
    """
    known = [bank.language(code) for code in sorted(languages) if code in bank.languages]
    sentences = _told("The questionnaire’s wording", ((one, one.review) for one in known))
    asked = ((one, one.wordings_review) for one in known if one.code in further)
    sentences += _told("Its rewording", asked)
    for language in known:
        doubtful = [item for item in bank.items if item in items and _doubted(language, item)]
        if doubtful:
            sentences.append(
                f"In {language.english_name}, the wording of {plural(len(doubtful), 'item')} is "
                f"uncertain ({', '.join(doubtful)}); the scores count them all the same."
            )
    return sentences


def _told(what: str, reviews: Iterable[tuple[Language, Review]]) -> list[str]:
    """Say of languages of one review together how something in them was read."""
    alike: dict[Review, list[str]] = {}
    for language, review in reviews:
        alike.setdefault(review, []).append(language.english_name)
    return [f"{what} in {join(names)} {_read(review)}." for review, names in alike.items()]


def _doubted(language: Language, item: str) -> bool:
    return item in language.questions and bool(language.doubts_about(item))


def _read(review: Review) -> str:
    if review.date is None:
        return _READ[review.kind]
    day = f"on {review.date.day} {review.date:%B %Y}"
    if review.readers == 0:
        return f"{_READ[review.kind]} {day}"
    readers = plural(review.readers, "other person", "other people")
    return f"{_READ[review.kind]} {readers}, {'last ' if review.readers > 1 else ''}{day}"
