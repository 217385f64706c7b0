from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.files.saving import ENDINGS, save_table, with_lists_as_json
from doxa.files.tables import read_csv, read_parquet
from doxa.outside.quoting import from_cells

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pl.DataFrame(
    {
        "text": ["=1+1", 'say "yes", or\nno', None, "-2"],
        "n": [-1.5, 2.0, None, 0.0],
        "codes": [[1, 2], [], None, [None]],
        "words": [["=a", '"'], ["\\"], None, [None]],
    }
)


def test_every_format_keeps_everything(tmp_path: Path) -> None:
    for ending in ENDINGS:
        save_table(TABLE, tmp_path / "new" / f"a{ending}")
    assert read_parquet(tmp_path / "new" / "a.parquet").equals(TABLE)
    lines = (tmp_path / "new" / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == TABLE.to_dicts()
    cells = from_cells(read_csv(tmp_path / "new" / "a.csv"))
    assert cells["text"].to_list() == TABLE["text"].to_list()
    assert cells["n"].cast(pl.Float64).equals(TABLE["n"])
    for name in ("codes", "words"):
        read = [None if text is None else json.loads(text) for text in cells[name]]
        assert read == TABLE[name].to_list()


def test_lists_are_json_and_other_columns_stay() -> None:
    written = with_lists_as_json(TABLE)
    assert written["codes"].to_list() == ["[1,2]", "[]", None, "[null]"]
    assert written.drop("codes", "words").equals(TABLE.drop("codes", "words"))


FULL = """
import resource, signal, sys
import polars as pl
from pathlib import Path
from doxa.files.saving import save_table
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
table = pl.DataFrame({"text": [str(n * n) for n in range(50_000)]})
try:
    save_table(table, Path(sys.argv[1]))
except OSError as error:
    print(str(error).count("\\n"), type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits as POSIX has them")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_is_one_line_and_leaves_the_file_as_it_was(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("before", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "0"
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
