"""Time the import of a survey file beside Polars alone, and check the four formats at full size.

    python benches/survey.py                 # CSV, 100,000 respondents by 600 columns
    python benches/survey.py --formats       # also SPSS, Stata and xlsx: some minutes
    python benches/survey.py --exports       # xlsx of the shape of the survey's country exports

Each measurement runs in its own process, which reports its time and peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from doxa.questionnaire import QuestionBank
from doxa.survey import import_files, read_survey, synthetic

N, N_COLUMNS, REPEATS = 100_000, 600, 11
ADMINISTRATIVE = ["A_WAVE", "B_COUNTRY_ALPHA", "D_INTERVIEW", "W_WEIGHT", "version"]


def make(folder: Path, formats: list[str]) -> None:
    made = synthetic(N, QuestionBank.load().items, n_columns=N_COLUMNS, seed=5)
    for kind in formats:
        getattr(made, f"write_{kind}")(folder / f"survey.{kind}")
    made.truth.write_parquet(folder / "truth.parquet")


def polars_read(folder: Path) -> None:
    pl.read_csv(folder / "survey.csv", columns=[*ADMINISTRATIVE, *QuestionBank.load().items])


def doxa_read(folder: Path) -> None:
    read_survey(folder / "survey.csv", QuestionBank.load().items).microdata.counts()


def doxa_import(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as out:
        import_files([folder / "survey.csv"], out, QuestionBank.load().items)


def check(folder: Path, kind: str) -> None:
    counts = read_survey(folder / f"survey.{kind}", QuestionBank.load().items).microdata.counts()
    truth = pl.read_parquet(folder / "truth.parquet")
    keys = ["country", "question", "code"]
    found = counts.filter(pl.col("n") > 0).select(truth.columns).sort(keys)
    if not found.select(*keys, "n").equals(truth.select(*keys, "n")):
        raise SystemExit(f"{kind}: counts differ from the truth")
    worst = (found["weighted_n"] - truth["weighted_n"]).abs().max()
    print(
        f"{kind}: {found.height:,} counts equal the truth; weighted within {worst:.1e}",
        file=sys.stderr,
    )


def make_exports(folder: Path) -> None:
    """Write eleven files of real exports' shape, and one of 3,000 respondents by 400 columns."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.survey.exports import FILES, export, write_xlsx

    for name in FILES:
        export(name).write_xlsx(folder / f"{name}.xlsx")
    large = export("2022_bangladesh").labelled
    large = pl.concat([large, large, large[:600]])
    spare = large.select(pl.col(large.columns[-2:]).name.prefix("X"))
    write_xlsx(pl.concat([large, spare], how="horizontal"), folder / "large.xlsx")


def import_exports(folder: Path, names: str) -> None:
    paths = sorted(folder.glob(names))
    with tempfile.TemporaryDirectory(dir=folder) as out:
        import_files(paths, out, QuestionBank.load().items)


def fastexcel_parse(folder: Path, names: str) -> None:
    """Parse whole files with the library alone."""
    import fastexcel

    for path in sorted(folder.glob(names)):
        fastexcel.read_excel(path).load_sheet(0, dtypes="string")


ELEVEN, LARGE = "2*.xlsx", "large.xlsx"
EXPORT_STEPS = {
    "parse:one": lambda folder: fastexcel_parse(folder, LARGE),
    "import:one": lambda folder: import_exports(folder, LARGE),
    "parse:eleven": lambda folder: fastexcel_parse(folder, ELEVEN),
    "import:eleven": lambda folder: import_exports(folder, ELEVEN),
}
STEPS = {"polars": polars_read, "read": doxa_read, "import": doxa_import}


def time_exports(folder: Path) -> None:
    measure("make-exports", folder)
    rounds = [{step: measure(step, folder) for step in EXPORT_STEPS} for _ in range(3)]
    for which, label in (("one", "3,000 x 400"), ("eleven", "eleven files")):
        parse, whole = (
            statistics.median(r[f"{step}:{which}"]["seconds"] for r in rounds)
            for step in ("parse", "import")
        )
        peak = max(r[f"import:{which}"]["peak_gib"] for r in rounds)
        print(
            f"{label:14} imported in {whole:5.2f} s, peak {peak:.2f} GiB; fastexcel's parse of "
            f"whole files alone takes {parse:5.2f} s, {parse / whole:.0%} of that"
        )


def run_step(step: str, folder: Path) -> None:
    start = time.perf_counter()
    if step.startswith("make:"):
        make(folder, step.removeprefix("make:").split(","))
    elif step == "make-exports":
        make_exports(folder)
    elif step in EXPORT_STEPS:
        EXPORT_STEPS[step](folder)
    elif step.startswith("check:"):
        check(folder, step.removeprefix("check:"))
    else:
        STEPS[step](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "peak_gib": peak}))


def measure(step: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", action="store_true")
    parser.add_argument("--exports", action="store_true")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.step, arguments.folder)
        return
    if arguments.exports:
        with tempfile.TemporaryDirectory() as name:
            time_exports(Path(name))
        return
    formats = ["csv", "sav", "dta", "xlsx"] if arguments.formats else ["csv"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(f"make:{','.join(formats)}", folder)
        size = (folder / "survey.csv").stat().st_size / 1e6
        print(f"{N:,} respondents, {N_COLUMNS} columns, {size:.0f} MB of CSV; median of {REPEATS}")
        # The steps take turns, so that other work on the machine slows them equally.
        rounds = [{step: measure(step, folder) for step in STEPS} for _ in range(REPEATS)]
        base = statistics.median(r["polars"]["seconds"] for r in rounds)
        for step, label in (
            ("polars", "polars.read_csv, same columns"),
            ("read", "doxa: read, check, count"),
            ("import", "doxa: import with Parquet and manifest"),
        ):
            seconds = statistics.median(r[step]["seconds"] for r in rounds)
            peak = max(r[step]["peak_gib"] for r in rounds)
            print(f"{label:40} {seconds:6.2f} s  {seconds / base:5.2f} x  peak {peak:.2f} GiB")
        for kind in formats:
            result = measure(f"check:{kind}", folder)
            seconds, peak = result["seconds"], result["peak_gib"]
            print(f"{kind:5} read and counted in {seconds:6.2f} s, peak {peak:.2f} GiB")


if __name__ == "__main__":
    main()
