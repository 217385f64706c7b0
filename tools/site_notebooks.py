"""The tutorials: scripts in the percent format, which are notebooks, and what running them showed.

A cell starts with ``# %%``; one of text with ``# %% [markdown]``, one of shell commands with
``# %% language="bash"``, both as comments. Jupyter opens such scripts through jupytext.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

__all__ = ["NOTEBOOKS", "Notebook"]

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTEBOOKS = sorted((DOCS / "tutorials").glob("*.py"))
SECONDS = 600
"""The most that one cell may take."""
_SHELL = "%%bash\n"
_PLAIN_SHELL = "%%script env -u FORCE_COLOR -u CLICOLOR_FORCE TERM=dumb COLUMNS=100 bash -e\n"
"""A shell that ends at the first failure, in which programs draw no progress and no colours."""


@dataclass(frozen=True)
class Notebook:
    """A tutorial.

    Attributes
    ----------
    name : str
        Its file's name, without an ending.
    content : NotebookNode
        Its cells, with what they showed once it was run.
    """

    name: str
    content: Any

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a script."""
        import jupytext

        return cls(path.stem, jupytext.read(path, fmt="py:percent"))

    def run(self) -> Self:
        """Run its cells in an empty folder; a cell that fails ends the build."""
        from nbclient import NotebookClient

        shells = [cell for cell in self.content.cells if cell.source.startswith(_SHELL)]
        for cell in shells:
            cell.source = cell.source.replace(_SHELL, _PLAIN_SHELL, 1)
        with tempfile.TemporaryDirectory() as folder:
            NotebookClient(
                self.content,
                timeout=SECONDS,
                kernel_name="python3",
                extra_arguments=["--log-level=ERROR"],
                resources={"metadata": {"path": folder}},
            ).execute()
        for cell in shells:
            cell.source = cell.source.replace(_PLAIN_SHELL, _SHELL, 1)
        return self

    def pages(self) -> dict[str, str | bytes]:
        """Return the page, its pictures, and the notebook without what was shown."""
        import jupytext

        place = f"tutorials/{self.name}"
        found: dict[str, str | bytes] = {}
        text = []
        for number, cell in enumerate(self.content.cells):
            if cell.cell_type == "markdown":
                text.append(cell.source)
                continue
            shell = cell.source.startswith(_SHELL)
            source = cell.source.removeprefix(_SHELL)
            text.append(f"```{'sh' if shell else 'python'}\n{source}\n```")
            for output in _joined(cell.outputs):
                shown, picture = _shown(output, f"{self.name}-{number}.png")
                text.append(shown)
                if picture:
                    found[f"tutorials/{self.name}-{number}.png"] = picture
            cell.outputs, cell.execution_count = [], None
        note = f"[This page as a notebook]({self.name}.ipynb); it was run when the page was made."
        text.insert(1, note)
        found[f"{place}.md"] = "\n\n".join(text) + "\n"
        found[f"{place}.ipynb"] = jupytext.writes(self.content, fmt="ipynb")
        return found


def _joined(outputs: list[Any]) -> list[Any]:
    """Put together what a cell wrote to one stream in several pieces."""
    joined: list[Any] = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined


def _shown(output: Any, picture: str) -> tuple[str, bytes]:
    """Return one output as Markdown, and the bytes of its picture if it is one."""
    import base64

    if output.output_type == "stream":
        title = ' title="on stderr"' if output.name == "stderr" else ""
        return f"```{{.text{title}}}\n{output.text.strip()}\n```", b""
    data = output.data
    if "image/png" in data:
        return f"![]({picture})", base64.b64decode(data["image/png"])
    if "text/html" in data:
        return f'<div class="shown" markdown="0">\n{data["text/html"]}\n</div>', b""
    return f"```text\n{data['text/plain']}\n```", b""
