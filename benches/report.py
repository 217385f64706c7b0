"""Time the report of a large study: writing it, its size, and when it becomes usable.

    python benches/report.py [--models 10] [--countries 66] [--steerings 6] [--out FILE]

The study is invented: every model answers all 144 items, without steering in every language of
the questionnaire and under each steering towards every country. Shares have a tenth of a percent,
which compresses worse than the usual replies of models. The prompts are real prompts with a
persona. If Chromium is installed, the page is opened in it. Three times are measured: until the
first charts are drawn and another model can be chosen; until the charts of another model are drawn;
and until another item's prompt can be read.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from doxa.analysis import Settings
from doxa.evaluate import TABLES, Evaluation
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank
from doxa.report import write_report

KEYS = ["language", "steering", "target", "group", "reasoning"]
MIB = 1e6


def study(n_models: int, n_countries: int, n_steerings: int) -> dict[str, pl.DataFrame]:
    """Invent the frames that an evaluation gives."""
    bank = QuestionBank.load()
    generator = np.random.default_rng(3)
    countries = pl.DataFrame(
        [
            (code, next((x for x in country.languages if x in bank.languages), "en"))
            for code, country in list(bank.countries.items())[:n_countries]
        ],
        schema=["country", "language"],
        orient="row",
    )
    steerings = [f"persona_time-{number}" for number in range(n_steerings)]
    unsteered = pl.DataFrame({"language": list(bank.languages)}).with_columns(
        steering=pl.lit("none"), target=pl.lit("")
    )
    steered = countries.rename({"country": "target"}).join(
        pl.DataFrame({"steering": steerings}), how="cross"
    )
    asked = (
        pl.DataFrame({"model": [f"model-{number}" for number in range(n_models)]})
        .with_columns(elicitation=pl.lit("verbalized"))
        .join(pl.concat([unsteered, steered.select(unsteered.columns)]), how="cross")
        .with_columns(group=pl.lit(""), reasoning=pl.lit("off"))
    )
    scored = pl.concat(
        [
            asked.filter(target="").join(countries.select("country"), how="cross"),
            asked.filter(pl.col("target") != "").with_columns(country="target"),
        ]
    )
    cells = asked.join(pl.DataFrame({"question": list(bank.items)}), how="cross")
    model = _with_shares(cells, bank, generator)
    human = _with_shares(
        countries.select("country").join(pl.DataFrame({"question": list(bank.items)}), how="cross"),
        bank,
        generator,
    ).with_columns(
        survey=pl.lit("WVS"), wave=pl.lit(7), n=pl.lit(1200.0), n_effective=pl.lit(1100.0)
    )
    replies = model.with_columns(
        request_key=pl.concat_str(["model", *KEYS, "question"], separator="/"),
        wording=pl.lit("a"),
        surface=pl.lit("plain"),
        template=pl.lit("a"),
        option_order=pl.lit("listed"),
        label_style=pl.lit("numbers"),
        draw=pl.lit(0),
        status=pl.Series(generator.choice(["ok", "refused"], model.height, p=[0.98, 0.02])),
        off_option_mass=pl.lit(None, dtype=pl.Float64),
        text=pl.Series(_written(model["probabilities"])),
        thought=pl.lit(""),
        thought_status=pl.lit("none"),
    )
    return {
        "alignment": _scores(scored, generator),
        "steering": _effects(scored.filter(pl.col("target") != ""), generator),
        "replies": replies,
        "model_distributions": model.with_columns(
            n_replies=pl.lit(1),
            n_forms=pl.lit(1),
            form_names=pl.lit(["a/plain/a/listed/numbers"]),
            forms=pl.col("probabilities").list.eval(pl.concat_list(pl.element())),
        ),
        "human_distributions": human,
        "prompts": _prompts(replies, asked, bank),
    }


def evaluation_of(frames: dict[str, pl.DataFrame]) -> Evaluation:
    """Make an evaluation that holds these frames in place of what it would compute."""
    human = frames["human_distributions"]
    evaluation = Evaluation(
        replies=frames["replies"],
        prompts=frames["prompts"],
        counts=human.select("survey", "wave", "country", "question", "n", weighted_n="n"),
        bank=QuestionBank.load(),
        excluded=frozenset(),
        provenance={},
        settings=Settings(),
    )
    vars(evaluation).update(
        alignment=frames["alignment"],
        effects=frames["steering"],
        model_distributions=frames["model_distributions"],
        human_waves=human,
    )
    evaluation.tables.update(dict.fromkeys(TABLES, pl.DataFrame()))
    return evaluation


def _with_shares(
    cells: pl.DataFrame, bank: QuestionBank, generator: np.random.Generator
) -> pl.DataFrame:
    parts = []
    for (question,), part in cells.group_by("question", maintain_order=True):
        codes = list(bank.items[str(question)].scale.codes)
        shares = generator.dirichlet(np.full(len(codes), 1.2), part.height)
        tenths = np.diff(np.rint(1000 * np.cumsum(shares, axis=1)), axis=1, prepend=0) / 1000
        parts.append(
            part.with_columns(
                codes=pl.lit(codes, dtype=pl.List(pl.Int64)),
                probabilities=pl.Series(tenths, dtype=pl.List(pl.Float64)),
                off_scale_mass=pl.lit(0.0),
            )
        )
    return pl.concat(parts)


def _written(shares: pl.Series) -> list[str]:
    """Write shares as a model does."""
    return [
        "{" + ", ".join(f'"{i}": {100 * share:.3g}' for i, share in enumerate(row, 1)) + "}"
        for row in shares.to_list()
    ]


def _prompts(replies: pl.DataFrame, asked: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    rows = []
    for language, target in asked.select("language", "target").unique().rows():
        condition = Condition(language, "persona" if target else "none", target)
        for question in bank.items:
            prompt = render(question, condition, bank=bank)
            user = f"{prompt.user}\n\n{prompt.asks['verbalized']}"
            start = prompt.reply_starts["verbalized"]
            rows.append((language, target, question, prompt.system, user, start))
    names = ["language", "target", "question", "system", "user", "reply_start"]
    texts = pl.DataFrame(rows, schema=names, orient="row")
    return replies.join(texts, on=names[:3]).select("request_key", *names[3:])


def _scores(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    level = pl.Series(generator.uniform(0.62, 0.85, rows.height))
    base = pl.Series(generator.uniform(0.68, 0.82, rows.height))
    gap = level - base
    return rows.with_columns(
        wave=pl.lit(7), n_items=pl.lit(144), estimate=level, low=level - 0.02, high=level + 0.02,
        ceiling=pl.lit(0.985), baseline=base, gap=gap, gap_low=gap - 0.02, gap_high=gap + 0.02,
        verdict=pl.Series(np.select([gap < -0.02, gap > 0.02], ["under", "over"], "appropriate")),
        resampled=pl.lit("items"),
    )  # fmt: skip


def _effects(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    effect = pl.Series(generator.normal(0.02, 0.03, rows.height))
    return rows.with_columns(
        wave=pl.lit(7), n_items=pl.lit(144), estimate=effect, low=effect - 0.02,
        high=effect + 0.02, p_value=pl.Series(generator.uniform(0, 1, rows.height)),
    )  # fmt: skip


def opened(path: Path) -> None:
    """Time the page in Chromium."""
    chromium = os.environ.get("DOXA_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("no Chromium: run  make browser  or set DOXA_CHROMIUM")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.resolve().as_uri(), wait_until="commit")
        usable = "document.querySelector('#forest svg') && document.querySelector('#choose-model')"
        page.wait_for_function(usable)
        print(f"usable after   {page.evaluate('performance.now()') / 1000:6.2f} s")
        page.wait_for_selector("main[aria-busy=false]")
        print(f"complete after {page.evaluate('performance.now()') / 1000:6.2f} s")
        for name, act, done in (
            ("other model", lambda: page.select_option("#choose-model", index=1), "#forest svg"),
            (
                "another item",
                lambda: page.get_by_role("button", name="Next item").click(),
                "#item .prompt",
            ),
        ):
            page.evaluate(f"document.querySelectorAll('{done}').forEach((x) => x.remove())")
            start = time.perf_counter()
            act()
            page.wait_for_selector(done, state="attached")
            taken = time.perf_counter() - start
            page.wait_for_selector("main[aria-busy=false]")
            print(f"{name:14} {taken:6.2f} s")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", type=int, default=10, help="2 or more")
    parser.add_argument("--countries", type=int, default=66)
    parser.add_argument("--steerings", type=int, default=6)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    frames = study(chosen.models, chosen.countries, chosen.steerings)
    cells = frames["model_distributions"].height
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.out or Path(folder) / "report.html"
        start = time.perf_counter()
        write_report(path, evaluation_of(frames), title="A large study")
        print(f"{cells:,} cells, written in {time.perf_counter() - start:.1f} s")
        size = path.stat().st_size
        print(f"size {size / MIB:.2f} MB, {size / cells:.1f} bytes a cell")
        opened(path)


if __name__ == "__main__":
    main()
