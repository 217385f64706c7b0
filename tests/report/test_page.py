from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from typing import TYPE_CHECKING, get_args

import made_up
import polars as pl
import pytest
from made_up import made_up_replies
from tiny_models import random_model

from doxa import report
from doxa.analysis import Settings
from doxa.errors import NoDataError, ReportError
from doxa.evaluate import evaluate
from doxa.evaluate import tables as evaluate_tables
from doxa.evaluate.tables import TABLES, NamedTable
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording
from doxa.report import further, write_report
from doxa.report import page as page_module
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.survey import sample

from .invented import evaluation_of

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


def write(
    path: Path,
    frames: dict[str, pl.DataFrame],
    *,
    title: str = "A title",
    notice: str = "",
    settings: Settings | None = None,
    provenance: dict[str, str] | None = None,
    tables: dict[str, pl.DataFrame] | None = None,
    **changes: pl.DataFrame,
) -> str:
    evaluation = evaluation_of(
        frames | changes, settings=settings, provenance=provenance, tables=tables
    )
    return write_report(path, evaluation, title=title, notice=notice).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """Take scripts and tags out."""
    return html.unescape(re.sub(r"<[^>]*>", "", SCRIPT.sub("", page)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, frames: dict[str, pl.DataFrame]) -> str:
    folder = tmp_path_factory.mktemp("report")
    return write(
        folder / "new" / "report.html",
        frames,
        title="<b>Title</b>",
        notice="Only a <demonstration>\nin two lines",
        provenance={"Command": "doxa demo && rm <x>"},
    )


def test_texts_are_escaped(page: str) -> None:
    assert "<title>&lt;b&gt;Title&lt;/b&gt;</title>" in page
    assert "<summary>Only a &lt;demonstration&gt;</summary>\n  <p>in two lines</p>" in page
    assert "doxa demo &amp;&amp; rm &lt;x&gt;" in page


def test_hostile_replies_stay_inside_the_blocks(page: str) -> None:
    scripts = SCRIPT.findall(page)
    packed = [body for attributes, body in scripts if "text/plain" in attributes]
    assert len(packed) == len(scripts) - 2
    assert all(re.fullmatch(r"[\w+/=\s]*", body) for body in packed)
    assert "window.hacked" not in page


def test_policy_allows_exactly_the_pages_own_scripts(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe-eval" not in policy[1]
    assert {"base-uri 'none'", "form-action 'none'"} <= set(
        policy[1].replace("&#39;", "'").split("; ")
    )
    allowed = re.findall(r"sha256-([^&#']+)", policy[1].replace("&#39;", "'"))
    own = [body for attributes, body in SCRIPT.findall(page) if "text/plain" not in attributes]
    digests = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in own]
    assert allowed == digests


def test_no_address_is_loaded(page: str) -> None:
    markup = SCRIPT.sub("", page)
    assert re.findall(r'(?:src|href)="(?!#|data:,)[^"]*"', markup) == []
    assert "@import" not in markup
    assert "url(" not in markup


def test_page_says_what_was_asked_and_what_came_back(page: str) -> None:
    assert "the answers of tiny-model to 12 items of the World Values Survey" in page
    assert "3 countries (Colombia, Japan, United States)" in page
    assert "<dd>168</dd>" in page
    assert "95% intervals" in page
    assert "The axis starts at 0.60, not at 0." in page
    assert "doi:10.14281/18241.24" in page
    assert "@misc{wvs7" in page


def test_a_cell_takes_few_bytes(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    """Ten more models, without prompts and raw replies: all in the block of each is packed."""

    def size(copies: int) -> int:
        names = pl.Series("model", [f"model-{number}" for number in range(copies)]).to_frame()
        many = {
            name: frames[name].drop("model").join(names, how="cross")
            for name in ("alignment", "model_distributions", "replies", "steering")
        }
        many["replies"] = many["replies"].with_columns(text=pl.lit(""))
        return len(write(tmp_path / "r.html", frames, **many, prompts=frames["prompts"].clear()))

    assert len(write(tmp_path / "r.html", frames)) < 1_050_000
    assert (size(11) - size(1)) / (10 * frames["model_distributions"].height) < 60


def test_steering_section_needs_effects(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    without = write(tmp_path / "r.html", frames, steering=frames["steering"].clear())
    assert 'id="steering"' not in without
    assert 'href="#steering"' not in without
    assert 'id="steering"' in write(tmp_path / "s.html", frames)


def test_sections_without_data_are_left_out(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    unsteered = {
        name: frame.filter(steering="none") if "steering" in frame.columns else frame
        for name, frame in frames.items()
    }
    page = write(tmp_path / "r.html", unsteered, tables={"time": frames["alignment"]})
    for section in ("steering", "time", "neighbours", "further"):
        assert f'id="{section}"' not in page
        assert f'href="#{section}"' not in page


def test_other_surveys_are_not_cited_as_the_wvs(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    human = frames["human_distributions"].with_columns(survey=pl.lit("ESS"))
    page = write(tmp_path / "r.html", frames, human_distributions=human)
    assert "of the ESS" in page
    assert "World Values Survey" not in page


def test_numbers_that_are_missing_do_not_stop_the_report(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    names = [
        "low", "high", "ceiling", "baseline", "gap", "gap_low", "gap_high", "verdict",
        "uniform_gap_low", "uniform_gap_high",
    ]  # fmt: skip
    bare = frames["alignment"].with_columns(
        pl.lit(None, dtype=frames["alignment"].schema[name]).alias(name) for name in names
    )
    page = write(tmp_path / "r.html", frames, alignment=bare, steering=frames["steering"].clear())
    assert "cannot be told" in page
    assert "further from people" not in page


def test_nothing_to_report(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    with pytest.raises(NoDataError, match="no scores to report"):
        write(tmp_path / "r.html", frames, alignment=frames["alignment"].clear())
    personas = frames["replies"].with_columns(group=pl.lit("sex=female"))
    with pytest.raises(NoDataError, match=r"personas of groups alone: see doxa score --table"):
        write(tmp_path / "r.html", frames, alignment=frames["alignment"].clear(), replies=personas)


def test_folder_that_cannot_be_written(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"^cannot write .*report.html: .*choose another place$"):
        write(tmp_path / "file" / "report.html", frames)


def test_failed_write_leaves_the_old_report(
    tmp_path: Path, frames: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")

    def full_disk(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    with pytest.raises(ReportError, match="no space left on device"):
        write(target, frames)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("section", get_args(evaluate_tables.Section))
@pytest.mark.parametrize("steered", [True, False])
def test_one_more_table_stands_in_the_section_that_its_row_names(
    tmp_path: Path,
    frames: dict[str, pl.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
    section: evaluate_tables.Section,
    steered: bool,
) -> None:
    """If the page lacks that section, the table stands among the further measures."""
    one = frames["alignment"].head(3).select("model", "country", "estimate", "low", "high")
    row = NamedTable("how far left & right they lean", lambda _: one, section)
    for module in (evaluate_tables, further, page_module):
        monkeypatch.setattr(module, "TABLES", {**TABLES, "leaning": row})
    few = frames if steered else {**frames, "steering": frames["steering"].clear()}
    page = write(tmp_path / "r.html", few)
    before, after = page.split('id="further-leaning"')
    assert before.endswith("<h3>How far left &amp; right they lean</h3>\n  <div ")
    assert 'id="further-leaning"' not in after
    lacking = {"time", "models", *([] if steered else ["steering"])}
    stands = re.findall(r'<section id="(\w+)"', before)[-1]
    assert stands == ("further" if section in lacking else section)


def test_the_heading_is_the_question_by_default(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    assert '<h1 id="title">Whose opinions does tiny-model express?</h1>' in write(
        tmp_path / "r.html", frames, title=""
    )


def test_level_threshold_and_baseline_are_said_wherever_they_matter(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    usual = prose(write(tmp_path / "r.html", frames))
    settings = Settings(confidence=0.9, threshold=0.05, baseline="uniform")
    other = prose(write(tmp_path / "s.html", frames, settings=settings))
    for said, instead in (
        ("95%", "90%"),
        ("within ±0.02", "within ±0.05"),
        ("gap of at most 0.02", "gap of at most 0.05"),
        ("the average of the other countries reaches", "an equal share for every option reaches"),
        ("than the average of the other countries is", "than an equal share for every option is"),
        ("the average of the other countries in the data", "the same share for every option of an"),
    ):
        assert said in usual
        assert instead not in usual
        assert instead in other
        assert said not in other


def test_groups_of_a_country_are_told_apart(tmp_path: Path) -> None:
    sexes = [sample(wave=7).with_columns(sex=pl.lit(sex)) for sex in ("female", "male")]
    whole = sample(wave=7).filter(country="USA").with_columns(sex=pl.lit(None, pl.String))
    evaluation = evaluate(
        Recording(made_up_replies()), pl.concat([*sexes, whole]), made_up.BANK,
        Settings(n_resamples=50),
    )  # fmt: skip
    page = write_report(tmp_path / "a.html", evaluation).read_text(encoding="utf-8")
    assert "come to those of people in 9 populations?" in prose(page)
    packed = re.search(r'id="block-data"[^>]*>([^<]*)<', page)
    assert packed
    data = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    assert data["countries"]["JPN · female"] == "Japan · female"
    assert data["countries"]["USA"] == "United States"
    assert len(data["items"]["people"]) == 9
    assert data["spoken"]["JPN · male"] == ["ja"]


def test_a_user_writes_the_report_in_three_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those at the head of `doxa.report`."""
    lines = re.findall(r"^    (.*doxa\..*)$", report.__doc__ or "", flags=re.MULTILINE)
    assert len(lines) == 3
    bank = QuestionBank.load()
    asked = Experiment((str(random_model()),), (Condition("en", n_examples=0),), ("Q1", "Q57"))
    ask(asked, tmp_path / "runs" / "x" / "replies.sqlite", bank=bank)
    monkeypatch.chdir(tmp_path)
    exec("\n".join(["import doxa", *lines]), {})
    assert f"Whose opinions does {random_model().stem} express?" in prose(
        (tmp_path / "report.html").read_text(encoding="utf-8")
    )


def test_the_map_of_own_languages_stands_where_some_were_asked(page: str, tmp_path: Path) -> None:
    assert 'id="own-language"' not in page
    evaluation = made_up.made_up_evaluation()
    shown = write_report(tmp_path / "r.html", evaluation).read_text(encoding="utf-8")
    assert 'id="own-language"' in shown
    assert 'id="further-own_language"' in shown


def test_a_page_on_the_web_names_its_picture(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    address = "https://example.org/opinions/r.html"
    page = write_report(tmp_path / "r.html", evaluation_of(frames), address=address)
    text = page.read_text(encoding="utf-8")
    assert '<meta property="og:image" content="https://example.org/opinions/card.png">' in text
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
    assert "og:image" not in write(tmp_path / "s.html", frames)
