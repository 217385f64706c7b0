from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import chisquare
from tiny_gguf import write_bigram
from tiny_models import bigram, log_probability, random_model, token, words

from doxa.backend.replay import Replay
from doxa.distribution import model_distributions
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError, ModelError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask, run
from doxa.run.experiment import Experiment
from doxa.run.saved import saved_experiment
from doxa.store import DisplacedError, Store
from doxa.survey import sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from doxa.backend import Answer, Request

BANK = QuestionBank.load()
HUMAN = sample()
CONDITIONS = (
    Condition("en", n_examples=1),
    Condition("en", "few-shot", "JPN", n_examples=1),
)
UNTIMED = pl.exclude("seconds")


def experiment(*models: Path, **changes: object) -> Experiment:
    values: dict[str, object] = {
        "conditions": CONDITIONS,
        "items": ("Q1", "Q42", "Q57", "Q164"),
        "elicitations": ("logprobs", "verbalized", "sampling"),
        "settings": ElicitationSettings(draws=2),
    }
    paths = tuple(map(str, models or (random_model(),)))
    return Experiment(models=paths, **{**values, **changes})  # type: ignore[arg-type]


def finished(path: Path) -> pl.DataFrame:
    with Store.read(path) as store:
        return store.replies().select(UNTIMED)


def undisturbed(path: Path) -> pl.DataFrame:
    ask(experiment(), path, bank=BANK, human=HUMAN)
    return finished(path)


def test_every_cell_is_answered_once_and_scores(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ask(
        experiment(),
        tmp_path / "run",
        bank=BANK,
        human=HUMAN,
        progress=lambda *counts: seen.append(counts[:2]),
    )
    replies = finished(tmp_path / "run")
    assert replies.height == 2 * 4 * (1 + 1 + 2)
    assert seen[0] == (0, 32)
    assert seen[-1] == (32, 32)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    sure = replies.filter(pl.col("elicitation") != "sampling")
    assert sure["status"].unique().to_list() == ["ok"]
    for row in sure.iter_rows(named=True):
        assert row["codes"] == list(BANK.items[row["question"]].scale.all_codes)
    shares = model_distributions(replies, BANK)
    assert shares.filter(pl.col("elicitation") == "logprobs").height == 8


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    first = undisturbed(tmp_path / "run")
    seen: list[tuple[int, int]] = []
    ask(
        experiment(),
        tmp_path / "run",
        bank=BANK,
        human=HUMAN,
        progress=lambda *counts: seen.append(counts[:2]),
    )
    assert set(seen) == {(32, 32)}
    assert finished(tmp_path / "run").equals(first)


@pytest.mark.parametrize("stop", [1, 2, 7, 19, 31])
def test_interrupted_and_resumed_gives_the_same_bits(tmp_path: Path, stop: int) -> None:
    expected = undisturbed(tmp_path / "whole")

    def interrupt(done: int, total: int, seconds: float) -> None:  # noqa: ARG001
        if done == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(experiment(), tmp_path / "run", bank=BANK, human=HUMAN, progress=interrupt)
    assert finished(tmp_path / "run").height == stop
    ask(experiment(), tmp_path / "run", bank=BANK, human=HUMAN)
    assert finished(tmp_path / "run").equals(expected)


def test_replay_repeats_a_run(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path / "run")
    with Store.open(tmp_path / "run") as store, Store.open(tmp_path / "again") as again:
        replay = Replay(*store.recording(random_model().stem))
        run(experiment(), replay, again, bank=BANK, human=HUMAN)
        assert again.replies().select(UNTIMED).equals(expected)
        with pytest.raises(ModelError, match="was not recorded"):
            run(experiment(items=("Q2",)), replay, again, bank=BANK, human=HUMAN)


def test_models_take_turns(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ask(
        experiment(random_model(), bigram(), elicitations=("logprobs",)),
        tmp_path / "run",
        bank=BANK,
        human=HUMAN,
        progress=lambda *counts: seen.append(counts[:2]),
    )
    replies = finished(tmp_path / "run")
    assert replies["model"].unique(maintain_order=True).to_list() == [
        random_model().stem,
        bigram().stem,
    ]
    assert seen[-1] == (16, 16)


def test_the_experiment_is_saved_with_the_run(tmp_path: Path) -> None:
    asked = experiment(items=("Q1",))
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    with Store.open(tmp_path / "run") as store:
        saved = store.metadata["experiment"]
    (tmp_path / "saved.toml").write_text(saved)
    assert Experiment.from_toml(tmp_path / "saved.toml", bank=BANK, human=HUMAN) == asked


def test_a_run_goes_on_with_another_experiment_but_not_with_another_form(tmp_path: Path) -> None:
    path = tmp_path / "run"
    first = experiment(items=("Q1",), elicitations=("logprobs",))
    more = experiment(items=("Q1", "Q2"), elicitations=("logprobs",))
    for asked in (first, more, first, more):
        ask(asked, path, bank=BANK, human=HUMAN)
    bare = experiment(items=("Q1",), conditions=(Condition("en", n_examples=0),))
    with pytest.raises(ExperimentError, match="n_examples = 1 in en, steering 'none'"):
        ask(bare, path, bank=BANK, human=HUMAN)
    with Store.open(path) as store:
        notes = store.metadata
        assert set(store.conditions().values()) == set(CONDITIONS)
    assert notes == {"experiment": more.to_toml(), "experiment 1": first.to_toml(),
                     "experiment 2": more.to_toml()}  # fmt: skip
    assert finished(path).height == 4


def test_another_file_of_the_same_name_is_asked_anew(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(random_model().read_bytes())
    asked = experiment(model, elicitations=("logprobs",), items=("Q1", "Q2"))
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    first = finished(tmp_path / "run")
    model.write_bytes(bigram().read_bytes())
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    second = finished(tmp_path / "run")
    assert second.height == first.height == 4
    assert not set(first["request_key"]) & set(second["request_key"])


def test_what_was_asked_in_other_words_is_asked_again_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    for name in ("items.toml", "countries.toml", "en.toml"):
        text = (BANK.path / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("how happy are you", "are you happy"), "utf-8")
    older = QuestionBank.load(folder)
    said: list[str] = []
    asked = experiment(
        conditions=CONDITIONS[:1], elicitations=("logprobs",), items=("Q46", "Q42", "Q57")
    )
    ask(asked, tmp_path / "run", bank=older, human=HUMAN, told=said.append)
    first = finished(tmp_path / "run")
    assert said == []
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN, told=said.append)
    assert said == [
        f"{random_model().stem}: 1 of 3 replies are asked for again: their prompts, the settings "
        "or the model's file changed since"
    ]
    second = finished(tmp_path / "run")
    assert second.height == first.height == 3
    changed = second.join(first, on="request_key", how="anti")
    assert changed["question"].to_list() == ["Q46"]


def test_an_example_is_never_asked_with_its_answer_in_sight(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="item Q32 is shown as an example"):
        ask(experiment(items=("Q1", "Q32")), tmp_path / "run", bank=BANK, human=HUMAN)


def answered(path: Path) -> dict[str, str]:
    with Store.open(path) as store:
        return store.statuses()


def test_failed_draws_are_drawn_anew_on_request(tmp_path: Path) -> None:
    asked = experiment(elicitations=("sampling",), settings=ElicitationSettings(draws=4))
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    first = finished(tmp_path / "run")
    bad = first.filter(pl.col("status") != "ok")
    assert bad.height > 0
    before = answered(tmp_path / "run")
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN, retry_failed=True)
    second = finished(tmp_path / "run")
    assert second.height == first.height
    kept = first.filter(pl.col("status") == "ok")
    assert set(kept["request_key"]) <= set(second["request_key"])
    assert not set(bad["request_key"]) & set(second["request_key"])
    assert before.items() <= answered(tmp_path / "run").items()
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    assert finished(tmp_path / "run").equals(second)


def test_stated_retries_happen_by_themselves_and_never_at_temperature_0(tmp_path: Path) -> None:
    asked = experiment(
        elicitations=("sampling", "verbalized"),
        items=("Q1",),
        settings=ElicitationSettings(verbalized="free", max_tokens=4, draws=3, retries=2),
    )
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    replies = finished(tmp_path / "run")
    assert replies.height == 2 * (3 + 1)
    greedy = replies.filter(pl.col("elicitation") == "verbalized")
    assert greedy["status"].unique().to_list() == ["truncated"]
    with Store.open(tmp_path / "run") as store:
        attempts = store.attempts()
    assert {cell.elicitation for cell in attempts} == {"sampling"}
    assert max(attempts.values()) <= 2


def test_a_run_on_a_model_whose_probabilities_are_known(tmp_path: Path) -> None:
    """Every prompt ends in a colon and a space, and a token depends only on the one before it."""
    ask(experiment(bigram(), elicitations=("logprobs",)), tmp_path / "run", bank=BANK, human=HUMAN)
    replies = finished(tmp_path / "run")
    assert replies.height == 8
    for row in replies.iter_rows(named=True):
        labels = [str(label + 1) for label in range(len(row["codes"]))]
        exact = [math.exp(log_probability("bytes", ":", list(f" {one}"))) for one in labels]
        if len(labels) == 10:
            exact[0] -= exact[9]
        shares = [share / sum(exact) for share in exact]
        assert row["probabilities"] == pytest.approx(shares, abs=1e-3)
        assert row["off_option_mass"] == pytest.approx(1 - sum(exact), abs=1e-3)


def test_draws_in_a_sequence_follow_the_model(tmp_path: Path) -> None:
    """After a comma or the prompt's space comes a digit, after a digit a comma."""
    size = words("bytes").size
    logits = np.full((size, size), -30, np.float32)
    shares = {"1": 0.4, "2": 0.3, "3": 0.15, "4": 0.05, "7": 0.1}
    for digit, share in shares.items():
        logits[[token("bytes", " "), token("bytes", ",")], token("bytes", digit)] = math.log(share)
        logits[token("bytes", digit), token("bytes", ",")] = 0
    model = tmp_path / "digits.gguf"
    write_bigram(model, logits, words("bytes"), chat=False)
    asked = experiment(model, elicitations=("sequence",), items=("Q1", "Q2"),
                       settings=ElicitationSettings(draws=200))  # fmt: skip
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    replies = finished(tmp_path / "run")
    assert replies["status"].to_list() == ["ok"] * 4
    taken = np.array(replies["n_draws"])
    counts = np.array(replies["probabilities"].to_list()).T @ taken
    observed = [*counts, 800 - counts.sum()]
    assert replies["off_option_mass"].to_list() == pytest.approx(list(1 - taken / 200))
    # the seed is fixed, so this test always gives the same result
    assert chisquare(observed, [800 * share for share in shares.values()]).pvalue > 0.001
    pooled = model_distributions(replies, BANK)
    assert sorted(pooled["n_replies"]) == sorted(taken)


def test_what_is_sent_is_kept_with_the_reply(tmp_path: Path) -> None:
    asked = experiment(
        bigram(),
        elicitations=("logprobs", "logprobs-calibrated", "sequence"),
        settings=ElicitationSettings(draws=3),
    )
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    with Store.open(tmp_path / "run") as store:
        sent, replies, examples = store.sent(), store.replies(), store.examples()
    assert sent["request_key"].to_list() == replies["request_key"].to_list()
    assert sent["user"].str.contains("Answer 3 times").sum() == 8
    assert sent["baseline_user"].str.contains("N/A").sum() == 8
    assert examples == {"Q32"}


def test_calibrated_scores_are_those_over_the_baseline(tmp_path: Path) -> None:
    asked = experiment(bigram(), elicitations=("logprobs", "logprobs-calibrated"), items=("Q1",))
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    replies = finished(tmp_path / "run")
    calibrated = replies.filter(pl.col("elicitation") == "logprobs-calibrated")
    assert calibrated["status"].to_list() == ["ok", "ok"]
    # for a bigram model all prompts end alike, so calibration removes all preferences
    even = pytest.approx([0.25] * 4, abs=1e-6)
    for shares in calibrated["probabilities"]:
        assert list(shares) == even


def test_a_recorded_run_can_be_asked_again_by_what_it_saved(tmp_path: Path) -> None:
    asked = experiment(bigram(), elicitations=("logprobs",))
    ask(asked, tmp_path / "run", bank=BANK, human=HUMAN)
    table = saved_experiment(tmp_path / "run")
    with Store.read(tmp_path / "run") as store:
        assert table["models"] == [card.model for card in store.cards()]
    assert "engine" not in table
    again = Experiment.from_table(
        table | {"engine": {"backend": "replay", "recording": str(tmp_path / "run")}},
        bank=BANK,
        human=HUMAN,
    )
    assert (again.conditions, again.items) == (asked.conditions, asked.items)
    ask(again, tmp_path / "again", bank=BANK, human=HUMAN)
    same = finished(tmp_path / "again").drop("backend")
    assert same.equals(finished(tmp_path / "run").drop("backend"))


class UnderWay(Replay):
    """Asks two requests before it gives the first answer; the store's file goes meanwhile."""

    path: Path

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        waiting = []
        for request in requests:
            waiting.append(request)
            if len(waiting) == 8:
                self.path.unlink()
            if len(waiting) >= 8:
                yield from super().ask([waiting.pop(0)])
        yield from super().ask(waiting)


def test_when_the_file_goes_no_more_is_asked_and_nothing_that_came_is_lost(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path / "run")
    with Store.read(tmp_path / "run") as store:
        backend = UnderWay(*store.recording(random_model().stem))
    backend.path = tmp_path / "again"
    said: list[str] = []
    gone = pytest.raises(DisplacedError, match=r"again was removed .* kept in .*again-rescued")
    with gone, Store.open(backend.path) as store:
        run(experiment(), backend, store, bank=BANK, human=HUMAN, told=said.append)
    assert said == ["the run's file is gone: waiting only for the replies under way"]
    kept = finished(tmp_path / "again-rescued")
    assert kept.height == 9  # three items of three requests
    assert kept.equals(expected[:9])
    (tmp_path / "again-rescued").rename(backend.path)
    ask(experiment(), backend.path, bank=BANK, human=HUMAN)
    assert finished(backend.path).equals(expected)


def test_a_wait_for_another_process_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doxa.run.loop._NOTICE", 0.1)
    undisturbed(tmp_path / "run")
    with Store.read(tmp_path / "run") as store:
        backend = Replay(*store.recording(random_model().stem))
        [key, *_] = store.replies()["request_key"]
    said: list[str] = []
    with Store.open(tmp_path / "again") as other, Store.open(tmp_path / "again") as store:
        other.claim([key])

        def told(line: str) -> None:
            said.append(line)
            other.release()

        run(experiment(), backend, store, bank=BANK, human=HUMAN, told=told)
    assert len(said) == 1
    assert said[0].startswith("waiting for 1 replies that are asked for by process ")
