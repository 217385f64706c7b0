"""One self-contained HTML file: data, charts, tables and words."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import doxa
from doxa.analysis.parts.pairs import population_keys
from doxa.errors import NoDataError, ReportError
from doxa.evaluate import TABLES, make_table
from doxa.files import reason, replacing
from doxa.report import payload
from doxa.report.answer import answers, first_view, is_no_opinion
from doxa.report.blocks import in_blocks
from doxa.report.candidates import Source
from doxa.report.card import card, card_address
from doxa.report.cautions import cautions, limited, verdict_sentences
from doxa.report.citation import citations
from doxa.report.culture import culture_data
from doxa.report.culture_map import culture_map
from doxa.report.drawing import asset
from doxa.report.findings import findings
from doxa.report.further import made, packed_tables, tables_with_intervals
from doxa.report.gains import gain_rows
from doxa.report.items import explorer, no_room
from doxa.report.maps import world
from doxa.report.methods import methods, percent_of, why_fewer_items
from doxa.report.models import published_rows, side_by_side
from doxa.report.nearest import nearest_waves, wave_bands
from doxa.report.neighbours import asked_as
from doxa.report.pack import pack_json
from doxa.report.palette import DARK, FONT, LIGHT
from doxa.report.sections import SECTIONS
from doxa.report.steering_answers import steering_answers
from doxa.report.strip import wave_strip
from doxa.report.summary import asked, default_title, figures, survey_name
from doxa.report.tables import (
    CONDITION_KEYS,
    columns,
    conditions_of,
    country_of,
    drawn_effects,
    in_order,
    keys_of,
    told_apart,
    with_others,
)
from doxa.report.words import BASELINES, Names, elicitation_name, join

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import polars as pl

    from doxa.analysis import Settings
    from doxa.evaluate import Evaluation

__all__ = ["write_report"]


def write_report(
    path: Path | str,
    evaluation: Evaluation,
    *,
    title: str = "",
    notice: str = "",
    address: str = "",
) -> Path:
    """Write the report on an evaluation as one HTML file that loads nothing.

    Parameters
    ----------
    path : pathlib.Path or str
        File to write. Missing folders are created; an existing file is replaced only when the
        new one is complete.
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it. Each table is in the section that its row in
        `doxa.evaluate.TABLES` names, or in "further" if the page lacks that section.
    title : str
        The report's heading; by default a question that names the models.
    notice : str
        A caution shown before everything else; of several lines, each a paragraph, the first is
        always seen.
    address : str
        Where the page will be found on the web, if it will. Sites that show a picture beside a
        link find it there: ``card.png``, which is then written beside the page.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    NoDataError
        The evaluation has no scores.
    ReportError
        The file cannot be written, or `address` is none of the web.
    MissingExtraError
        vl-convert, which draws the picture for an address, is not installed.

    Examples
    --------
    >>> import doxa
    >>> evaluation = doxa.evaluate.evaluate("runs/x", doxa.survey.sample())  # doctest: +SKIP
    >>> write_report("report.html", evaluation)  # doctest: +SKIP
    PosixPath('report.html')
    """
    if evaluation.alignment.is_empty():
        if evaluation.replies.height and (evaluation.replies["group"] != "").all():
            raise NoDataError(
                "the page is about countries, and this run asked personas of groups alone: see "
                "doxa score --table personas, or ask without groups too"
            )
        raise NoDataError("there are no scores to report: ask the model first")
    path, picture = Path(path), card_address(address) if address else ""
    bank, replies = evaluation.bank, evaluation.replies
    model, human = evaluation.model_distributions, evaluation.human_distributions
    names = Names(bank)
    conditions = conditions_of([evaluation.alignment, replies, model], names)
    groups = population_keys(human)[3:]
    alignment = in_order(told_apart(evaluation.alignment, groups), conditions, names)
    steering = None
    if evaluation.steering.height:
        steering = in_order(
            told_apart(drawn_effects(evaluation.steering), groups), conditions, names
        )
    time = _over_time(evaluation)
    time = None if time is None else told_apart(time, groups)
    human = told_apart(human, groups)
    tables = tables_with_intervals(evaluation)
    everything = with_others(conditions, tables.values(), names)
    verdicts = make_table(evaluation, "verdicts")
    data = payload.overview(alignment, replies, steering, everything, names, time)
    data["askedAs"], asked_blocks = asked_as(model, human, conditions, bank)
    data["culture"] = culture = culture_data(evaluation, everything, names)
    if culture:
        data["charts"]["culture"] = culture_map(culture["radius"], culture["error"])
    nearest = None if time is None else nearest_waves(evaluation, everything, names)
    data["nearest"] = None if nearest is None else columns(nearest)
    if nearest is not None:
        data["charts"]["strip"] = wave_strip(wave_bands(nearest))
    gains = gain_rows(evaluation, names)
    data["gains"] = None if gains is None else columns(gains)
    data["further"] = packed_tables(tables, everything, bank.topics)
    models, published = side_by_side(evaluation, everything, groups), published_rows(evaluation)
    data["published"] = published is not None
    data["items"], blocks = explorer(
        replies=replies,
        model=model,
        human=human,
        prompts=evaluation.prompts,
        conditions=conditions,
        bank=bank,
    )
    view = first_view(alignment, conditions, verdicts)
    told = answers(alignment, conditions, verdicts, names, evaluation.settings.baseline)
    asked_first = [c for c in conditions if c.way == view["way"]]
    found = findings(Source(evaluation, alignment, steering, view, keys_of(asked_first), names))
    data["steeringAnswers"] = steering_answers(made(evaluation, "steering_means"))
    surveys = sorted(human["survey"].unique())
    settings = evaluation.settings
    data["source"] = _source(surveys, data, settings)
    data |= {"start": view, "answers": told, "findings": [one.picture for one in found]}
    title, sentence = title or default_title(replies), told["\n".join(map(str, view.values()))]
    if picture:
        drawn = card(alignment, view, conditions, names, title=title, sentence=sentence)
        _write(path.with_name("card.png"), drawn)
    board = made(evaluation, "leaderboard")
    ranked = {"leaderboard": board} if board.height else {}
    left_out = _empty_sections(data, steering)
    if models is None:
        left_out |= {"models"}
    by_section = _by_section(data["further"], left_out)
    if "further" not in by_section:
        left_out |= {"further"}
    rest, tables_in_blocks = in_blocks(data)
    page = _render(
        blocks={
            "data": pack_json(rest),
            **tables_in_blocks,
            "world": pack_json(world()),
            **({} if models is None else {"models": pack_json(models)}),
            **({} if published is None else {"published": pack_json(published["rows"])}),
            **asked_blocks,
            **blocks,
        },
        context={
            "title": title,
            "notice": notice,
            "answer": sentence,
            "asked": asked(data, alignment, conditions, surveys, names),
            "figures": figures(data, alignment, conditions, replies),
            "items_used": why_fewer_items(evaluation),
            "source": data["source"],
            "marks": _marks(data),
            "address": address,
            "card": picture,
            "cautions": cautions(evaluation, names),
            "verdicts": tuple(limited(verdict_sentences(verdicts, names), "verdicts", 40)),
            "findings": found,
            "first_view": f"{view['model']}, read from the {elicitation_name(view['elicitation'])}",
            "no_opinion": is_no_opinion(view, conditions, verdicts),
            "methods": methods(evaluation, tables | ranked, names),
            "confidence": percent_of(settings.confidence),
            "baseline": BASELINES[settings.baseline],
            "threshold": f"{settings.threshold:g}",
            "left_out": left_out,
            "no_room": no_room(data["items"]),
            "tables": by_section,
            "language_gains": gains is not None or "own_language" in tables,
            "several_models": len(data["models"]) > 1,
            "published": published,
            "steering_elsewhere": steering is not None
            and (steering["target"] != steering.select(country_of()).to_series()).any(),
            "thinks": steering is not None and (steering["steering"] == "none").any(),
            "heat_gaps": _gaps(alignment),
            "folded": len(data["ways"]) < len(everything),
            "forest_start": data["domains"]["forest"][0],
            "heat_domain": data["domains"]["heat"],
            "provenance": evaluation.provenance,
            "citations": citations(surveys, human["source"].unique()),
        },
    )
    return _write(path, page.encode("utf-8", errors="replace"))


def _source(surveys: list[str], data: dict[str, Any], settings: Settings) -> str:
    """Say below charts where their numbers are from."""
    waves = join([str(wave) for wave in data["waves"]])
    return (
        f"Source: {survey_name(surveys)}, wave {waves}, and the model’s replies to the same items. "
        f"Lines are {percent_of(settings.confidence)} intervals."
    )


def _marks(data: dict[str, Any]) -> str:
    """Say what stands beside the ranking's numbers."""
    text = "Beside a rank stands its own interval."
    if any(condition["target"] for condition in data["conditions"]):
        text += " Marked: the countries that the run steers to."
    return text


def _over_time(evaluation: Evaluation) -> pl.DataFrame | None:
    """Make the table by wave; return None if there is only one wave."""
    table = made(evaluation, "time")
    return table if table.height and table["wave"].n_unique() > 1 else None


def _empty_sections(data: dict[str, Any], steering: pl.DataFrame | None) -> frozenset[str]:
    """Name the sections whose own charts have nothing to show."""
    empty = {
        "steering": steering is None,
        "time": data["time"] is None,
        "neighbours": data["askedAs"] is None,
        "culture": data["culture"] is None,
    }
    return frozenset(section for section, is_empty in empty.items() if is_empty)


def _by_section(
    tables: Iterable[dict[str, Any]], left_out: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Put each table into its section, or among the further ones if the page lacks it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        section = TABLES[table["name"]].section or "further"
        found.setdefault("further" if section in left_out else section, []).append(table)
    return found


def _gaps(alignment: pl.DataFrame) -> bool:
    """Tell whether some country was not scored under some condition."""
    unscored = (
        group.height < group.select(CONDITION_KEYS).n_unique() * group["country"].n_unique()
        for group in alignment.drop_nulls("estimate").partition_by("model", "elicitation", "wave")
    )
    return any(unscored)


def _render(*, blocks: Mapping[str, str], context: dict[str, Any]) -> str:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(asset),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = (asset("vega.js"), asset("page.js"))
    html: str = environment.get_template("report.html").render(
        **context,
        version=doxa.__version__,
        light=LIGHT,
        dark=DARK,
        font=FONT,
        style=asset("style.css"),
        sections=[section for section in SECTIONS if section.id not in context["left_out"]],
        blocks=blocks,
        scripts=scripts,
        script_hashes=[_hash(script) for script in scripts],
    )
    return html


def _hash(script: str) -> str:
    """Return the hash by which the content security policy allows this script alone."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _write(path: Path, content: bytes) -> Path:
    try:
        with replacing(path) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {reason(error)}; choose another place") from None
    return path
