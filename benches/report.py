"""Time the report of a large study: writing it, its size, and when it becomes usable.

    python benches/report.py [--models 20] [--countries 65] [--steerings 6] [--out FILE]

The study is invented: every model answers all 144 items, without steering in every language of
the questionnaire and under each steering towards every country. Shares have a tenth of a percent,
which compresses worse than the usual replies of models. The prompts are real prompts with a
persona. One model is really evaluated, against the people's answers that doxa ships; the others
have its tables with their numbers moved. Of further tables the page has a few.

If Chromium is installed, the page is opened in it. Printed are the time until the first screen
stands and a choice can be made, until everything that opens by itself is drawn, and until the
first screen stands again after another model or way of asking is chosen; each with the time that
the page's own thread was busy, which other programs on the machine hardly move.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from doxa.analysis import Settings
from doxa.errors import NoDataError
from doxa.evaluate import TABLES, Evaluation, evaluate, make_table
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording
from doxa.report import write_report
from doxa.store.record import REPLY_COLUMNS
from doxa.survey import world

MEGABYTE = 1e6
RESAMPLES = 200
MADE = (
    "alignment", "leaderboard", "steering", "steering_means", "own_language", "published",
    "uniformity", "winners", "shape", "reliability", "verdicts",
)  # fmt: skip
"""Tables that are made, and so are on the page; others take minutes, or are the data themselves."""


def recording(n_countries: int, n_steerings: int) -> tuple[Recording, pl.DataFrame]:
    """Invent the replies of one model, and give the people of the countries that it is asked as."""
    bank = QuestionBank.load()
    generator = np.random.default_rng(3)
    people = world(wave=7)
    names = people["country"].unique(maintain_order=True).head(n_countries)
    countries = pl.DataFrame(
        [
            (code, next((x for x in bank.countries[code].languages if x in bank.languages), "en"))
            for code in names
        ],
        schema=["target", "language"],
        orient="row",
    )
    kinds = ["persona", *(f"persona_time-{number}" for number in range(1, n_steerings))]
    unsteered = pl.DataFrame({"language": list(bank.languages)}).with_columns(
        steering=pl.lit("none"), target=pl.lit("")
    )
    steered = countries.join(pl.DataFrame({"steering": kinds}), how="cross")
    asked = pl.concat([unsteered, steered.select(unsteered.columns)])
    cells = asked.join(pl.DataFrame({"question": list(bank.items)}), how="cross")
    shared = _with_shares(cells, bank, generator)
    keys = ["language", "steering", "target", "question"]
    replies = shared.with_columns(
        request_key=pl.concat_str(keys, separator="/"),
        model=pl.lit("model-0"),
        backend=pl.lit("invented"),
        group=pl.lit(""), wording=pl.lit("a"), surface=pl.lit("plain"), template=pl.lit("a"),
        option_order=pl.lit("listed"), label_style=pl.lit("numbers"), reasoning=pl.lit("off"),
        draw=pl.lit(0), elicitation=pl.lit("verbalized"), thought_status=pl.lit("none"),
        status=pl.lit("ok"),
        text=pl.Series(_written(shared["probabilities"])),
    )  # fmt: skip
    missing = [name for name in REPLY_COLUMNS if name not in replies.columns]
    known = replies.with_columns(pl.lit(None, REPLY_COLUMNS[name]).alias(name) for name in missing)
    known = known.select(pl.col(name).cast(kind) for name, kind in REPLY_COLUMNS.items())
    prompts = _prompts(replies, asked, bank)
    kept = people.filter(pl.col("country").is_in(names.implode()))
    return Recording(replies=known, prompts=prompts), kept


def study(n_models: int, n_countries: int, n_steerings: int) -> Evaluation:
    """Evaluate one invented model, and give the others its tables with their numbers moved."""
    asked, people = recording(n_countries, n_steerings)
    one = evaluate(asked, people, settings=Settings(n_resamples=RESAMPLES))
    names = [f"model-{number}" for number in range(n_models)]
    generator = np.random.default_rng(7)

    def each(frame: pl.DataFrame, *, moved: bool = True) -> pl.DataFrame:
        parts = [frame.with_columns(model=pl.lit(name)) for name in names]
        return pl.concat([_moved(part, generator) if moved else part for part in parts])

    replies = each(one.replies, moved=False).with_columns(
        request_key=pl.concat_str("model", "request_key", separator="/")
    )
    evaluation = replace(one, replies=replies, prompts=_prompts_of_all(one.prompts, names))
    vars(evaluation).update(
        alignment=each(one.alignment),
        effects=each(one.effects),
        model_distributions=_shuffled(each(one.model_distributions, moved=False), generator),
        human_waves=one.human_waves,
    )
    for name in TABLES:
        if name not in MADE:
            evaluation.tables[name] = pl.DataFrame()
            continue
        start = time.process_time()
        try:
            table = make_table(one, name)
        except NoDataError:
            evaluation.tables[name] = pl.DataFrame()
            continue
        evaluation.tables[name] = each(table) if "model" in table.columns else table
        print(f"{name:16} {time.process_time() - start:6.1f} s", flush=True)
    evaluation.tables["leaderboard"] = _leaderboard(evaluation.tables["leaderboard"])
    evaluation.tables["differences"] = _differences(one.alignment, names, generator)
    return evaluation


def _moved(frame: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    """Move the numbers of each row of a table together, as another model's would be."""
    numbers = [
        name for name in frame.columns
        if re.search(r"(estimate|low|high|gap|normalised)", name) and frame[name].dtype.is_float()
    ]  # fmt: skip
    shift = pl.Series(generator.normal(0.0, 0.01, frame.height))
    return frame.with_columns(pl.col(name) + shift for name in numbers)


def _shuffled(model: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    """Give each model answers of its own: the options of another's, in another order."""
    turned = pl.col("probabilities").list.reverse()
    later = pl.Series(generator.random(model.height) < 0.5)
    return model.with_columns(probabilities=pl.when(later).then(turned).otherwise("probabilities"))


def _prompts_of_all(prompts: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    key = pl.col("request_key")
    return pl.concat(
        prompts.with_columns(request_key=pl.concat_str(pl.lit(f"{name}/"), key)) for name in names
    )


def _leaderboard(table: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("estimate").rank("ordinal", descending=True).cast(pl.Int64)
    return table.with_columns(
        rank=place, rank_low=(place - 1).clip(1), rank_high=(place + 1).clip(None, table.height)
    ).sort("rank")


def _differences(
    alignment: pl.DataFrame, names: list[str], generator: np.random.Generator
) -> pl.DataFrame:
    """Invent differences of every two models in the first way of asking."""
    first = alignment.filter(language="en", steering="none").drop("model")
    pairs = pl.DataFrame(list(combinations(names, 2)), schema=["a", "b"], orient="row")
    rows = pairs.join(first, how="cross")
    apart = pl.Series(generator.normal(0.0, 0.02, rows.height))
    return rows.with_columns(
        estimate=apart, low=apart - 0.02, high=apart + 0.02, p_value=pl.lit(0.5)
    )


def _with_shares(
    cells: pl.DataFrame, bank: QuestionBank, generator: np.random.Generator
) -> pl.DataFrame:
    parts = []
    for (question,), part in cells.group_by("question", maintain_order=True):
        codes = list(bank.items[str(question)].scale.all_codes)
        shares = generator.dirichlet(np.full(len(codes), 1.2), part.height)
        tenths = np.diff(np.rint(1000 * np.cumsum(shares, axis=1)), axis=1, prepend=0) / 1000
        parts.append(
            part.with_columns(
                codes=pl.lit(codes, dtype=pl.List(pl.Int64)),
                probabilities=pl.Series(tenths, dtype=pl.List(pl.Float64)),
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


SWITCH = """async ([id, index]) => {
  const select = document.getElementById(id);
  const shown = () => document.querySelector("#ranking table");
  const old = shown();
  const start = performance.now();
  select.selectedIndex = index;
  select.dispatchEvent(new Event("change"));
  while (shown() === old) await new Promise((resume) => setTimeout(resume));
  return performance.now() - start;
}"""
"""Choose another option of a switch: the milliseconds until the countries stand in a new order."""


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
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def busy() -> float:
            metrics = session.send("Performance.getMetrics")["metrics"]
            return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

        page.goto(path.resolve().as_uri(), wait_until="commit")
        page.wait_for_selector("#world svg")
        page.wait_for_selector("#ranking tbody tr")
        now = page.evaluate("performance.now()") / 1000
        print(f"usable after    {now:6.2f} s, busy {busy():.2f} s")
        page.wait_for_selector("main[aria-busy=false]")
        now = page.evaluate("performance.now()") / 1000
        print(f"complete after  {now:6.2f} s, busy {busy():.2f} s")
        switches = [("choose-model", 1), ("choose-model", 0), ("choose-model", 1)]
        for name, index in [*switches, *(("choose-way", at) for at in (1, 2, 0))]:
            before = busy()
            taken = page.evaluate(SWITCH, [name, index])
            used = 1000 * (busy() - before)
            print(f"{name:15} {taken:6.0f} ms, busy {used:.0f} ms")
            page.wait_for_selector("main[aria-busy=false]")
        before, start = busy(), time.perf_counter()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_selector("main[aria-busy=false]", timeout=120_000)
        print(f"every section   {time.perf_counter() - start:6.2f} s, busy {busy() - before:.2f} s")
        browser.close()


def weigh(path: Path, n_cells: int) -> None:
    """Print the size of the page, and of its largest blocks."""
    size = path.stat().st_size
    print(f"size {size / MEGABYTE:.2f} MB, {size / n_cells:.1f} bytes a cell")
    blocks: Counter[str] = Counter()
    for name, block in re.findall(r'id="block-([a-z]+)[^"]*">([^<]*)', path.read_text("utf-8")):
        blocks[name] += len(block)
    for name, length in blocks.most_common():
        print(f"  {name:12} {length / MEGABYTE:6.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", type=int, default=20, help="2 or more")
    parser.add_argument("--countries", type=int, default=65)
    parser.add_argument("--steerings", type=int, default=6)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    evaluation = study(chosen.models, chosen.countries, chosen.steerings)
    cells = evaluation.model_distributions.height
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.out or Path(folder) / "report.html"
        start = time.process_time()
        write_report(path, evaluation, title="A large study")
        print(f"{cells:,} cells, written in {time.process_time() - start:.1f} s of processor time")
        weigh(path, cells)
        opened(path)


if __name__ == "__main__":
    main()
