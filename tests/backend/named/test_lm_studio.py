from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from model_stores import lm_studio_model

from doxa.backend.named.lm_studio import folders, locate_lm_studio, repositories
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

REPO = "lmstudio-community/Tiny-GGUF"


@pytest.mark.parametrize("place", [".lmstudio", ".cache/lm-studio"])
def test_a_model_is_found_in_either_folder(home: Path, place: str) -> None:
    file = lm_studio_model(home / place / "models", f"{REPO}/Tiny-Q8_0.gguf", b"GGUF")
    lm_studio_model(home / place / "models", f"{REPO}/mmproj-Tiny-F16.gguf", b"GGUF")
    found = locate_lm_studio(REPO.lower(), print)
    assert (found.file, found.name) == (file, "Tiny-Q8_0")
    assert found.origin == {"source": "LM Studio", "repository": REPO, "file": "Tiny-Q8_0.gguf"}


def test_the_home_may_be_pointed_at_and_the_models_be_elsewhere(home: Path, tmp_path: Path) -> None:
    (home / ".lmstudio-home-pointer").write_text(f"{tmp_path}/studio\n")
    lm_studio_model(tmp_path / "studio" / "models", f"{REPO}/a.gguf", b"GGUF")
    lm_studio_model(tmp_path / "large", f"{REPO}/b.gguf", b"GGUF")
    assert folders() == [tmp_path / "studio" / "models"]
    settings = tmp_path / "studio" / "settings.json"
    settings.write_text(json.dumps({"downloadsFolder": f"{tmp_path}/large"}))
    assert folders() == [tmp_path / "large", tmp_path / "studio" / "models"]
    assert locate_lm_studio(REPO, print).name == "b"
    for text in ("{", "[]", "{}", '{"downloadsFolder": 1}'):
        settings.write_text(text)
        assert folders() == [tmp_path / "studio" / "models"]


def test_one_of_several_files_is_named_by_file_or_quantisation(home: Path) -> None:
    models = home / ".lmstudio" / "models"
    for kind in ("Q2_K", "Q8_0", "Q6_K"):
        lm_studio_model(models, f"{REPO}/Tiny-{kind}.gguf", b"GGUF")
    for n in (1, 2):
        lm_studio_model(models, f"{REPO}/big/Tiny-F16-{n:05d}-of-00002.gguf", b"GGUF")
    assert locate_lm_studio(f"{REPO}/Tiny-Q2_K.gguf", print).name == "Tiny-Q2_K"
    assert locate_lm_studio(f"{REPO}/q6_k", print).name == "Tiny-Q6_K"
    assert locate_lm_studio(REPO, print).name == "Tiny-Q8_0"
    found = locate_lm_studio(f"{REPO}/F16", print)
    assert (found.name, found.file.name) == ("Tiny-F16", "Tiny-F16-00001-of-00002.gguf")
    (found.file.parent / "Tiny-F16-00002-of-00002.gguf").unlink()
    with pytest.raises(ModelError, match="1 are missing"):
        locate_lm_studio(f"{REPO}/F16", print)
    with pytest.raises(ModelError, match=r"lmstudio:\S+ has no Q5_K: there are"):
        locate_lm_studio(f"{REPO}/Q5_K", print)


def test_an_unknown_name_says_what_is_near(home: Path) -> None:
    with pytest.raises(ModelError, match="there is no folder of LM Studio here"):
        locate_lm_studio(REPO, print)
    lm_studio_model(home / ".lmstudio" / "models", f"{REPO}/a.gguf", b"GGUF")
    assert list(repositories()) == [REPO]
    with pytest.raises(ModelError, match=f"near it is {REPO}; doxa models lists"):
        locate_lm_studio("lmstudio-comunity/Tiny", print)
    with pytest.raises(ModelError, match="no model lmstudio:x: "):
        locate_lm_studio("x", print)
