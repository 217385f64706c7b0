"""How the numbers were made: sentences that follow the evaluation's own settings and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import polars as pl

from doxa.distribution import MODEL_KEYS
from doxa.elicit import ELICITATIONS
from doxa.evaluate.evaluation import CORRECTION
from doxa.evaluate.tables import TABLES
from doxa.questionnaire.language import WORDING
from doxa.report.thoughts import about_thoughts
from doxa.report.wordings import about_wordings
from doxa.report.words import (
    BASELINES,
    elicitation_name,
    in_table_order,
    join,
    plural,
)
from doxa.score.bootstrap import default_method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.analysis.parts.correction import Correction
    from doxa.evaluate import Evaluation
    from doxa.evaluate.tables import Interval
    from doxa.questionnaire import Item
    from doxa.report.words import Names
    from doxa.score import ResampleSource

__all__ = ["methods", "percent_of", "wave_words", "why_fewer_items"]

_MOST_NAMED: Final = 8
_SOURCES: Final[Mapping[str, str]] = {
    "items": "the items",
    "respondents": "the respondents",
    "replies": "the sampled replies",
    "forms": "the forms in which each item was asked",
}
_CORRECTIONS: Final[Mapping[Correction, str]] = {
    "holm": "Holm’s method",
    "benjamini_hochberg": "Benjamini and Hochberg’s method",
}
_SPELLED: Final[Mapping[str, str]] = {"studentized": "studentised", "shrunken": "noise-free"}
_PERCENTILE: Final[Mapping[Interval, str]] = {
    "ratio": "ratios",
    "correlation": "correlations",
    "component": "components of variance",
}
_ORDERS: Final = {"listed": "as the questionnaire lists them", "reversed": "in reverse"}


def methods(
    evaluation: Evaluation, further: Mapping[str, pl.DataFrame], names: Names
) -> tuple[str, ...]:
    """Say how scores, intervals, baseline and tests were made.

    Parameters
    ----------
    evaluation : Evaluation
        What the page shows.
    further : mapping of str to polars.DataFrame
        The tables on the page besides scores and effects of steering, by name.
    names : Names
        What countries are called.

    Returns
    -------
    tuple of str
        One paragraph each.
    """
    paragraphs = (
        _items(evaluation),
        _people(evaluation, names),
        _answers(evaluation),
        about_wordings(
            evaluation.replies["language"].unique(),
            {*evaluation.replies["question"]},
            names.bank,
            further={*evaluation.replies.filter(pl.col("wording") != WORDING)["language"]},
        ),
        _intervals(evaluation, further),
        _baseline(evaluation),
        _tests(evaluation),
    )
    return tuple(" ".join(sentences) for sentences in paragraphs if sentences)


def percent_of(confidence: float) -> str:
    """Write a confidence as a percentage.

    Examples
    --------
    >>> percent_of(0.95), percent_of(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * confidence:g}%"


def wave_words(wave: int | None) -> str:
    """Name the waves of people's answers.

    Examples
    --------
    >>> wave_words(7), wave_words(None)
    ('wave 7', 'every wave')
    """
    return "every wave" if wave is None else f"wave {wave}"


def why_fewer_items(evaluation: Evaluation) -> str:
    """Say why scores rest on fewer items than were asked; "" where they rest on all."""
    n_asked = evaluation.replies["question"].n_unique()
    if max(evaluation.alignment["n_items"].drop_nulls(), default=0) >= n_asked:
        return ""
    return " ".join(_items(evaluation)[1:])


def _items(evaluation: Evaluation) -> list[str]:
    """Say which items the scores use, and why the others are left out."""
    alike: dict[str, list[str]] = {}
    for elicitation in in_table_order(evaluation.model_distributions["elicitation"]):
        alike.setdefault(_kept(evaluation, elicitation), []).append(elicitation)
    sentences = [
        "A country’s score is the mean over items; its scores that are read in the same way rest "
        "on the same items."
    ]
    for kept, elicitations in alike.items():
        read = f"Read from the {join(list(map(elicitation_name, elicitations)))}: "
        sentences.append(read + kept if len(alike) > 1 else kept[:1].upper() + kept[1:])
    if evaluation.examples_unknown:
        sentences.append(
            "For some replies it is not certain which items their prompts showed as examples: such "
            "items may be in the scores."
        )
    if evaluation.steering.height:
        sentences.append("Effects of steering rest on the items that both their sides have.")
    return sentences


def _kept(evaluation: Evaluation, elicitation: str) -> str:
    """Count the items that one elicitation asked, and those left out of its scores, by reason."""
    own = {"elicitation": elicitation}
    asked = set(evaluation.replies.filter(**own)["question"])
    people = set(evaluation.human_distributions["question"])
    answered = _held_by_all(evaluation.model_distributions.filter(**own), list(MODEL_KEYS))
    bank = evaluation.bank.items
    shown, wanted = evaluation.excluded, frozenset(evaluation.settings.exclude_items)
    left, reasons = asked, []
    for lost, one, several in (
        (asked - bank.keys(), "is not in the questionnaire", "are not in the questionnaire"),
        (asked & shown, "was shown as an example", "were shown as examples"),
        (asked & wanted - shown, "was left out on request", "were left out on request"),
        (asked - people, "lacks people’s answers", "lack people’s answers"),
        (
            asked - answered,
            "lacks a usable reply under some way of asking",
            "lack a usable reply under some way of asking",
        ),
    ):
        lost &= left
        if lost:
            reasons.append(
                f"{len(lost):,} {one if len(lost) == 1 else several}{_named(lost, bank)}"
            )
            left = left - lost
    n = plural(len(asked), "item that was asked", "items that were asked")
    fewer = _with_fewer(evaluation, elicitation, len(left))
    scores = "scores rest" if fewer else "every score rests"
    if not reasons:
        return f"{scores} on the {n}{fewer}."
    other = "the other one" if len(left) == 1 else f"the other {len(left):,}"
    return f"of {n}, {join(reasons)}; {scores} on {other}{fewer}."


def _with_fewer(evaluation: Evaluation, elicitation: str, n_items: int) -> str:
    """Say how many countries lack some of the items, and how many items the fewest are."""
    scored = evaluation.alignment.filter(elicitation=elicitation)
    fewer = scored.filter(pl.col("n_items") < n_items)
    if fewer.is_empty():
        return ""
    countries = plural(fewer["country"].n_unique(), "country", "countries")
    least = min(fewer["n_items"])
    return f", but for {countries} without answers to some of them, on {least:,} at least"


def _held_by_all(frame: pl.DataFrame, keys: list[str]) -> set[str]:
    """Find the items that every group of a frame has."""
    n_groups = frame.select(keys).n_unique()
    held = frame.select(*keys, "question").unique().group_by("question").len()
    return set(held.filter(len=n_groups)["question"])


def _named(items: set[str], bank: Mapping[str, Item]) -> str:
    if len(items) > _MOST_NAMED:
        return ""
    return f" ({', '.join(sorted(items, key=[*bank, *sorted(items)].index))})"


def _people(evaluation: Evaluation, names: Names) -> list[str]:
    """Say whose answers people's are, how they are weighted, how missing ones are treated."""
    wave, counts = evaluation.settings.wave, evaluation.counts
    if wave is not None:
        counts = counts.filter(wave=wave)
    cells = counts.group_by("wave", "country", "question").agg(
        plain=(~pl.col("weighted")).fill_null(value=False).all(),
        published=pl.col("n").is_null().all(),
    )
    populations = cells.group_by("wave", "country").agg(
        all_plain=pl.col("plain").all(), plain=pl.col("plain").any(), n=pl.col("plain").sum()
    )
    return [
        f"People’s answers are those of {wave_words(wave)}.",
        _weights(populations, names, wave),
        "Those who gave no answer are in no share.",
        *_published(cells.filter("published"), evaluation, names),
    ]


def _weights(populations: pl.DataFrame, names: Names, wave: int | None) -> str:
    """Say which shares are weighted."""
    unweighted, mixed = (
        populations.filter("all_plain"),
        populations.filter(pl.col("plain") & ~pl.col("all_plain")),
    )
    if unweighted.height == populations.height:
        return "Their shares are not weighted."
    weights = "Their shares are weighted by the survey’s weights"
    if unweighted.height:
        weights += f"; those of {_countries(unweighted, names)} are not weighted"
        weights += "" if wave is not None else " in some wave"
    if mixed.height:
        weights += (
            f"; in {_countries(mixed, names)}, {mixed['n'].sum():,} answers to single items are "
            "not weighted beside others that are"
        )
    return f"{weights}."


def _countries(populations: pl.DataFrame, names: Names) -> str:
    """Name countries, or count them where they are many."""
    countries = sorted({names.country(code) for code in populations["country"]})
    return join(countries) if len(countries) <= _MOST_NAMED else f"{len(countries)} countries"


def _published(cells: pl.DataFrame, evaluation: Evaluation, names: Names) -> list[str]:
    """Say which answers are published shares, and what that does to the numbers."""
    if cells.is_empty():
        return []
    moved = evaluation.rounding
    return [
        f"Those of {_countries(cells, names)} are published shares, most of them rounded to 0.1 %: "
        + (f"this moves a score by at most {moved:.4f}." if moved is not None
           else "how far this moves a score is not known for all of them."),
        "Their respondents are taken for as many as the sample has, since no weights are known: "
        "ceilings are a little too high, and intervals a little short where respondents are drawn.",
    ]  # fmt: skip


def _answers(evaluation: Evaluation) -> list[str]:
    """Say how the model's answers were read, and how several to one item are combined."""
    read = [_read(name) for name in in_table_order(evaluation.model_distributions["elicitation"])]
    orders = [_order(name) for name in evaluation.replies["option_order"].unique().sort()]
    sentences = [
        f"The model’s answers were read from {join(read)}.",
        f"Options were shown {join(orders)}."
        if len(orders) <= _MOST_NAMED
        else f"Options were shown in {len(orders)} different orders.",
    ]
    if evaluation.model_distributions["n_replies"].max() != 1:
        too = "over the orders too, " if len(orders) > 1 else ""
        sentences.append(
            f"Several answers to one item, asked in one way, are averaged, {too}each counting once."
        )
    sentences += about_thoughts(evaluation.replies)
    return [*sentences, "Replies that are no answer are in no share; they are counted above."]


def _read(elicitation: str) -> str:
    known = ELICITATIONS.get(elicitation)
    how = f" ({known.how})" if known and known.how else ""
    return f"the {elicitation_name(elicitation)}{how}"


def _order(name: str) -> str:
    kind, _, number = name.partition(":")
    if kind == "rotated":
        return f"begun {plural(int(number), 'option')} later"
    return f"shuffled (seed {number})" if kind == "seed" else _ORDERS.get(name, name)


def _intervals(evaluation: Evaluation, further: Mapping[str, pl.DataFrame]) -> list[str]:
    """Name the kind of interval, what was resampled, how often, and with which seed."""
    settings = evaluation.settings
    sources = [source for source in _SOURCES if source in settings.resample]
    drawn = join([_SOURCES[source] for source in sources])
    others = join([_SOURCES[source] for source in sources if source != "items"])
    level = percent_of(settings.confidence)
    resamples = plural(settings.n_resamples, "resample")
    if default_method(settings.resample) == "shrunken":
        kind = "intervals of where the truth may lie, noise taken off"
    elif default_method(settings.resample) == "basic":
        kind = "basic bootstrap intervals, mirrored at the estimate"
    elif "forms" in sources:
        kind = (
            "studentised bootstrap intervals, each item corrected for the bias that drawing "
            f"{others} brings"
        )
    elif others:
        kind = f"studentised bootstrap intervals, shifted by the bias that drawing {others} brings"
    else:
        kind = "studentised bootstrap intervals"
    sentences = [f"Brackets hold {level} {kind}: {resamples} of {drawn}, seed {settings.seed}."]
    if "items" in sources:
        sentences.append(
            "All numbers over the same items share their draws; means of fewer than five items "
            "have no interval."
        )
    if further:
        sentences.append(_other_intervals(further, evaluation.replies["model"].n_unique()))
        sentences += _drawn_otherwise(", ".join(sources), further)
    return sentences


def _other_intervals(further: Mapping[str, pl.DataFrame], n_models: int) -> str:
    """Say which intervals the tables on the page have besides those of scores."""
    kinds = {TABLES[name].interval for name in further if name in TABLES}
    text = "Among the further measures, means have intervals made likewise"
    percentile = [words for kind, words in _PERCENTILE.items() if kind in kinds]
    if percentile:
        text += f"; {join(percentile)} have percentile intervals"
    if "simultaneous" in kinds and n_models > 1:
        text += "; the ranking of models has intervals that hold for all of them at once"
    return f"{text}."


def _drawn_otherwise(label: str, further: Mapping[str, pl.DataFrame]) -> list[str]:
    """Name the tables that resample something else than the scores do."""
    found: dict[str, list[str]] = {}
    for name, table in further.items():
        labels = table["resampled"].unique() if "resampled" in table.columns else ()
        for other in labels:
            if other not in (label, None):
                found.setdefault(other, []).append(name.replace("_", " "))
    return [
        f"For {join(tables)}, {_drawn(other)} alone were drawn again, and means have "
        f"{_SPELLED[_method_of(other)]} intervals."
        for other, tables in sorted(found.items())
    ]


def _method_of(label: str) -> str:
    """Name the interval that goes with what a column `resampled` says."""
    return default_method(cast("tuple[ResampleSource, ...]", tuple(label.split(", "))))


def _drawn(label: str) -> str:
    return join([_SOURCES.get(part, part) for part in label.split(", ")])


def _baseline(evaluation: Evaluation) -> list[str]:
    settings = evaluation.settings
    return [
        f"The baseline is the alignment with a country of {BASELINES[settings.baseline].how}.",
        "The verdict compares the model with that baseline: a gap of at most "
        f"{settings.threshold:g} is called as close, whatever its interval.",
        "Tables on disk call it “under” (further), “appropriate” (as close) or “over” (closer).",
    ]


def _tests(evaluation: Evaluation) -> list[str]:
    """Say how p-values were made, if there are any."""
    effects = evaluation.steering
    if effects.is_empty():
        return []
    statistic = "Student’s t" if "items" in evaluation.settings.resample else "a normal statistic"
    text = (
        f"p-values of steering are two-sided, by {statistic} on the bootstrap’s standard error, "
        f"and corrected by {_CORRECTIONS[CORRECTION]} for all rows of the table together; the "
        "table on disk has them without correction too."
    )
    return [text]
