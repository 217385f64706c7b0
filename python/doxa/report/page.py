"""One self-contained HTML file: data, charts, tables and words."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import doxa
from doxa.errors import MissingExtraError, NoDataError, ReportError
from doxa.files import reason, replacing
from doxa.questionnaire import QuestionBank
from doxa.report import charts, payload
from doxa.report.citation import citations
from doxa.report.findings import findings
from doxa.report.further import further_tables
from doxa.report.items import explorer
from doxa.report.neighbours import asked_as
from doxa.report.pack import pack_json
from doxa.report.palette import DARK, FONT, LIGHT
from doxa.report.tables import (
    ALIGNMENT_COLUMNS,
    CONDITION_KEYS,
    STEERING_COLUMNS,
    WAVE_COLUMNS,
    check_columns,
    conditions_of,
    in_order,
)
from doxa.report.words import Names, elicitation_name, join, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["write_report"]

_SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("summary", "Summary"),
    ("map", "Map"),
    ("countries", "Countries"),
    ("grid", "Language and steering"),
    ("steering", "Effect of steering"),
    ("time", "Time"),
    ("neighbours", "Countries beside countries"),
    ("further", "Robustness and further measures"),
    ("items", "Items"),
    ("reliability", "Reliability"),
    ("methods", "Methods and provenance"),
)
_MODEL_COLUMNS: Final = (
    "model", "elicitation", "language", "steering", "target", "template", "question",
    "codes", "probabilities", "off_scale_mass", "n_replies",
)  # fmt: skip
_HUMAN_COLUMNS: Final = (
    "survey", "wave", "country", "question", "codes", "probabilities", "off_scale_mass", "n",
)  # fmt: skip
_REPLY_COLUMNS: Final = (
    "request_key", "model", "elicitation", "language", "steering", "target", "template",
    "question", "option_order", "draw", "status", "off_option_mass", "text",
)  # fmt: skip


def write_report(
    path: Path | str,
    *,
    alignment: pl.DataFrame,
    replies: pl.DataFrame,
    model_distributions: pl.DataFrame,
    human_distributions: pl.DataFrame,
    provenance: Mapping[str, str],
    title: str,
    steering: pl.DataFrame | None = None,
    notice: str = "",
    prompts: pl.DataFrame | None = None,
    time: pl.DataFrame | None = None,
    further: Mapping[str, pl.DataFrame] | None = None,
    titles: Mapping[str, str] | None = None,
    bank: QuestionBank | None = None,
    confidence: float = 0.95,
    threshold: float = 0.02,
) -> Path:
    """Write the report of a run as one HTML file that loads nothing.

    Parameters
    ----------
    path : pathlib.Path or str
        Where to. Folders that do not exist are made; a file that is there is replaced, and
        only once the new one is whole.
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it: one row per model, elicitation, condition,
        country and wave; alignments in [0, 1].
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them.
    model_distributions, human_distributions : polars.DataFrame
        As the functions of these names in `doxa.distribution` give them.
    provenance : mapping of str to str
        What the numbers rest on, name by name: settings, versions, hashes, the command.
    title : str
        The report's heading.
    steering : polars.DataFrame, optional
        As `doxa.analysis.steering_effects` gives it: what each steering changes.
    notice : str
        A caution shown before everything else.
    prompts : polars.DataFrame, optional
        The prompts sent: `request_key`, `system`, `user`, `reply_start` (String each). Without
        it the item explorer shows replies only.
    time : polars.DataFrame, optional
        As `doxa.analysis.wave_alignment` gives it: the same replies against every wave.
    further : mapping of str to polars.DataFrame, optional
        Further tables by name, with `estimate`, `low` and `high`, shown in this order.
    titles : mapping of str to str, optional
        What each of `further` shows, in one line.
    bank : QuestionBank, optional
        The items and their wording; by default the questionnaire that comes with doxa.
    confidence : float
        The level of the intervals in `alignment`, in (0, 1).
    threshold : float
        The gap within which `alignment` calls a model as close as the baseline.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    MissingExtraError
        Altair or vl-convert is not installed.
    NoDataError
        `alignment` has no rows.
    ReportError
        A frame lacks a column, or the file cannot be written.

    Examples
    --------
    >>> import polars as pl
    >>> write_report(
    ...     "report.html", alignment=pl.DataFrame({"model": ["m"]}), replies=pl.DataFrame(),
    ...     model_distributions=pl.DataFrame(), human_distributions=pl.DataFrame(),
    ...     provenance={}, title="Report",
    ... )  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    doxa.errors.ReportError: the frame alignment lacks the columns elicitation, steering, ...
    """
    charts.load_altair()
    for name, frame, needed in (
        ("alignment", alignment, ALIGNMENT_COLUMNS),
        ("replies", replies, _REPLY_COLUMNS),
        ("model_distributions", model_distributions, _MODEL_COLUMNS),
        ("human_distributions", human_distributions, _HUMAN_COLUMNS),
    ):
        check_columns(name, frame, needed)
    if steering is not None:
        check_columns("steering", steering, STEERING_COLUMNS)
    if alignment.is_empty():
        raise NoDataError("there are no scores to report: ask the model first")
    bank = bank or QuestionBank.load()
    names = Names(bank)
    conditions = conditions_of([alignment, replies, model_distributions], names)
    alignment = in_order(alignment, conditions, names)
    if steering is not None:
        steering = in_order(steering, conditions, names)
    if time is not None:
        check_columns("time", time, WAVE_COLUMNS)
        time = time if time["wave"].n_unique() > 1 else None
    data = payload.overview(alignment, replies, steering, conditions, names, time)
    data["askedAs"], asked_blocks = asked_as(
        model_distributions, human_distributions, conditions, bank
    )
    data["further"] = further_tables(further or {}, titles or {}, conditions, bank.topics)
    data["items"], blocks = explorer(
        replies=replies,
        model=model_distributions,
        human=human_distributions,
        prompts=prompts,
        conditions=conditions,
        bank=bank,
    )
    surveys = sorted(human_distributions["survey"].unique())
    page = _render(
        blocks={
            "data": pack_json(data),
            "world": pack_json(charts.world()),
            **asked_blocks,
            **blocks,
        },
        context={
            "title": title,
            "notice": notice,
            "asked": _asked(data, alignment, surveys, names),
            "figures": _figures(data, alignment, replies),
            "findings": findings(alignment, steering, names),
            "confidence": f"{100 * confidence:g}%",
            "resampled": _resampled(alignment),
            "left_out": _left_out(data, steering),
            "further": data["further"],
            "steering_elsewhere": steering is not None
            and (steering["target"] != steering["country"]).any(),
            "heat_gaps": _gaps(alignment),
            "folded": len(data["ways"]) < len(conditions),
            "threshold": f"{threshold:g}",
            "forest_start": data["domains"]["forest"][0],
            "heat_domain": data["domains"]["heat"],
            "provenance": provenance,
            "citations": citations(surveys),
        },
    )
    return _write(Path(path), page)


def _asked(data: dict[str, Any], alignment: pl.DataFrame, surveys: list[str], names: Names) -> str:
    """Say in two sentences what was asked of whom."""
    models = data["models"]
    who = join(models) if len(models) < 4 else plural(len(models), "language model")
    countries = list(data["countries"].values())
    where = plural(len(countries), "country", "countries")
    if len(countries) < 9:
        where += f" ({', '.join(countries)})"
    waves = join([str(wave) for wave in data["waves"]])
    items = plural(_most_items(alignment), "item")
    languages = sorted({names.language(c["language"]) for c in data["conditions"]})
    read = join([f"the {elicitation_name(name)}" for name in data["elicitations"]])
    whose = "their" if len(models) > 1 else "its"
    return (
        f"How close do the answers of {who} to {items} of the {_survey_name(surveys)} "
        f"(wave {waves}) come to those of people in {where}? Asked in {join(languages)}, in "
        f"{plural(len(data['conditions']), 'way')}; {whose} answers were read from {read}."
    )


def _most_items(alignment: pl.DataFrame) -> int:
    return max(alignment["n_items"].drop_nulls().to_list(), default=0)


def _survey_name(surveys: list[str]) -> str:
    return join(["World Values Survey" if survey == "WVS" else survey for survey in surveys])


def _figures(
    data: dict[str, Any], alignment: pl.DataFrame, replies: pl.DataFrame
) -> list[tuple[str, str]]:
    """Choose the few counts that say how large the run was."""
    usable = (replies["status"] == "ok").sum()
    share = 100 * usable / max(replies.height, 1)
    return [
        (f"{_most_items(alignment):,}", "items"),
        (f"{len(data['countries']):,}", "countries"),
        (f"{len(data['conditions']):,}", "ways of asking"),
        (f"{replies.height:,}", "replies"),
        (f"{share:.0f}%" if share in (0, 100) else f"{share:.1f}%", "of replies usable"),
    ]


def _left_out(data: dict[str, Any], steering: pl.DataFrame | None) -> set[str]:
    """Name the sections for which there is nothing to show."""
    empty = {
        "steering": steering is None,
        "time": data["time"] is None,
        "neighbours": data["askedAs"] is None,
        "further": not data["further"],
    }
    return {section for section, is_empty in empty.items() if is_empty}


def _gaps(alignment: pl.DataFrame) -> bool:
    """Whether some country was not scored under some condition."""
    unscored = (
        group.height < group.select(CONDITION_KEYS).n_unique() * group["country"].n_unique()
        for group in alignment.drop_nulls("estimate").partition_by("model", "elicitation", "wave")
    )
    return any(unscored)


def _resampled(alignment: pl.DataFrame) -> str:
    if "resampled" not in alignment.columns:
        return ""
    return join(sorted(alignment["resampled"].drop_nulls().unique()))


def _render(*, blocks: Mapping[str, str], context: dict[str, Any]) -> str:
    try:
        jinja2 = import_module("jinja2")
    except ImportError:
        raise MissingExtraError("jinja2", "report") from None
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    scripts = (_vega(), _asset("page.js"))
    html: str = environment.from_string(_asset("report.html")).render(
        **context,
        version=doxa.__version__,
        light=LIGHT,
        dark=DARK,
        font=FONT,
        style=_asset("style.css"),
        sections=[section for section in _SECTIONS if section[0] not in context["left_out"]],
        blocks=blocks,
        scripts=scripts,
        script_hashes=[_hash(script) for script in scripts],
    )
    return html


@functools.cache
def _vega() -> str:
    """Take Vega's scripts from vl-convert; `</` may not occur inside a script element."""
    bundle: str = import_module("vl_convert").javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").strip()


def _asset(name: str) -> str:
    return (files("doxa.report") / "assets" / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """Name a script for the content security policy, which lets no other one run."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _write(path: Path, page: str) -> Path:
    try:
        with replacing(path) as partial:
            partial.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReportError(f"cannot write {path}: {reason(error)}; choose another place") from None
    return path
