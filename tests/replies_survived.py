"""Ask a server that gives scripted replies, valid, odd and hostile, and count what became of them.

``python tests/replies_survived.py 10000`` prints the figures.
"""

from __future__ import annotations

import json
import logging
import math
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from odd_replies import KINDS, expected
from scripted_server import scripted

from doxa.backend.openai_server import OpenAIServer
from doxa.backend.server import connection
from doxa.backend.server.chat import messages_of
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run.experiment import Experiment
from doxa.run.loop import run
from doxa.run.task import tasks_of
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripted_server import Prepared, Raw

    from doxa.run.task import Task

BANK = QuestionBank.load()
ITEMS = tuple(name for name, item in BANK.items.items() if len(item.scale.all_codes) == 4)
TIMEOUT, TRIES = 1.5, 2
LONGEST = 30.0
"""Seconds without any reply that count as a hang; the machine of the tests may be busy."""


@dataclass
class Figures:
    """What became of the replies."""

    replies: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    tracebacks: int = 0
    longest_gap: float = 0.0
    seconds: float = 0.0
    megabytes: float = 0.0

    def lines(self) -> list[str]:
        by_kind: dict[str, dict[str, int]] = {}
        for (kind, status), n in sorted(self.kinds.items()):
            by_kind.setdefault(kind, {})[status] = n
        groups: Counter[str] = Counter()
        for kind, counts in by_kind.items():
            groups[KINDS[kind].group] += sum(counts.values())
        statuses: Counter[str] = Counter()
        for (_, status), n in self.kinds.items():
            statuses[status] += n
        return [
            *(
                f"{KINDS[kind].group:8} {kind:20} "
                + ", ".join(f"{n} {status}" for status, n in counts.items())
                for kind, counts in sorted(by_kind.items(), key=lambda one: KINDS[one[0]].group)
            ),
            *(f"PROBLEM  {problem}" for problem in self.problems),
            f"{self.replies} replies of {len(by_kind)} kinds: "
            + ", ".join(f"{n} {group}" for group, n in groups.items()),
            "statuses: " + ", ".join(f"{n} {status}" for status, n in statuses.most_common()),
            f"tracebacks {self.tracebacks}, numbers without status and other problems "
            f"{len(self.problems)}",
            f"hangs {int(self.longest_gap > LONGEST)}: {self.longest_gap:.1f} s was the longest "
            f"time without a reply; {self.seconds:.0f} s in all",
            f"peak memory of client and server together {self.megabytes:.0f} MB",
        ]


def experiment(n: int) -> Experiment:
    """Make an experiment of at least `n` cells."""
    elicitations = ("verbalized", "logprobs", "sampling")
    orders = range(math.ceil(n / len(ITEMS) / len(elicitations)))
    conditions = tuple(Condition("en", option_order=f"seed:{one}", n_examples=0) for one in orders)
    return Experiment(("m",), conditions, ITEMS, elicitations, ElicitationSettings(draws=1))


def survive(n: int, seed: int, folder: Path) -> Figures:
    """Ask about `n` requests and check every reply in the store."""
    figures = Figures()
    kinds = random.Random(seed).sample(list(KINDS), len(KINDS))
    weights = [KINDS[kind].weight for kind in kinds]

    bodies: dict[str, dict[str, Any]] = {}

    def kind_of(name: str) -> tuple[str, random.Random]:
        draw = random.Random(f"{seed} {name}")
        return draw.choices(kinds, weights)[0], draw

    def choose(asked: dict[str, Any]) -> Prepared | Raw:
        what = (
            "options" if "logprobs" in asked else "shares" if "response_format" in asked else "text"
        )
        name = f"{what} {json.dumps(asked['messages'])}"
        bodies[name] = asked
        kind, draw = kind_of(name)
        return KINDS[kind].make(draw, asked)

    last = start = time.monotonic()

    def tell(*_: object) -> None:
        nonlocal last
        figures.longest_gap = max(figures.longest_gap, time.monotonic() - last)
        last = time.monotonic()

    asked = experiment(n)
    with (
        scripted(choose=choose) as address,
        mock.patch.object(connection, "LONGEST_WAIT", 0.05),
        counting(figures),
    ):
        backend = OpenAIServer(
            "m",
            server=address,
            parallel=16,
            timeout=TIMEOUT,
            tries=TRIES,
            pause=0.01,
            allow_bounds=True,
        )
        try:
            with Store.open(folder / "run.sqlite") as store:
                run(asked, backend, store, bank=BANK, progress=tell)
                replies = {row["request_key"]: row for row in store.replies().iter_rows(named=True)}
        finally:
            backend.close()
        for task in tasks_of(asked, backend.card, bank=BANK):
            name = f"{task.request.kind} {json.dumps(messages_of(task.request.turn))}"
            figures.replies += 1
            if name not in bodies:
                continue  # the machine was too busy: its time was over before it could be read
            body, (kind, _) = bodies[name], kind_of(name)
            found = replies.get(task.key)
            figures.kinds[kind, found["status"] if found else "missing"] += 1
            figures.problems += (
                f"{kind}: {task.cell.elicitation}: {problem}"
                for problem in problems(kind, task, body, found)
            )
    figures.seconds = time.monotonic() - start
    figures.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


@contextmanager
def counting(figures: Figures) -> Iterator[None]:
    """Count exceptions that were caught where none should come, or by nobody."""

    def count(told: Any) -> bool:
        figures.tracebacks += getattr(told, "exc_info", True) is not None
        return True

    log = logging.getLogger("doxa")
    log.addFilter(count)
    with (
        mock.patch.object(log, "level", logging.DEBUG),
        mock.patch.object(threading, "excepthook", count),
        mock.patch.object(sys, "unraisablehook", count),
    ):
        yield
    log.removeFilter(count)


def problems(kind: str, task: Task, body: dict[str, Any], row: dict[str, Any] | None) -> list[str]:
    """Return what is wrong with a reply: no status, a wrong one, or numbers that are none."""
    if row is None:
        return ["no reply was stored"]
    status, shares = row["status"], row["probabilities"]
    found = []
    if status not in KINDS[kind].becomes:
        found.append(f"became {status}: {row['reason']}")
    if (status == "ok") != (shares is not None):
        found.append(f"{status} with probabilities {shares}")
    if status != "ok" and not row["reason"]:
        found.append(f"{status} without a reason")
    if shares is not None:
        if not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > 1e-6:
            found.append(f"shares {shares}")
        if KINDS[kind].group == "valid" or kind in ("stale", "floods"):
            by_code = dict(zip(row["codes"], shares, strict=True))
            wanted = distribution(expected(body))
            given = [by_code[code] for code in task.prompt.codes]
            if max(abs(a - b) for a, b in zip(given, wanted, strict=True)) > 1e-9:
                found.append(f"{given} in place of {wanted}")
    return found


def distribution(said: Any) -> list[float]:
    if isinstance(said, str):
        return [float(label == said) for label in "1234"]
    return [share / sum(said.values()) for share in said.values()]


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as place:
        found = survive(wanted, seed=15, folder=Path(place))
    print(*found.lines(), sep="\n")  # noqa: T201
    sys.exit(bool(found.problems or found.tracebacks) or found.longest_gap > LONGEST)
