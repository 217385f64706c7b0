"""Conditions and items from their names, as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError
from doxa.prompt import PARTS, excluded_items, parse_steering

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl

    from doxa.prompt import Condition
    from doxa.questionnaire import QuestionBank

__all__ = [
    "ALL",
    "MAIN",
    "choose_items",
    "expand_steering",
    "expand_targets",
    "refuse_example",
]

ALL: Final = "all"
"""Stands for every language of the questionnaire, or for every country of a wave."""

MAIN: Final = "main"
"""Stands for each target's own main language."""


def expand_steering(
    name: str, *, languages: Sequence[str], targets: Sequence[str], bank: QuestionBank
) -> list[tuple[str, str, str]]:
    """List the (language, steering, target) triples that a steering's name stands for.

    Parameters
    ----------
    name : str
        ``"none"``, or parts joined by "_", as `doxa.prompt.parse_steering` reads them. With
        ``language`` in front, prompts are in each target's own languages instead of `languages`.
        ``"language"`` alone means the targets' languages without steering.
    languages : sequence of str
        Prompt languages. `ALL` stands for every language of the questionnaire; `MAIN` for each
        target's own main language, in which that target alone is asked for.
    targets : sequence of str
        Alpha-3 codes of the countries steered towards.
    bank : QuestionBank
        The questionnaire, with the languages of each country.

    Raises
    ------
    ExperimentError
        The name, a language or a target is unknown, targets are needed, or the questionnaire lacks
        a target's languages.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> expand_steering("language_persona", languages=["en"], targets=["JPN"], bank=bank)
    [('ja', 'persona', 'JPN')]
    >>> expand_steering("none", languages=["en", "ja"], targets=[], bank=bank)
    [('en', 'none', ''), ('ja', 'none', '')]
    >>> expand_steering("persona", languages=["main"], targets=["JPN", "BRA"], bank=bank)
    [('ja', 'persona', 'JPN'), ('pt', 'persona', 'BRA')]
    """
    languages = [code for one in languages for code in (bank.languages if one == ALL else (one,))]
    for language in languages:
        if language != MAIN and language not in bank.languages:
            raise ExperimentError(
                f"no language {language!r}: there are {', '.join(bank.languages)}; {ALL}, or "
                f"{MAIN} for each target's own main language"
            )
    first, _, rest = name.partition("_")
    own = first == "language"
    parts = (rest or "none") if own else name
    targeted = any(PARTS[part].targeted for part in parse_steering(parts)[0])
    if not (own or targeted or MAIN in languages):
        return list(dict.fromkeys((language, parts, "") for language in languages))
    if not targets:
        what = f"steering {name!r}" if own or targeted else f"language {MAIN!r}"
        raise ExperimentError(f"{what} needs targets: name countries, such as JPN, or {ALL}")
    for target in targets:
        if target not in bank.countries:
            raise ExperimentError(f"no country {target!r}: write its alpha-3 code, such as JPN")
    if MAIN in languages and not own:
        _refuse_lacking(targets, bank)
    triples = []
    for target in targets:
        spoken = _own_languages(target, bank) if own else languages
        triples += [
            (bank.countries[target].main_language if language == MAIN else language, parts, target)
            for language in spoken
        ]
    if not targeted:
        triples = [(language, parts, "") for language, _, _ in triples]
    return list(dict.fromkeys(triples))


def expand_targets(targets: Sequence[str], wave: int, bank: QuestionBank) -> list[str]:
    """List the countries that names of targets stand for, each once.

    Parameters
    ----------
    targets : sequence of str
        Alpha-3 codes; `ALL` stands for every country and territory of the wave.
    wave : int
        A wave of the survey.
    bank : QuestionBank
        The questionnaire, with the waves of each country.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> len(expand_targets(["all"], 7, QuestionBank.load()))
    66
    """
    every = [code for code, country in bank.countries.items() if wave in country.waves]
    if ALL in targets and not every:
        raise ExperimentError(f"no countries of wave {wave}: name the targets")
    return list(dict.fromkeys(c for one in targets for c in (every if one == ALL else (one,))))


def choose_items(
    items: Sequence[str] | int | None,
    conditions: Sequence[Condition],
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
) -> tuple[str, ...]:
    """Choose the items that are asked under some conditions.

    Parameters
    ----------
    items : sequence of str, int or None
        Item ids; a number of items, spread over the questionnaire's topics; or None for all items
        with wording in every language used. A number and None leave out the items that prompts show
        as examples.
    conditions : sequence of Condition
        All conditions of the experiment; every item is asked in each of them.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.

    Raises
    ------
    ExperimentError
        An item is unknown, has no wording in a language, or is shown as an example.

    Examples
    --------
    >>> from doxa.prompt import Condition
    >>> from doxa.questionnaire import QuestionBank
    >>> len(choose_items(40, [Condition("en"), Condition("ja")], bank=QuestionBank.load()))
    40
    """
    examples = excluded_items(conditions, bank=bank, human=human)
    languages = dict.fromkeys(condition.language for condition in conditions)
    worded = [set(bank.items_for(language)) for language in languages]
    usable = set(bank.items).intersection(*worded) - examples
    if isinstance(items, int):
        if 1 <= items <= len(usable):
            return bank.spread(items, among=usable)
        raise ExperimentError(f"items = {items}: give 1 to {len(usable)} for these conditions")
    for item in items or ():
        if item not in bank.items:
            raise ExperimentError(
                f"no item {item!r}: write a name such as {next(iter(bank.items))}"
            )
        refuse_example(item, examples)
        if item not in usable:
            raise ExperimentError(f"item {item} has no wording in all of {', '.join(languages)}")
    if items is None:
        return tuple(item for item in bank.items if item in usable)
    return tuple(items)


def refuse_example(item: str, examples: Collection[str]) -> None:
    """Raise `ExperimentError` if the prompts that ask an item show its answer as an example."""
    if item in examples:
        raise ExperimentError(
            f"item {item} is shown as an example in the prompts: leave it out, or change n_examples"
        )


def _refuse_lacking(targets: Sequence[str], bank: QuestionBank) -> None:
    """Raise `ExperimentError` if the questionnaire lacks a target's main language."""
    lacking: dict[str, list[str]] = {}
    for target in targets:
        language = bank.countries[target].main_language
        if language not in bank.languages:
            lacking.setdefault(language, []).append(target)
    if lacking:
        named = "; ".join(f"{code} ({', '.join(nations)})" for code, nations in lacking.items())
        raise ExperimentError(
            f"the questionnaire lacks the main language of some targets, {named}: leave these out"
        )


def _own_languages(target: str, bank: QuestionBank) -> tuple[str, ...]:
    country, spoken = bank.countries[target], bank.languages_of(target)
    if not spoken:
        raise ExperimentError(
            f"the questionnaire has none of the languages of {country.name} "
            f"({', '.join(country.languages)})"
        )
    return spoken
