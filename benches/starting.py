"""Time what is felt: the help, the first word of a run, scores, every table, a report.

    python benches/starting.py [--run runs/demo]
    python benches/starting.py --whole [--recorded ../shared/oracle/responses.parquet]

Each is a process of its own, as a user starts it, and they take turns. The demonstration's run is
made by ``make demo``, and not scored if it is not there; the recorded replies are those of a
published study.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kept import keep
from race import Race, table

if TYPE_CHECKING:
    from race import Timing

ROOT = Path(__file__).parents[1]
EVERY = """
import sys
from doxa.evaluate import evaluate
from doxa.evaluate.tables import make_tables
make_tables(evaluate(sys.argv[1]))
"""


def call(*arguments: object) -> None:
    """Run Python and wait for its end."""
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode())


def first_line() -> None:
    """Begin the demonstration and stop it at the first line that it writes."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.Popen(
            [sys.executable, "-m", "doxa", "demo", "--small", "--out", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert run.stderr is not None
        run.stderr.readline()
        run.send_signal(signal.SIGINT)
        run.communicate()


def commands(run: Path) -> list[Timing]:
    race = Race("commands")
    race.add("doxa --help", partial(call, "-m", "doxa", "--help"))
    race.add("import doxa", partial(call, "-c", "import doxa"))
    race.add("first line of a run", first_line)
    if run.exists():
        race.add("doxa score", partial(call, "-m", "doxa", "score", run))
    return race.run(rounds=9, budget=60.0)


def whole(recorded: Path) -> list[Timing]:
    race = Race("every table")
    with tempfile.TemporaryDirectory() as folder:
        page = ["--out", Path(folder, "report.html"), "--tables", Path(folder, "tables")]
        page += ["--figures", Path(folder, "figures")]
        race.add("make_tables", partial(call, "-c", EVERY, recorded))
        race.add(
            "doxa report --tables --figures",
            partial(call, "-m", "doxa", "report", "--from", recorded, *page),
        )
        return race.run(rounds=3, budget=60.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "demo")
    parser.add_argument(
        "--recorded", type=Path, default=ROOT.parent / "shared" / "oracle" / "responses.parquet"
    )
    parser.add_argument("--whole", action="store_true", help="time every table and the report")
    chosen = parser.parse_args()
    timings = whole(chosen.recorded) if chosen.whole else commands(chosen.run)
    print(table(timings))
    keep("starting", timings=timings)


if __name__ == "__main__":
    main()
