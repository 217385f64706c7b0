"""Try an installed doxa with nothing but itself: scores, commands, a report.

Run it with the Python of an environment that has doxa and no extra: `python tools/smoke.py`.
`tools/try_dist.py` does so for a wheel or an sdist; the release does so on every platform.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# the folder of this file holds no module that doxa needs
sys.path.pop(0)

MODEL = [[0.1, 0.2, 0.3, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1], [0.2, 0.5, 0.3], [0.6, 0.4]]
HUMAN = [[0.2, 0.2, 0.2, 0.4], [0.4, 0.4, 0.2], [0.7, 0.3], [0.3, 0.3, 0.4], [0.5, 0.5]]
EXPECTED = (0.8966666666666667, 0.790382630723839, 0.9414615206944279)
"""Alignment and its interval: the same bits on every machine."""


def doxa(*arguments: str) -> str:
    """Run a command, and return what it prints."""
    command = [sys.executable, "-P", "-m", "doxa", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"doxa {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def scores() -> None:
    """Score arrays, with an interval."""
    import doxa as package

    assert doxa("--version") == f"doxa {package.__version__}\n"
    result = package.score_batch(MODEL, HUMAN, resample="items", seed=1)
    found = result.groups.select("estimate", "low", "high").row(0)
    assert found == EXPECTED, found
    try:
        package.score_batch([[0.5, 0.9]], [[0.5, 0.5]])
    except package.InvalidDistributionError:
        return
    sys.exit("shares that sum to 1.4 were taken")


def commands(folder: Path) -> None:
    """Score and report recorded replies, and examine the installation."""
    recorded, page = folder / "replies of a model.csv", folder / "report.html"
    with recorded.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "choice_keys", "response"])
        for item in ("Q57", "Q18", "Q19", "Q20"):
            rows.writerow([item, "['1', '2']", '{"1": "40%", "2": "60%"}'])
    lines = doxa("score", "--from", str(recorded), "--json").splitlines()
    assert len(lines) == 65, len(lines)
    doxa("report", "--from", str(recorded), "--out", str(page), "--resamples", "50")
    assert "vegaEmbed" in page.read_text(encoding="utf-8")
    assert "Japan" in doxa("survey", "show", "Q57", "--countries", "JPN")
    told = json.loads(doxa("doctor", "--json"))
    assert not [one for one in told["findings"] if one["kind"] == "broken"]
    print(f"doxa {told['doxa']} on Python {told['python']}, {told['system']}: {told['core']}")


def main() -> None:
    """Try everything."""
    scores()
    os.environ["PYTHONUTF8"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        commands(Path(folder))


if __name__ == "__main__":
    main()
