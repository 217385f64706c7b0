"""`doxa ask`: options, servers, replay, mistakes."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from scripted_server import Script, completion, failing, scripted
from tiny_models import random_model

from doxa.cli import advancing
from doxa.cli.commands import COMMANDS
from doxa.distribution import model_distributions
from doxa.elicit import ElicitationSettings
from doxa.prompt import FORM
from doxa.questionnaire import QuestionBank
from doxa.run import Cluster
from doxa.run import ask as ask_here
from doxa.run.experiment import Experiment
from doxa.store import Store

from . import shell

if TYPE_CHECKING:
    from collections.abc import Callable

    Doxa = Callable[..., tuple[int, str, str]]

BANK = QuestionBank.load()
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "asking.md"
MODEL = ("--model", str(random_model()))
SMALL = ("--questions", "Q1,Q57", "--examples", "0", "--fast")


def replies(run: Path) -> pl.DataFrame:
    with Store.read(run / "replies.sqlite") as store:
        return store.replies()


def test_a_dry_run_counts_and_keeps_nothing(doxa: Doxa, tmp_path: Path) -> None:
    run = tmp_path / "run"
    asked = ("ask", *MODEL, *SMALL, "--out", str(run))
    status, out, err = doxa(*asked, "--dry-run", "--prices", "2,8")
    assert (status, err) == (0, "")
    assert not run.exists()
    assert out.startswith(
        "4 cells a model: 1 conditions, 2 items in 1 form each, logprobs, verbalized\n"
    )
    assert f"{random_model().stem}: 4 replies to ask for, 0 known" in out
    assert re.search(r"time           about \d+ s\n", out)
    assert doxa(*asked)[0] == 0
    found = replies(run)
    assert f"prompt tokens  {found['prompt_tokens'].sum():,} (" in out
    assert f"{found['prompt_tokens'].max():,} in the longest prompt" in out
    [written] = map(int, re.findall(r"reply tokens   (\d+) at most", out))
    assert written >= found["completion_tokens"].sum()
    [cost] = map(float, re.findall(r"cost           ([\d.]+) at most", out))
    assert cost == pytest.approx((2 * found["prompt_tokens"].sum() + 8 * written) / 1e6, abs=1e-4)
    assert "0 replies to ask for, 4 known" in doxa(*asked, "--dry-run")[1]


def test_a_dry_run_sends_a_server_nothing(doxa: Doxa, tmp_path: Path) -> None:
    with scripted((200, {}, completion("{}"))) as address:
        asked = ("ask", "--model", "m", "--server", address, *SMALL, "--out", str(tmp_path / "run"))
        status, out, _ = doxa(*asked, "--dry-run", "--prices", "1,1")
        assert status == 0
        assert Script.seen == []
    assert "prompt tokens  about" in out
    assert "cost" in out
    assert "time" not in out


def test_every_option_is_saved_with_the_run_and_the_file_does_the_same(
    doxa: Doxa, tmp_path: Path
) -> None:
    options = (
        *("--languages", "en,es", "--steering", "none,persona", "--targets", "COL"),
        *("--questions", "Q1", "--option-orders", "listed,reversed", "--labels", "letters"),
        *("--examples", "1", "--wave", "6", "--elicit", "verbalized,sampling", "--free"),
        *("--draws", "2", "--temperature", "0.5", "--parallel", "2", "--threads", "1"),
        *("--gpu-layers", "0", "--context-length", "4000"),
    )
    run, file = tmp_path / "run", tmp_path / "experiment.toml"
    assert doxa("ask", *MODEL, *options, "--out", str(run))[0] == 0
    assert doxa("export", str(run), "--out", str(file))[0] == 0
    asked = Experiment.from_toml(file, bank=BANK)
    assert asked.settings == ElicitationSettings("free", draws=2, temperature=0.5)
    assert asked.engine.options() == {
        "parallel": 2,
        "threads": 1,
        "gpu_layers": 0,
        "context_length": 4000,
    }
    assert len(asked.conditions) == 2 * 2 * 2
    assert {(c.wave, c.label_style, c.n_examples) for c in asked.conditions} == {(6, "letters", 1)}
    first = replies(run)
    assert first.height == 8 * (1 + 2)
    status, _, err = doxa("ask", "--experiment", str(file), "--out", str(run))
    assert (status, replies(run).equals(first)) == (0, True), err


def test_options_replace_what_a_file_says(doxa: Doxa, tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text('models = ["absent.gguf"]\nitems = 3\nn_examples = 0\n[settings]\ndraws = 7\n')
    asked = ("ask", "--experiment", str(file), *MODEL, "--draws", "2", "--elicit", "sampling")
    status, out, err = doxa(*asked, "--out", str(tmp_path / "run"), "--dry-run")
    assert status == 0, err
    assert out.startswith("12 cells a model")


def test_four_forms_keep_the_first_two_and_the_score_is_their_average(
    doxa: Doxa, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    asked = ("ask", *MODEL, "--questions", "Q1,Q57,Q149", "--examples", "0", "--out", str(run))
    asked = (*asked, "--elicit", "logprobs")
    status, _, err = doxa(*asked, "--fast")
    assert (status, replies(run).height) == (0, 3)
    assert "each item was asked in one form" in err
    status, _, err = doxa(*asked)
    assert (status, replies(run).height) == (0, 6)
    assert "in one form" not in err
    assert doxa(*asked, "--forms", "4")[0] == 0
    found = replies(run)
    assert found.height == 12
    assert found["request_key"].n_unique() == 12
    forms = found.group_by("question").agg(n=pl.struct(FORM).n_unique())
    assert forms["n"].to_list() == [4, 4, 4]
    shares = model_distributions(found, BANK)
    assert shares["n_forms"].to_list() == [4, 4, 4]
    for question, codes, mean in shares.select("question", "codes", "probabilities").iter_rows():
        each = found.filter(question=question)
        whole = each["codes"].to_list()[0]
        rows = [[p[whole.index(code)] for code in codes] for p in each["probabilities"]]
        means = [sum(column) / 4 for column in zip(*rows, strict=True)]
        assert mean == pytest.approx([value / sum(means) for value in means])
    status, out, _ = doxa(*asked, "--forms", "4", "--dry-run")
    assert out.startswith("12 cells a model")
    assert "3 items in 4 forms each" in out
    assert "0 replies to ask for, 12 known" in out


def test_a_cluster_is_asked_where_one_is_named(
    doxa: Doxa,
    fails: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named: list[Cluster | None] = []

    def asks(experiment: Experiment, *values: Any, **options: Any) -> None:
        named.append(experiment.cluster)
        ask_here(experiment, *values, **options)

    monkeypatch.setattr("doxa.cli.asking.ask_on_cluster", asks)
    asked = ("ask", *MODEL, *SMALL, "--elicit", "logprobs", "--out", str(tmp_path / "run"))
    assert doxa(*asked)[0] == 0
    assert named == []
    where = ("--cluster", "head:6379", "--gpus-per-worker", "0.5", "--cpus-per-worker", "3")
    assert doxa(*asked, *where, "--workers", "2", "--mixed")[0] == 0
    assert doxa(*asked, "--cluster", "local", "--workers", "auto")[0] == 0
    assert named == [Cluster("head:6379", 2, 0.5, 3, mixed=True), Cluster("local")]
    fails(*asked, *where, "--workers", "many", says="--workers many: give a number, or auto")
    fails(*asked, "--workers", "2", says="cluster: no address: give a text")


def test_a_recorded_run_is_read_again(doxa: Doxa, tmp_path: Path) -> None:
    one, again = tmp_path / "one", tmp_path / "again"
    assert doxa("ask", *MODEL, *SMALL, "--out", str(one))[0] == 0
    assert doxa("ask", "--replay", str(one), "--out", str(again))[0] == 0
    assert replies(again).equals(replies(one))
    store = str(one / "replies.sqlite")
    status, _, err = doxa("ask", "--replay", store, "--questions", "Q2", "--out", str(again))
    assert status == 1
    assert re.search("request .* was not recorded: ask with the settings of the recorded", err)
    assert replies(again).equals(replies(one))


def test_replies_that_were_corrected_are_counted(doxa: Doxa, tmp_path: Path) -> None:
    whole, rounded = completion('{"1": 60, "2": 40}'), completion('{"1": 60.5, "2": 40}')
    run = str(tmp_path / "run")
    asked = ("ask", "--model", "m", "--questions", "Q57,Q149", "--elicit", "verbalized", "--fast")
    with scripted((200, {}, whole), (200, {}, rounded)) as address:
        _, _, err = doxa(*asked, "--examples", "0", "--server", address, "--out", run)
    assert "2 ok\n1 of the ok ones were corrected, or something in them was odd" in err
    assert replies(tmp_path / "run")["reason"].to_list() == ["", "divided by their sum 100.5"]


def test_what_was_answered_before_a_server_fails_is_kept(
    doxa: Doxa, fails: Callable[..., None], tmp_path: Path
) -> None:
    good = (200, {}, completion('{"A": 60, "B": 40}'))
    run = str(tmp_path / "run")
    asked = ("ask", "--model", "m", "--questions", "Q57,Q149", "--labels", "letters")
    asked = (*asked, "--elicit", "verbalized", "--examples", "0", "--fast", "--out", run)
    with scripted(good, failing(401)) as address:
        fails(*asked, "--server", address, says="refuses the API key")
        kept = replies(tmp_path / "run")
        assert kept["status"].to_list() == ["ok"]
        Script.replies = [good]
        status, _, err = doxa(*asked, "--server", address, "--parallel", "2")
        assert "2 ok" in err
        assert (status, len(Script.seen)) == (0, 3)
    assert replies(tmp_path / "run")[:1].equals(kept)


def test_a_slow_server_is_told_of_in_words_until_it_answers(
    doxa: Doxa, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(advancing, "EVERY", 0.1)
    asked = ("ask", "--model", "m", "--questions", "Q57,Q149", "--labels", "letters", "--fast")
    asked = (*asked, "--elicit", "verbalized", "--examples", "0", "--out", str(tmp_path / "run"))
    with scripted((200, {}, completion('{"A": 60, "B": 40}'))) as address:
        Script.delay = 1.0
        status, _, err = doxa(*asked, "--server", address)
    assert status == 0
    told = [line for line in err.splitlines() if line.startswith("asking: ")]
    waiting = "asking: 0 of 2 replies; the first new one is under way, "
    assert sum(line.startswith(waiting) for line in told) > 1
    assert any(
        re.fullmatch(r"asking: 1 of 2 replies, [0-9.]+ a (second|minute), about \d+ s left", line)
        for line in told
    )
    assert told[-1].startswith("asking: 2 of 2 replies")


class TestOneLineAndExitStatus1:
    @pytest.fixture
    def ask(self, fails: Callable[..., None], tmp_path: Path) -> Callable[..., None]:
        def call(*arguments: str, says: str) -> None:
            fails("ask", *SMALL, "--out", str(tmp_path / "run"), *arguments, says=says)

        return call

    def test_files_that_are_not_models(self, ask: Callable[..., None], tmp_path: Path) -> None:
        text, cut = tmp_path / "text.gguf", tmp_path / "cut.gguf"
        text.write_text("hello")
        cut.write_bytes(random_model().read_bytes()[:100_000])
        ask("--model", str(text), says=r"text\.gguf is not a GGUF file")
        ask("--model", str(cut), says=r"cut\.gguf cannot be loaded: .*")
        ask("--model", str(tmp_path / "no.gguf"), says=r"no\.gguf cannot be read: no such file")
        assert not list(tmp_path.rglob("*.sqlite*"))

    def test_a_context_that_is_too_small(self, ask: Callable[..., None]) -> None:
        small = str(random_model(context=64))
        ask("--model", small, says=r"a prompt of \d+ tokens .* exceeds the 64 tokens")
        ask(*MODEL, "--context-length", "50", says="exceeds the 50 tokens")
        ask(*MODEL, "--context-length", "9999", says="was trained for 1 to 4096 tokens")

    def test_names_that_are_unknown(self, ask: Callable[..., None]) -> None:
        ask(*MODEL, "--languages", "xx", says="no language 'xx': there are")
        ask(*MODEL, "--labels", "runes", says="no label style 'runes'")
        ask(*MODEL, "--surfaces", "runes", says="no surface 'runes': there are plain, typos")
        ask(*MODEL, "--wordings", "z", says="wordings: English has no 'z': it has a, b, c")
        ask(*MODEL, "--forms", "2", says="--fast and --forms 2: --fast is one form")
        ask(*MODEL, "--steering", "hypnosis", says="hypnosis")
        ask(*MODEL, "--steering", "persona", "--targets", "Japan", says="Japan")
        ask(*MODEL, "--questions", "Q9999", says="Q9999")
        ask(says="no models")
        ask(*MODEL, "--retry", "all", says="--retry all: write --retry failed")
        ask(*MODEL, "--prices", "cheap", "--dry-run", says="--prices cheap: give two numbers")
        ask(*MODEL, "--threads", "0", says="threads = 0: give a whole number from 1")
        ask(*MODEL, "--temperature", "0.0001", says="temperature = 0.0001")
        ask(*MODEL, "--reasoning", "long", says="reasoning 'long': write off, or the most tokens")
        greedy = ("--elicit", "sampling", "--temperature", "0")
        ask(*MODEL, *greedy, says="temperature = 0 and sampling")

    def test_a_target_without_data(self, ask: Callable[..., None]) -> None:
        steering = ("--steering", "few-shot", "--targets", "FRA", "--examples", "1")
        ask(*MODEL, *steering, says="0 items can be examples for FRA in wave 7")

    def test_another_form_in_an_old_run(self, doxa: Doxa, ask: Callable[..., None],
                                        tmp_path: Path) -> None:  # fmt: skip
        asked = ("ask", *MODEL, "--questions", "Q1", "--fast", "--out", str(tmp_path / "run"))
        assert doxa(*asked, "--examples", "1")[0] == 0
        ask(*MODEL, says="n_examples = 1 in en, .* this experiment has 0: give it another folder")
        assert replies(tmp_path / "run")["status"].to_list() == ["ok", "ok"]

    def test_a_server_that_is_down_or_refuses(
        self, ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = ("--model", "m", "--server")
        ask(*model, "http://127.0.0.1:9/v1", says="cannot be reached: start it")
        ask(*model, "", says="--server has no address: write it like")
        ask(*model, "localhost:8080/v1", says="cannot be read: write it like http://")
        ask(*model, "http://127.0.0.1:9/v1", "--threads", "2", says="takes no threads")
        ask(*model, "http://127.0.0.1:9/v1", "--replay", "runs/x", says="give one of them")
        ask(*model, "http://x/v1", "--api-key-env", "NO_KEY", says="environment has no NO_KEY")
        monkeypatch.setenv("WRONG_KEY", "wrong")
        with scripted(failing(401)) as address:
            ask(*model, address, "--api-key-env", "WRONG_KEY", says="API key: correct WRONG_KEY")
        with scripted((200, {}, completion("1"))) as address:
            ask(*model, address, "--elicit", "logprobs", says="gives no log-probabilities: elicit")

    def test_a_run_that_was_not_recorded(self, ask: Callable[..., None], tmp_path: Path) -> None:
        ask("--replay", str(tmp_path), says="no run at")


def test_a_shard_says_that_it_is_one(
    doxa: Doxa, fails: Callable[..., None], tmp_path: Path
) -> None:
    run = tmp_path / "x-2"
    asked = ("ask", *MODEL, *SMALL, "--elicit", "logprobs", "--out", str(run))
    status, out, _ = doxa(*asked, "--shard", "2/2", "--dry-run")
    assert status == 0
    assert out.splitlines()[0].endswith("; shard 2 of 2")
    assert f"{random_model().stem}: 1 replies to ask for, 0 known" in out
    status, _, err = doxa(*asked, "--shard", "2/2")
    assert (status, replies(run).height) == (0, 1)
    assert err.splitlines()[-1].startswith("this is shard 2 of 2: when all are there, join them")
    fails(*asked, "--shard", "1/2", says="holds shard 2/2 of an experiment: this is shard 1/2, or")
    fails(*asked, "--shard", "3/2", says="--shard 3/2: write which part and of how many")
    for command in (("statuses", str(run)), ("export", str(run), "--out", str(tmp_path / "r.csv"))):
        assert ": this is shard 2 of 2: join them with" in doxa(*command)[2]
    assert "not known: what this run lacks: this is shard 2 of 2" in doxa("score", str(run))[2]


def test_the_page_on_asking_names_every_option_and_no_other() -> None:
    commands = [COMMANDS[name].build(name) for name in ("ask", "export", "statuses", "check")]
    parameters = [parameter for command in commands for parameter in command.params]
    options = {option for one in parameters for option in (*one.opts, *one.secondary_opts)}
    known = {option for option in options if option.startswith("--")} - {"--json"}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE.read_text(encoding="utf-8")))
    # of other commands and programs
    others = {"--no-cache-dir", "--from", "--json", "--reasoning-budget"}
    others |= {"--run", "--resample", "--table"}
    assert named - others == known


def test_the_file_on_the_page_on_asking_is_read() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    asked = Experiment.from_table(tomllib.loads(block), bank=BANK)
    assert len(asked.conditions) == (2 + 1) * 2 * 2 * 2
    assert len(asked.items) == 40
    assert asked.engine.options()["context_length"] == 2048


def test_asking_again_asks_nothing(run: Path, tiny: Path) -> None:
    before = replies(run)
    asked = ("--questions", "Q1,Q46,Q57", "--fast")
    again = shell.doxa("ask", "--model", str(tiny), "--out", str(run), *asked)
    assert again.returncode == 0
    assert "18 ok" in again.stderr
    assert replies(run).equals(before)


def test_ctrl_c_keeps_the_replies_and_the_same_command_goes_on(tiny: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "doxa", "ask", "--model", str(tiny)]
    command += ["--questions", "130", "--languages", "ja", "--fast", "--out", str(tmp_path / "run")]
    asking = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    store = tmp_path / "run" / "replies.sqlite"
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not _replies(store):
        time.sleep(0.1)
    asking.send_signal(signal.SIGINT)
    _, trouble = asking.communicate(timeout=60)
    assert asking.returncode == 130, trouble
    assert "every reply so far is kept" in trouble
    kept = _replies(store)
    assert 0 < kept < 260
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert "260 ok" in done.stderr


def _replies(store: Path) -> int:
    if not store.exists():
        return 0
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        try:
            (n,) = connection.execute("SELECT count(*) FROM replies").fetchone()
        except sqlite3.Error:
            n = 0
    connection.close()
    return int(n)


def test_a_slow_build_of_llama_cpp_is_told_before_the_model_is_asked(tmp_path: Path) -> None:
    patched = "from doxa.outside import processor; processor.flags = lambda: {'i8mm'}"
    (tmp_path / "sitecustomize.py").write_text(patched)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = shell.started("ask", *MODEL, *SMALL, "--out", str(tmp_path / "run"), PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    first = done.stderr.splitlines()[0]
    assert first.startswith("llama.cpp was built without this processor's MATMUL_INT8")
    assert "pip install" in first
