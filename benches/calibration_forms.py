"""Check the coverage of intervals for a model whose answers depend on how it is asked.

    python benches/calibration_forms.py [--trials 2000] [--people 400]

The model favours the option shown first, and each wording, surface, instruction and label style of
an item shifts its answers. The truth is the alignment of its answers averaged over all 144 forms of
an item. Every trial draws items, the forms in which each is asked and, in some lines, people; and
asks `doxa.score_batch` for an interval. Each block of trials has its own seed. The table is
Markdown, for docs/explanation/uncertainty.md.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from calibration_populations import (
    NEARNESS,
    OPTIONS,
    Hits,
    alignment,
    blocks,
    head,
    item_population,
    line,
)  # fmt: skip

from doxa.score import score_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

EFFECTS = ((3, 1.0), (6, 0.5), (4, 0.3))
"""Wordings, surfaces, instructions with label styles: how many, and the share of the shift."""

ALL_ITEMS = 200_000
CHUNK = 4_000


class Model(NamedTuple):
    """How a model depends on the form."""

    place: float
    """Mean share of the answers that goes to the option shown first."""
    shift: float
    """Standard deviation of what a wording adds to the logarithm of a share."""


KINDS = {
    "order and wording": Model(0.3, 0.5),
    "order alone": Model(0.3, 0.0),
    "wording alone": Model(0.0, 0.5),
}


def answers(
    random: np.random.Generator, n: int, noise: tuple[float, float], kind: Model
) -> tuple[Array, Array]:
    """Return answers (n, 72, 2, OPTIONS) by form but for the order, and order; and the people's."""
    model, human = item_population(random, n, noise)
    logits = np.log(model + 1e-3)[:, None, None, None, :]
    for axis, (levels, part) in enumerate(EFFECTS):
        shape = [n, 1, 1, 1, OPTIONS]
        shape[axis + 1] = levels
        logits = logits + part * kind.shift * random.normal(size=shape)
    shares = np.exp(logits).reshape(n, -1, 1, OPTIONS)
    shares /= shares.sum(axis=-1, keepdims=True)
    first = np.clip(kind.place * (1 + random.normal(size=(n, 1, 1, 1)) / 3), 0, 0.95)
    places = np.eye(OPTIONS)[[0, -1]]
    return (1 - first) * shares + first * places, human


def truth(noise: tuple[float, float], kind: Model) -> float:
    """Align the average over all forms of very many items."""
    random = np.random.default_rng(1)
    scores = []
    for _ in range(ALL_ITEMS // CHUNK):
        forms, human = answers(random, CHUNK, noise, kind)
        scores.append(alignment(forms.mean(axis=(1, 2)), human).mean())
    return float(np.mean(scores))


def asked(random: np.random.Generator, forms: Array, n_forms: int, *, one_order: bool) -> Array:
    """Draw the forms of each item, (n, units, forms of a unit, OPTIONS)."""
    n, rests = forms.shape[:2]
    n_units = n_forms if one_order else max(n_forms // 2, 1)
    chosen = random.permuted(np.tile(np.arange(rests), (n, 1)), axis=1)[:, :n_units]
    found: Array = forms[np.arange(n)[:, None], chosen]
    return found[:, :, :1] if one_order else found


WAYS: tuple[tuple[str, int, str], ...] = (
    ("order and wording", 1, "items"),
    ("order and wording", 2, "items"),
    ("order and wording", 4, "items"),
    ("order and wording", 4, "items + forms"),
    ("order and wording", 4, "items + forms, each alone"),
    ("order and wording", 8, "items"),
    ("order and wording", 8, "items + forms"),
    ("order and wording", 8, "items + forms, each alone"),
    ("order alone", 1, "items"),
    ("order alone", 2, "items"),
    ("wording alone", 1, "items"),
    ("wording alone", 2, "items"),
    ("wording alone", 2, "items + forms"),
)
"""How the model depends on the form, number of forms, and what is drawn again."""


def interval(units: Array, human: Array, size: int, people: int, way: str, seed: int) -> Any:
    """Ask for the intervals of `size` trials."""
    sources = ["items"]
    options: dict[str, Any] = {}
    if "forms" in way:
        sources.append("forms")
        alone = way.endswith("alone")
        options["model_forms"] = (
            units.reshape(len(units), -1, OPTIONS) if alone else units.mean(axis=2)
        )
    if people:
        sources.append("respondents")
        options["human_n"] = np.full(len(human), people)
    return score_batch(
        units.mean(axis=(1, 2)), human, groups=np.repeat(np.arange(size), len(units) // size),
        resample=sources, seed=seed, **options,
    ).groups  # fmt: skip


def table(trials: int, people: int) -> None:
    """Print the coverage of every way of asking."""
    head(
        f"A model that depends on the form{f', {people} people' if people else ''}",
        "depends on", "items", "model", "forms", "drawn again",
        "coverage %", "truth below %", "truth above %", "mean width",
    )  # fmt: skip
    truths: dict[tuple[str, str], float] = {}
    for n_items in (36, 144):
        for name in ("0.85", "0.93"):
            for kind, n_forms, way in WAYS:
                if people and (kind != "order and wording" or "alone" in way):
                    continue
                noise, model = NEARNESS[name], KINDS[kind]
                if (name, kind) not in truths:
                    truths[name, kind] = truth(noise, model)
                draw, hits = np.random.default_rng(n_items), Hits()
                for seed, size in blocks(trials):
                    forms, human = answers(draw, n_items * size, noise, model)
                    one_order = n_forms == 1 or kind == "wording alone"
                    units = asked(draw, forms, n_forms, one_order=one_order)
                    if people:
                        human = draw.multinomial(people, human) / people
                    found = interval(units, human, size, people, way, seed)
                    hits.add(found["low"], found["high"], truths[name, kind])
                drawn = way.replace("items", "items + respondents") if people else way
                line(kind, n_items, name, n_forms, drawn, *hits.cells())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--people", type=int, default=400, help="trials with 1,000 people")
    options = parser.parse_args()
    start = time.process_time()
    table(options.trials, 0)
    table(options.people, 1000)
    print(f"\n({time.process_time() - start:.0f} s of processor time)", flush=True)


if __name__ == "__main__":
    main()
