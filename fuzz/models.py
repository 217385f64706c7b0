"""Load model files with damaged headers, as a run would; `make fuzz` calls it.

Seeded mutations, not coverage: the header is read by llama.cpp, in a child process. Whatever the
bytes say, the model loads or one of doxa's own errors comes, in one line and within a minute.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import tiny_gguf

from doxa.backend.llama_cpp import LlamaCpp
from doxa.errors import DoxaError

EXTREMES = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
LONGEST = 60.0


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Change a few places of the header, or cut the file."""
    out = bytearray(data)
    header = min(len(out), 4096)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(4, header - 8)
        change = dice.randrange(5)
        if change == 0:
            out[at] ^= 1 << dice.randrange(8)
        elif change == 1:
            out[at] = dice.randrange(256)
        elif change == 2:
            out[at : at + 8] = dice.choice(EXTREMES).to_bytes(8, "little")
        elif change == 3:
            del out[at : at + dice.randint(1, 16)]
        else:
            del out[dice.randrange(8, len(out)) :]
            out.extend(bytes(max(0, header - len(out))))
    return bytes(out)


def load(file: Path) -> str:
    """Load a model file; return what came of it."""
    started, said = time.monotonic(), ""
    try:
        LlamaCpp(file).close()
    except DoxaError as error:
        said = str(error)
    assert "\n" not in said, said
    assert time.monotonic() - started < LONGEST, said
    return "refused" if said else "loaded"


def main() -> None:
    """Load files until the time is up, and count what came of them."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        sound, file = Path(folder, "sound.gguf"), Path(folder, "damaged.gguf")
        tiny_gguf.write_random(sound, tiny_gguf.byte_words())
        data, end = sound.read_bytes(), time.monotonic() + given.seconds
        while time.monotonic() < end:
            seed = given.seed + outcomes.total()
            file.write_bytes(mutated(data, random.Random(seed)))
            try:
                outcomes[load(file)] += 1
            except Exception:
                print(f"seed {seed}", file=sys.stderr)
                raise
    print(f"model files with damaged headers: {dict(outcomes)}")


if __name__ == "__main__":
    main()
