from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from tiny_models import random_model, requests

from doxa.backend import Answer, Workload, gguf, worker
from doxa.backend.child import Child, CrashError
from doxa.backend.worker import Worker
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OPTIONS = {"name": "x", "threads": 1, "gpu_layers": 0, "parallel": 1, "context_length": None}


def test_a_model_is_loaded_prepared_and_asked() -> None:
    everything = requests(range(2))
    work = Worker()
    [told] = work.answer(("load", random_model(), OPTIONS))
    assert told["trained"] == 4096
    assert json.loads(json.dumps(told)) == told
    for piece in (everything[:2], everything[2:]):
        assert list(work.answer(("expect", piece))) == []
    [counted] = work.answer(("prepare",))
    assert Workload(*counted).requests == len(everything)
    answers = [Answer(*fields) for fields in work.answer(("ask", [[one] for one in everything]))]
    assert [len(answer.log_probabilities) for answer in answers] == [10, 0, 0] * 2
    # another model takes its place
    [told] = work.answer(("load", random_model(context=512), OPTIONS))
    assert told["trained"] == 512
    [counted] = work.answer(("prepare",))
    assert Workload(*counted) == Workload()
    assert work._model is not None
    work._model.close()


def test_a_model_is_quantised(tmp_path: Path) -> None:
    target = tmp_path / "q8.gguf"
    assert list(Worker().answer(("quantize", random_model(), target, "Q8_0"))) == []
    assert gguf.check(target) == target


def test_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr(worker, "serve", served.append)
    worker.main()
    assert served[0].__name__ == "answer"


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a file with bytes or a number changed in its header, a piece copied, or cut off."""
    data = bytearray(content)
    reach = chance.choice((400, 4000, 14_000))
    place = chance.randrange(reach)
    match chance.choice(("bytes", "number", "piece", "cut")):
        case "bytes":
            for _ in range(chance.choice((1, 2, 8))):
                data[chance.randrange(reach)] = chance.randrange(256)
        case "number":
            number = chance.choice((0, 1 << 20, 2**31 - 1, 2**31, 2**32 - 1))
            data[place : place + 4] = number.to_bytes(4, "little")
        case "piece":
            source, size = chance.randrange(reach), chance.randrange(1, 64)
            data[place : place + size] = data[source : source + size]
        case "cut":
            del data[chance.randrange(len(data)) :]
    return bytes(data)


def test_damaged_files_are_told_in_one_line_each(tmp_path: Path) -> None:
    chance = random.Random(2026)
    content = random_model().read_bytes()
    file = tmp_path / "damaged.gguf"
    found = {"whole": 0, "refused": 0, "crashed": 0}
    said = []
    child = Child("doxa.backend.worker")
    for _ in range(400):
        file.write_bytes(damaged(content, chance))
        try:
            [told] = child.ask(("load", file, OPTIONS))
            if told["trained"] >= 512:
                for fields in child.ask(("ask", [requests([1])[:1]])):
                    assert Answer(*fields).finish in ("stop", "error")
            found["whole"] += 1
        except ModelError as error:
            found["refused"] += 1
            said.append(str(error))
        except CrashError as crash:
            found["crashed"] += 1
            said.append(str(crash))
            child = Child("doxa.backend.worker")
    child.close()
    assert min(found.values()) > 0, found
    assert not [line for line in said if "\n" in line]
