"""How far a run is, read from its store while others write it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import DoxaError, StoreError
from doxa.prompt import FORM
from doxa.run.parts import gaps
from doxa.run.progress import Advance
from doxa.run.saved import experiment_of
from doxa.run.shard import NOTE
from doxa.store import Cell, Store
from doxa.store.lease import leased_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.files.lock import Holder
    from doxa.store.work import Work

__all__ = ["Status", "read_status"]

_WAY: Final = tuple(name for name in Cell._fields if name not in ("question", *FORM, "draw"))
_WORKERS: Final = {
    "worker": pl.String(),
    "replies": pl.Int64(),
    "a_second": pl.Float64(),
    "last_reply": pl.Float64(),
    "state": pl.String(),
}


@dataclass(frozen=True, slots=True, eq=False)
class Status:
    """How far a run is.

    Parameters
    ----------
    advance : Advance
        The replies that are there, of those that are asked for, and the pace.
    statuses : dict of str to int
        The replies by their status, the most frequent first.
    by_condition : polars.DataFrame
        A row for each model, condition and elicitation: `asked`, `replies`, and `failed`, those of
        them that are no distribution.
    workers : polars.DataFrame
        A row for each process that asked, or each of its workers: `worker`, `replies`, `a_second`,
        `last_reply` (seconds ago) and `state`.
    processes : list of Holder
        The living processes that write the run.
    last_reply : float or None
        Seconds since the last reply came; None if none did, or an older version asked.
    lacks : list of str
        Which parts of the experiment the run does not hold, a line each.
    differing : int
        Further replies to requests that have one, from runs that were merged.
    notices : list of str
        What else is to be known, a line each.
    """

    advance: Advance
    statuses: dict[str, int]
    by_condition: pl.DataFrame
    workers: pl.DataFrame
    processes: list[Holder]
    last_reply: float | None
    lacks: list[str]
    differing: int
    notices: list[str]


def read_status(file: Path) -> Status:
    """Read how far a run is; nothing is written, and whoever writes it is not disturbed.

    The replies are counted, and not verified as `doxa.store.check.check_store` does.

    Parameters
    ----------
    file : pathlib.Path
        The run's store.

    Raises
    ------
    StoreError
        The store is missing, damaged, or of another program.
    """
    now = time.time()
    elsewhere = leased_to(file)
    if elsewhere is not None and not file.exists():
        raise StoreError(
            f"{file} is asked by {elsewhere}, and nothing of it was copied here yet: try again in "
            "half a minute"
        )
    with Store.read(file) as store:
        counted = pl.DataFrame(
            store.counts(_WAY),
            schema=dict.fromkeys((*_WAY, "status"), pl.String) | {"n": pl.Int64},
            orient="row",
        )
        work, processes, notes = store.work(), store.writers(), store.metadata
        differing, notices = store.n_differing(), store.notices
    if elsewhere is not None:
        age = now - file.stat().st_mtime
        notices = [*notices, f"as it was copied here {age:.0f} s ago, while it is asked elsewhere"]
        processes = [*processes, elsewhere]
    rows = [_worker(one, now, elsewhere) for one in work]
    paces = [row[2] for row in rows if row[-1] == "asking" and row[2] is not None]
    replies = counted.filter(pl.col("status").is_not_null())
    by_status = (
        replies.group_by("status").agg(pl.col("n").sum()).sort("n", "status", descending=True)
    )
    done = int(replies["n"].sum())
    return Status(
        Advance(done, _total(counted, notes, file), sum(paces) if paces else None),
        dict(by_status.iter_rows()),
        counted.group_by(_WAY, maintain_order=True).agg(
            asked=pl.col("n").sum(),
            replies=pl.col("n").filter(pl.col("status").is_not_null()).sum(),
            failed=pl.col("n").filter(pl.col("status") != "ok").sum(),
        ),
        pl.DataFrame(rows, schema=_WORKERS, orient="row"),
        processes,
        max(0.0, now - max(one.last for one in work)) if work else None,
        gaps(notes),
        differing,
        notices,
    )


def _worker(
    work: Work, now: float, elsewhere: Holder | None
) -> tuple[str, int, float | None, float, str]:
    process = work.process
    if elsewhere is not None and elsewhere.process == work.number:
        process = elsewhere
    is_asking = process is not None
    name = work.worker or (
        f"process {process.process} on {process.host}" if process is not None else "a process"
    )
    # a worker that is silent for long gets slower by it; one that has ended does not
    seconds = (now if is_asking else work.last) - work.began
    pace = work.replies / seconds if seconds > 0 else None
    return name, work.replies, pace, max(0.0, now - work.last), "asking" if is_asking else "ended"


def _total(counted: pl.DataFrame, notes: Mapping[str, str], file: Path) -> int:
    """Return the number of replies asked for: also of models and shards that are not listed yet."""
    listed = int(counted["n"].sum())
    try:
        experiment = experiment_of(notes, str(file))
    except DoxaError:
        return listed  # begun a moment ago, or by an older version
    if NOTE not in notes:
        return max(listed, experiment.size * len(experiment.models))
    # a shard asks each model the same
    each = counted.group_by("model").agg(pl.col("n").sum())["n"]
    return listed + max(0, len(experiment.models) - each.len()) * int(each.max() or 0)  # type: ignore[arg-type]
