"""Personas of groups: the ways of asking that a steering's name and some groups stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.errors import ExperimentError
from doxa.prompt import PARTS, Condition, parse_steering
from doxa.questionnaire.group import expand_groups
from doxa.run.grid import expand_steering, expand_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["expand_personas", "steering_of", "ways_of"]


def ways_of(
    steering: Sequence[str] | None,
    languages: Sequence[str] | None,
    targets: Sequence[str],
    personas: Sequence[str],
    reasoning: Sequence[str],
    *,
    wave: int,
    n_examples: int | None,
    bank: QuestionBank,
) -> tuple[Condition, ...]:
    """Make a condition of each way of asking, in the questionnaire's own form.

    Parameters
    ----------
    steering, languages, targets, personas, reasoning, wave, n_examples, bank
        As for `doxa.run.Experiment.from_grid`.

    Raises
    ------
    ExperimentError
        A name is unknown, or the names do not fit together.
    """
    nations, groups = expand_targets(targets, wave, bank), expand_groups(personas)
    spoken = [bank.default_language] if languages is None else languages
    ways = tuple(
        dict.fromkeys(
            Condition(
                *(language, name, target, wave),
                n_examples=n_examples,  # type: ignore[arg-type]  # None is the default
                reasoning=thought, group=group,
            )
            for kind in steering_of(steering, groups)
            for language, name, target, group in expand_personas(
                kind, languages=spoken, targets=nations, groups=groups, bank=bank
            )
            for thought in reasoning
        )
    )  # fmt: skip
    if groups and not any(way.group for way in ways):
        raise ExperimentError(
            f"steering {', '.join(steering or ())!r} and personas of groups: add persona, or "
            "another steering towards somebody"
        )
    return ways


def steering_of(steering: Sequence[str] | None, personas: Sequence[str]) -> tuple[str, ...]:
    """Give the steerings that are meant where none are named: none; and persona, for groups.

    Examples
    --------
    >>> steering_of(None, []), steering_of(None, ["sex=female"]), steering_of(["none"], [])
    (('none',), ('none', 'persona'), ('none',))
    """
    if steering is not None:
        return tuple(steering)
    return ("none", "persona") if personas else ("none",)


def expand_personas(
    name: str,
    *,
    languages: Sequence[str],
    targets: Sequence[str],
    groups: Sequence[str],
    bank: QuestionBank,
) -> list[tuple[str, str, str, str]]:
    """List the (language, steering, target, group) that a steering's name stands for.

    A steering towards somebody is asked for each group and, where targets are named, for everyone
    in a target's country too. Without targets a persona is of the group wherever its people live.

    Parameters
    ----------
    name, languages, targets, bank
        As for `doxa.run.grid.expand_steering`.
    groups : sequence of str
        Groups, as `doxa.questionnaire.group.expand_groups` lists them.

    Raises
    ------
    ExperimentError
        As from `expand_steering`.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> given = {"languages": ["en"], "groups": ["sex=female"], "bank": QuestionBank.load()}
    >>> expand_personas("persona", targets=["JPN"], **given)
    [('en', 'persona', 'JPN', ''), ('en', 'persona', 'JPN', 'sex=female')]
    >>> expand_personas("persona", targets=[], **given)
    [('en', 'persona', '', 'sex=female')]
    """
    own, parts = name.partition("_")[0] == "language", name.removeprefix("language_")
    steered = [] if parts == "language" else [PARTS[part] for part in parse_steering(parts)[0]]
    steered = [part for part in steered if part.targeted]
    if groups and steered and not (targets or own or any(p.shows_human_answers for p in steered)):
        asked = expand_steering("none", languages=languages, targets=targets, bank=bank)
        return [(language, name, "", group) for language, _, _ in asked for group in groups]
    asked = expand_steering(name, languages=languages, targets=targets, bank=bank)
    of = ("", *groups) if steered else ("",)
    return [(*triple, group) for triple in asked for group in of]
