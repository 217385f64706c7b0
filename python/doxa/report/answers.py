"""People's answers to one item, population by population: as text, and as a chart in a file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.analysis.parts.notes import FEW_RESPONDENTS
from doxa.analysis.parts.rounding import at_most
from doxa.errors import ReportError
from doxa.files import replacing
from doxa.outside.extras import require
from doxa.outside.quoting import in_script
from doxa.report.drawing import asset, converted, load_altair, specified
from doxa.report.files import cannot_write
from doxa.report.palette import LIGHT, chart_config
from doxa.report.words import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from doxa.questionnaire import QuestionBank
    from doxa.questionnaire.language import Question
    from doxa.questionnaire.scale import Scale

__all__ = ["Answers", "answers_of", "as_text", "check_ending", "write_answers"]

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_BAR: Final = 40
_MOST_BARS: Final = 4
_KINDS: Final = (".svg", ".png", ".html")


class Answers(NamedTuple):
    """One population's answers to an item."""

    name: str
    """The population: its country, then what else tells it from the others."""
    shares: tuple[float, ...]
    """By option, in the order of the item's scale; they sum to 1."""
    mean: float | None
    """Mean of the codes, or of the positions (see `mean_of`); None on a nominal item."""
    mean_of: str | None
    """"codes" where the positions are as far apart as the codes; else "positions"."""
    n: float | None
    """Respondents who answered on the scale; None for published shares."""
    n_effective: float | None
    """Their effective number; None for published shares."""
    sample_size: float | None
    """Of the sample behind published shares; None for counts and where unknown."""
    note: str
    """What a reader must know of the shares."""

    @property
    def people(self) -> float | None:
        """Give the effective number of respondents, or the sample's size."""
        return self.sample_size if self.n_effective is None else self.n_effective


def answers_of(human: pl.DataFrame, bank: QuestionBank, question: str) -> list[Answers]:
    """Collect the answers to one item, in the order of their means; else by name.

    Parameters
    ----------
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it; any populations.
    bank : QuestionBank
        The items, and the countries' names.
    question : str
        The item.
    """
    item, names = bank.items[question], Names(bank)
    rows = human.filter(question=question)
    keys = [name for name in rows.columns[: rows.columns.index("question")] if name != "country"]
    telling = [name for name in keys if rows[name].n_unique() > 1]
    groups = [name for name in keys if name not in ("survey", "wave")]
    values, mean_of = _axis(item.scale)
    found = []
    for row in rows.iter_rows(named=True):
        shares = tuple(row["probabilities"])
        mean = None
        if item.scale.kind == "ordinal":
            mean = sum(x * p for x, p in zip(values, shares, strict=True))
        told = [f"{key} {row[key]}" for key in telling if row[key] is not None]
        if groups and all(row[key] is None for key in groups):
            told.append("all")
        name = " · ".join([names.country(row["country"]), *told])
        n, number = row["n"], row["n_effective"]
        effective, size = (number, None) if n is not None else (None, number)
        found.append(Answers(name, shares, mean, mean_of, n, effective, size, _note(row)))
    return sorted(found, key=lambda one: (one.mean or 0.0, one.name))


def _axis(scale: Scale) -> tuple[Sequence[float], str | None]:
    """Give what a mean is of: the codes shown, unless the positions are spaced otherwise."""
    if scale.kind == "nominal":
        return (), None
    apart = {x - code for x, code in zip(scale.positions, scale.codes, strict=True)}
    return (scale.codes, "codes") if len(apart) == 1 else (scale.positions, "positions")


def _note(row: dict[str, Any]) -> str:
    effective, notes = row["n_effective"], []
    if effective is not None and effective < FEW_RESPONDENTS:
        notes.append(f"fewer than {FEW_RESPONDENTS} effective respondents")
    if row.get("weighted") is False:
        notes.append("unweighted")
    if row.get("rounding"):
        notes.append(f"published shares, each within {at_most(row['rounding'])}")
    if row["off_scale_mass"] > 0:
        notes.append(f"{row['off_scale_mass']:.1%} gave an answer off the scale")
    return "; ".join(notes)


def as_text(answers: Sequence[Answers], question: Question, width: int) -> Iterator[str]:
    """Draw the answers as lines of text, for a terminal of `width` columns.

    Up to four populations get a bar per option; more get a line each, whose blocks are as high as
    the shares.
    """
    item = question.item
    labels = _labels(question)
    yield f"{item.id}  {question.text}"
    yield ""
    if len(answers) <= _MOST_BARS:
        wide = min(max(map(len, labels)), max(width - _BAR - 9, 12))
        for one in answers:
            yield _headed(one)
            for label, share in zip(labels, one.shares, strict=True):
                yield f"  {label[:wide]:<{wide}} {share:4.0%} {_bar(share)}".rstrip()
            yield ""
        return
    yield from (f"  {label}" for label in labels if " " in label)
    yield ""
    wide = max(len(one.name) for one in answers)
    head = "".join(f"{code:>6}" for code in item.scale.codes)
    heading = {"codes": "  mean", "positions": "  mean position"}
    mean = heading.get(answers[0].mean_of or "", "")
    yield f"{'':{wide}}{head}{mean}       n  effective"
    noted: dict[str, int] = {}
    for one in answers:
        cells = "".join(f" {_block(share)}{share:4.0%}" for share in one.shares)
        middle = "" if one.mean is None else f"{one.mean:{len(mean)}.2f}"
        n, effective = (
            "–" if number is None else f"{number:.0f}" for number in (one.n, one.n_effective)
        )
        if one.n is None:
            n, effective = "sample", "?" if one.sample_size is None else f"{one.sample_size:.0f}"
        mark = ""
        if one.note:
            mark = f" [{noted.setdefault(one.note, len(noted) + 1)}]"
        yield f"{one.name:{wide}}{cells}{middle}{n:>8}{effective:>11}{mark}"
    yield ""
    yield from (f"[{number}] {note}" for note, number in noted.items())


def _labels(question: Question) -> list[str]:
    """Give each option its code, and its words where it has any."""
    words = [question.label(code) for code in question.item.scale.codes]
    return [
        text if text == str(code) else f"{code} {text}"
        for code, text in zip(question.item.scale.codes, words, strict=True)
    ]


def _headed(one: Answers) -> str:
    known = ""
    if one.n is not None and one.n_effective is not None:
        known = f"n_effective {one.n_effective:.0f} of {one.n:.0f}"
    elif one.sample_size is not None:
        known = f"sample size {one.sample_size:.0f}"
    of = "mean position" if one.mean_of == "positions" else "mean"
    mean = "" if one.mean is None else f"{of} {one.mean:.2f}"
    return "  ".join(part for part in (one.name, known, mean, one.note) if part)


def _bar(share: float) -> str:
    whole, rest = divmod(round(share * _BAR * 8), 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[rest].strip()


def _block(share: float) -> str:
    return _BLOCKS[round(share * 8)]


def check_ending(path: Path) -> None:
    """Check that `write_answers` can write a file of this ending, before there are answers.

    Raises
    ------
    ReportError
        The ending is another one.
    MissingExtraError
        vl-convert is not installed, which draws SVG and PNG.
    """
    if path.suffix not in _KINDS:
        raise ReportError(f"{path}: name a file that ends in {', '.join(_KINDS)}")
    if path.suffix != ".html":
        require("vl_convert")


def write_answers(path: Path, answers: Sequence[Answers], question: Question) -> None:
    """Write small multiples, one panel per population, to an SVG, PNG or HTML file.

    Raises
    ------
    ReportError
        The file has another ending, or cannot be written.
    MissingExtraError
        vl-convert is not installed, which draws SVG and PNG.
    """
    check_ending(path)
    figure = _chart(answers, question)
    if path.suffix == ".svg":
        drawn = converted("vegalite_to_svg", figure).encode()
    elif path.suffix == ".png":
        drawn = converted("vegalite_to_png", figure, scale=2)
    else:
        drawn = _page(figure).encode()
    try:
        with replacing(path) as partial:
            partial.write_bytes(drawn)
    except OSError as error:
        raise cannot_write(path.parent, error) from None


def _page(figure: dict[str, Any]) -> str:
    """Make a page that draws a figure and loads nothing."""
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{escape(figure["title"]["text"])}</title>
<div id="chart"></div>
<script>{asset("vega.js")}</script>
<script>vegaEmbed("#chart", {in_script(figure)}, {{actions: false}});</script>
</html>
"""


def _chart(answers: Sequence[Answers], question: Question) -> dict[str, Any]:
    alt = load_altair()
    labels = _labels(question)
    rows = [
        {"name": _titled(one), "place": place, "option": label, "share": share}
        for place, one in enumerate(answers)
        for label, share in zip(labels, one.shares, strict=True)
    ]
    few = len(answers) <= _MOST_BARS
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=LIGHT["series-2"])
        .encode(
            x=alt.X("share:Q", title=None).axis(format=".0%", tickCount=3, labelFontSize=10),
            y=alt.Y("option:N", sort=labels, title=None).axis(labelLimit=190, labelFontSize=10),
            tooltip=[
                alt.Tooltip("name:N"),
                alt.Tooltip("option:N"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
        .properties(width=180 if few else 110, height=alt.Step(18 if few else 13))
        .facet(
            alt.Facet("name:N", sort=alt.EncodingSortField("place", op="min"), title=None),
            columns=2 if few else 5,
        )
    )
    notes = sorted({one.note for one in answers if one.note})
    return specified(bars) | {
        "config": chart_config(LIGHT) | {"background": LIGHT["page"]},
        "padding": 12,
        "title": {
            "text": f"{question.item.id}: {question.text}",
            "subtitle": ["Shares of answers on the scale", *notes],
            "offset": 14,
        },
    }


def _titled(one: Answers) -> str:
    mark = "" if one.people is None or one.people >= FEW_RESPONDENTS else " (few)"
    return f"{one.name}{mark}"
