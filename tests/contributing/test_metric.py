"""A metric, added in a copy of the core, which is then built anew."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from contributing.tree import ROOT, Tree, assert_as_the_guide_says

if TYPE_CHECKING:
    from pathlib import Path

TWIN = "tests/score/test_metrics.py"


@pytest.mark.skipif(not shutil.which("cargo"), reason="there is no cargo to build the core with")
def test_a_metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(tmp_path, "rust", "Cargo.toml", "Cargo.lock", TWIN, "pyproject.toml")
    table = "rust/metric/table.rs"
    tree.insert(
        table,
        before="    /// 1 where the two share a most likely option, else 0.\n",
        text="""    /// Σ min(p, q).
    Overlap needs VARIATION: Properties {
        name: "overlap",
        identity: 1.0,
        ..DISTANCE
    };
""",
    )
    tree.insert(
        table,
        before="            Self::ModeMatch => each(",
        text="            Self::Overlap => each(out, |l| 1.0 - 0.5 * s.variation[l]),\n",
    )
    tree.insert(
        TWIN,
        before='        "mode_match": float(',
        text='        "overlap": float(np.minimum(p, q).sum()),\n',
    )
    # What the core depends on is compiled already where the core's own tests have run.
    monkeypatch.setenv("CARGO_TARGET_DIR", str(ROOT / "target"))
    monkeypatch.setenv("PYO3_PYTHON", sys.executable)
    tree.run("cargo", "build", "--quiet", "--features", "python")
    [built] = [
        ROOT / "target/debug" / name
        for name in ("libdoxa_core.so", "libdoxa_core.dylib", "doxa_core.dll")
        if (ROOT / "target/debug" / name).is_file()
    ]
    shutil.copy(built, next((tree.folder / "python/doxa").glob("_core.*.so")))
    code = "import doxa; print(doxa.score_batch([[0.3, 0.7]], [[0.5, 0.5]], metrics='overlap')"
    assert float(tree.run(sys.executable, "-c", f"{code}.scores['overlap'][0])")) == 0.8
    held = tree.run(sys.executable, "-m", "pytest", "-q", "-k", "overlap", TWIN)
    assert " passed" in held
    assert "failed" not in held
    assert_as_the_guide_says(tree, "a metric")
