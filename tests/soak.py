"""Random commands on random runs under random faults; no reply may be lost or changed.

`python tests/soak.py --seconds 1800 --seed 7`, or `make soak`, prints how many faults it survived.
One seed gives the same commands and faults, though not the same moments.
"""

from __future__ import annotations

import argparse
import http.server
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moody_server import Model

from doxa.errors import StoreError
from doxa.questionnaire import QuestionBank
from doxa.store import Store
from doxa.survey import read_counts, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    Reply = dict[str, Any]

ASK = (
    *("--model", "m", "--languages", "en,ja", "--steering", "none,persona", "--targets", "JPN"),
    *("--questions", "Q1,Q46,Q57", "--elicit", "verbalized,sampling", "--draws", "2", "--fast"),
)


class Soak:
    """Some runs and an import folder, what has been seen in them, and the faults so far."""

    def __init__(self, folder: Path, address: str, seed: int) -> None:
        self.folder, self.address = folder, address
        self.random = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()
        self.seen: dict[Path, dict[str, Reply]] = {}
        self.steps = 0
        self.truth = folder / "truth"
        self.command("ask", *ASK, "--server", address, "--out", self.truth)
        self.replies = replies(self.truth)
        self.scores = self.command("score", self.truth, "--json").stdout
        self.surveys = surveys(folder)
        self.command("survey", "import", *self.surveys, "--out", folder / "expected")
        self.human = counts(folder / "expected")
        self.imported: set[str] = set()
        self.runs = [folder / f"run{number}" for number in range(3)]

    # commands

    def start(self, *arguments: object, limit: int = 0) -> subprocess.Popen[str]:
        self.commands[" ".join(map(str, arguments[:1]))] += 1
        command = [sys.executable, "-m", "doxa", *map(str, arguments)]
        if limit:
            command = ["prlimit", f"--fsize={limit}", *command]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"OPENAI_API_KEY": "none", "COLUMNS": "200"},
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str], *allowed: int) -> tuple[str, str]:
        """Wait for a command; a failure of its own is one line, and never a traceback."""
        out, err = process.communicate(timeout=300)
        assert process.returncode in (allowed or (0,)), (process.args, process.returncode, err)
        # Ctrl-C while Python still imports is answered by Python itself
        early = err.endswith("KeyboardInterrupt\n") and "in _run_module_as_main" in err
        assert early or "Traceback" not in err, (process.args, err)
        if process.returncode == 1:
            assert [line.startswith("doxa: ") for line in err.splitlines()].count(True) == 1, err
        return out, err

    def command(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        out, err = self.end(process)
        return subprocess.CompletedProcess(process.args, 0, out, err)

    def ask(self, run: Path, *more: str, limit: int = 0) -> subprocess.Popen[str]:
        parallel = str(self.random.choice((1, 1, 2, 4)))
        source = ("--server", self.address, "--parallel", parallel)
        if self.random.random() < 0.2 and not more:
            source = ("--replay", str(self.truth))
            return self.start("ask", *source, "--out", run, limit=limit)
        return self.start("ask", *ASK, *source, *more, "--out", run, limit=limit)

    # what must always be true

    def look(self, run: Path) -> int:
        """Compare a run with the undisturbed one and with what was in it before."""
        found = replies(run)
        for key, reply in found.items():
            if reply["status"] != "error":
                assert same(reply, self.replies.get(key)), f"{run}: reply {key} is another"
        good = {key: reply for key, reply in found.items() if reply["status"] != "error"}
        before = self.seen.get(run, {})
        lost = before.keys() - good.keys()
        assert not lost, f"{run}: {len(lost)} of {len(before)} replies are lost"
        self.seen[run] = good
        return len(good)

    # steps

    def killed(self, run: Path) -> str:
        """Ask, and end the process at some moment, sometimes with a second one beside it."""
        which = self.random.choice(
            (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP)
        )
        both = self.random.random() < 0.3
        first = self.ask(run)
        second = self.ask(run) if both else None
        time.sleep(self.random.random() * 3.0)
        if first.poll() is None and (run / "replies.sqlite").exists():
            self.look(run)
        first.send_signal(which)
        if which == signal.SIGSTOP:
            time.sleep(self.random.random())
            first.send_signal(signal.SIGCONT)
            self.end(first, 0, 1)
        elif which == signal.SIGKILL:
            first.communicate(timeout=60)
        else:
            self.end(first, 0, 130, 143, -signal.SIGTERM, -signal.SIGINT)
        if second is not None:
            self.end(second, 0, 1)
            return f"{which.name} beside a second process"
        return which.name

    def moody(self, run: Path) -> str:
        """Ask a server that is slow, or that answers what no server should."""
        Model.mood = self.random.choice(("slow", "lying"))
        try:
            more = ("--retry", "failed") if self.random.random() < 0.5 else ()
            self.end(self.ask(run, *more), 0, 1)
            return f"{Model.mood} server"
        finally:
            Model.mood = "honest"

    def starved(self, run: Path) -> str:
        """Ask where files may not grow beyond some size."""
        self.end(self.ask(run, limit=self.random.randrange(20_000, 400_000)), 0, 1)
        return "no more room in a file"

    def full(self, run: Path) -> str:
        """Ask on a small disk; go on where there is room."""
        disk = self.folder / "disk"
        disk.mkdir(exist_ok=True)
        size = self.random.randrange(150, 400)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)]
        if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
            return ""
        try:
            try:
                shutil.copytree(run, disk / "run") if run.exists() else None
            except (OSError, shutil.Error):
                return ""
            process = self.ask(disk / "run")
            self.end(process, 0, 1)
            if (disk / "run" / "replies.sqlite").exists():
                self.seen[disk / "run"] = self.seen.get(run, {})
                self.look(disk / "run")
                shutil.rmtree(run, ignore_errors=True)
                shutil.copytree(disk / "run", run)
            return "full disk"
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=False)
            self.seen.pop(disk / "run", None)

    def gone(self, run: Path) -> str:
        """Remove or replace the file while it is written; put the rescued one in its place."""
        file = run / "replies.sqlite"
        process = self.ask(run)
        deadline = time.monotonic() + 2 + self.random.random() * 2
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.poll() is not None or not file.exists():
            self.end(process, 0, 1)
            return ""
        aside = run / "aside.sqlite"
        self.look(run)
        file.rename(aside)
        _, err = self.end(process, 0, 1)
        rescued = run / "replies-rescued.sqlite"
        if rescued.exists():
            assert "was removed while it was written" in err, err
            rescued.rename(file)
            aside.unlink()
        elif not file.exists():
            aside.rename(file)  # it had ended, or not yet begun to write
        else:
            aside.unlink()
        return "file removed in mid-run"

    def copied(self, run: Path) -> str:
        """Copy the main file alone in mid-run, and go on with the copy."""
        process = self.ask(run)
        time.sleep(1 + self.random.random() * 2)
        copy = self.folder / f"copy{self.steps}"
        copy.mkdir()
        name = ""
        if (run / "replies.sqlite").exists() and process.poll() is None:
            shutil.copy(run / "replies.sqlite", copy)
            name = "main file copied alone"
            try:
                self.look(copy)
            except StoreError as error:
                # copied in the middle of a checkpoint: told, and what is whole is recovered
                assert "doxa check" in str(error), error  # noqa: PT017
                recovered = self.start("check", copy, "--recover", self.folder / "recovered")
                self.end(recovered, 0, 1)
                shutil.rmtree(self.folder / "recovered", ignore_errors=True)
        self.end(process, 0, 1)
        self.seen.pop(copy, None)
        shutil.rmtree(copy)
        return name

    def read(self, run: Path) -> str:
        """Read a run in some way, also while it is written."""
        if not (run / "replies.sqlite").exists():
            return ""
        writer = self.ask(run) if self.random.random() < 0.3 else None
        out = self.folder / "out.parquet"
        way: tuple[object, ...] = self.random.choice(
            (
                ("check", run), ("statuses", run), ("export", run, "--out", out),
                ("score", run, "--json"), ("score", run, "--json"),
                ("report", run, "--resamples", "20", "--out", self.folder / "report.html"),
                ("compare", run, self.truth, "--resamples", "20"),
            )
        )  # fmt: skip
        is_whole = len(self.seen.get(run, {})) == len(self.replies)
        process = self.start(*way)
        # a run with too few replies may have nothing to score
        text, _ = self.end(
            process, *((0,) if is_whole or way[0] in ("check", "export") else (0, 1))
        )
        if is_whole and way[0] == "score":
            assert same_scores(text, self.scores), "another score than undisturbed"
        if writer is not None:
            self.end(writer, 0, 1)
            return "read while it is written"
        return ""

    def imports(self, _: Path) -> str:
        """Import surveys into one folder by one or two processes, and kill one of them."""
        out = self.folder / "human"
        some = self.random.sample(self.surveys, self.random.randint(1, 3))
        others = self.random.sample(self.surveys, self.random.randint(1, 3))
        processes = [
            self.start("survey", "import", *files, "--out", out) for files in (some, others)
        ]
        kill = self.random.random() < 0.5
        if kill:
            time.sleep(self.random.random() * 2.5)
            processes[0].kill()
        for index, process in enumerate(processes):
            if kill and index == 0:
                process.communicate(timeout=60)
            else:
                self.end(process, 0)
                self.imported |= {file.name for file in (some, others)[index]}
        countries = set(counts(out)["country"]) if self.imported else set()
        missing = {Path(name).stem for name in self.imported} - countries
        assert not missing, f"imported and not there: {missing}"
        return "import killed" if kill else "two imports at once"

    def step(self) -> None:
        self.steps += 1
        run = self.random.choice(self.runs)
        ways: tuple[Callable[[Path], str], ...] = (
            self.killed, self.killed, self.killed, self.moody, self.starved, self.full, self.gone,
            self.copied, self.read, self.read, self.imports,
        )  # fmt: skip
        fault = self.random.choice(ways)(run)
        if fault:
            self.faults[fault] += 1
        if (run / "replies.sqlite").exists() and self.look(run) == len(self.replies):
            if self.random.random() < 0.5:
                self.finish(run)
            shutil.rmtree(run)
            self.seen.pop(run)

    def finish(self, run: Path) -> None:
        """Let an honest server end a run, and compare every number."""
        self.end(self.ask(run, "--retry", "failed"), 0)
        assert self.look(run) == len(self.replies)
        self.command("check", run)
        assert same_scores(self.command("score", run, "--json").stdout, self.scores)

    def last(self) -> None:
        """Finish every run and import, undisturbed."""
        for run in self.runs:
            if run.exists():
                self.finish(run)
        if self.imported:
            out = self.folder / "human"
            self.command("survey", "import", *self.surveys, "--out", out)
            assert counts(out).equals(self.human)


def counts(folder: Path) -> pl.DataFrame:
    return read_counts(folder).sort("country", "question", "code")


def same(reply: Reply, expected: Reply | None) -> bool:
    if expected is None:
        return False
    return all(reply[name] == expected[name] for name in expected if name != "seconds")


def same_scores(text: str, expected: str) -> bool:
    return sorted(text.splitlines()) == sorted(expected.splitlines())


def replies(run: Path) -> dict[str, Reply]:
    with Store.read(run / "replies.sqlite") as store:
        return {row["request_key"]: row for row in store.replies().iter_rows(named=True)}


def surveys(folder: Path) -> list[Path]:
    items = QuestionBank.load().items
    files = []
    for country in ("JPN", "USA", "COL", "EGY", "KOR"):
        made = synthetic(40, items, countries=[country], seed=len(files))
        file = folder / f"{country}.csv"
        made.write_csv(file)
        files.append(file)
    return files


def soak(seconds: float, seed: int, *, steps: int = 1 << 30) -> str:
    """Disturb for some time, then finish everything undisturbed; return what was survived."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp(prefix="doxa-soak-"))
    address = f"http://127.0.0.1:{server.server_port}/v1"
    start = time.monotonic()
    world = Soak(folder, address, seed)
    try:
        while time.monotonic() - start < seconds and world.steps < steps:
            world.step()
        world.last()
    except BaseException:
        sys.stderr.write(f"seed {seed}, step {world.steps}; the files are in {folder}\n")
        raise
    finally:
        server.shutdown()
        server.server_close()
    shutil.rmtree(folder)
    faults = "\n".join(f"  {n:5}  {name}" for name, n in world.faults.most_common())
    commands = ", ".join(f"{n} {name}" for name, n in world.commands.most_common())
    return (
        f"seed {seed}: {world.faults.total()} faults in {time.monotonic() - start:.0f} s, no reply "
        f"lost or changed, every number as undisturbed\n{faults}\ncommands: {commands}\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.stdout.write(soak(given.seconds, given.seed))
