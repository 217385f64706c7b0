"""A questionnaire written as one file: to keep with a run, or to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.outside.written import toml_key, toml_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doxa.questionnaire.bank import QuestionBank
    from doxa.questionnaire.item import Item

__all__ = ["own_text"]


def own_text(bank: QuestionBank, languages: Iterable[str] | None = None) -> str:
    """Write a questionnaire as the one TOML file that `doxa.questionnaire.own` reads.

    The prompts around the items are not in it.

    Parameters
    ----------
    bank : QuestionBank
        The questionnaire.
    languages : iterable of str, optional
        Its languages to write. Default: all.

    Examples
    --------
    >>> from doxa.questionnaire.bank import QuestionBank
    >>> own_text(QuestionBank.load(), ["en"]).splitlines()[3]
    '[items.Q1]'
    """
    chosen = [*(bank.languages if languages is None else languages)]
    lines = ["[questionnaire]", f"name = {toml_value(bank.name)}"]
    worded = {item for language in chosen for item in bank.items_for(language)}
    for item in (one for one in bank.items.values() if one.id in worded):
        lines += ["", f"[items.{toml_key(item.id)}]", *_lines(item, bank, chosen)]
    return "\n".join(lines) + "\n"


def _lines(item: Item, bank: QuestionBank, languages: list[str]) -> Iterator[str]:
    questions = {
        language: bank.question(item.id, language)
        for language in languages
        if item.id in bank.language(language).questions
    }
    shown = [code for code in item.listed if code in item.labelled]
    yield f"text = {_inline({one: q.text for one, q in questions.items()})}"
    if bank.topics.get(item.topic) not in (None, bank.name):
        yield f"topic = {toml_value(bank.topics[item.topic])}"
    if item.measures:
        yield f"measures = {toml_value(item.measures)}"
    scale = item.scale
    yield f"scale = {toml_value(scale.kind)}"
    yield f"codes = {toml_value(scale.codes)}"
    if scale.positions != tuple(range(1, len(scale.codes) + 1)):
        yield f"positions = {toml_value(scale.positions)}"
    for name, codes in (
        ("off_scale", scale.off_scale),
        ("listed", () if item.listed == scale.all_codes else item.listed),
        ("labelled", () if item.labelled == scale.all_codes else item.labelled),
        ("spontaneous", item.spontaneous),
    ):
        if codes:
            yield f"{name} = {toml_value(codes)}"
    labels = {
        one: [q.labels[scale.all_codes.index(c)] for c in shown] for one, q in questions.items()
    }
    yield f"labels = {_inline(labels)}"


def _inline(table: dict[str, Any]) -> str:
    return (
        "{ "
        + ", ".join(f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items())
        + " }"
    )
