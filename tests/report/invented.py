"""A small run of one model, invented: ready frames, and an evaluation that holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from doxa.analysis import Settings
from doxa.evaluate import TABLES, Evaluation
from doxa.questionnaire import QuestionBank
from doxa.survey.counts import complete_counts

BANK = QuestionBank.load()
COUNTRIES = ("COL", "JPN", "USA")
CONDITIONS = (
    ("none", "en", ""),
    ("none", "es", ""),
    ("none", "ja", ""),
    ("persona", "es", "COL"),
    ("persona", "ja", "JPN"),
    ("persona", "en", "USA"),
    ("few-shot", "en", "JPN"),
)
FORM = "a/plain/a/listed/numbers"
ELICITATIONS = ("verbalized", "logprobs")
HOSTILE = "</script><script>window.hacked = 1</script><!-- <img src=x onerror='window.hacked=1'>"


def invented_frames() -> dict[str, pl.DataFrame]:
    """Invent the frames that an evaluation gives, and what it is made from."""
    generator = np.random.default_rng(7)
    items = [BANK.items[name] for name in BANK.spread(12)]
    frames = {
        "alignment": _alignment(generator),
        "replies": _replies(generator, items),
        "model_distributions": _model(generator, items),
        "human_distributions": _human(generator, items),
        "steering": _steering(generator),
        "prompts": _prompts(items),
    }
    return frames | {"counts": _counts(items)}


def evaluation_of(
    frames: dict[str, pl.DataFrame],
    *,
    settings: Settings | None = None,
    provenance: dict[str, str] | None = None,
    tables: dict[str, pl.DataFrame] | None = None,
) -> Evaluation:
    """Make an evaluation that holds these frames in place of what it would compute."""
    evaluation = Evaluation(
        replies=frames["replies"],
        prompts=frames["prompts"],
        counts=frames["counts"],
        bank=BANK,
        excluded=frozenset(),
        provenance=provenance or {"Seed": "0"},
        settings=settings or Settings(),
    )
    vars(evaluation).update(
        alignment=frames["alignment"],
        effects=frames["steering"],
        model_distributions=frames["model_distributions"],
        human_waves=frames["human_distributions"],
    )
    evaluation.tables.update(dict.fromkeys(TABLES, pl.DataFrame()))
    evaluation.tables.update(tables or {})
    return evaluation


def _counts(items: list[Any]) -> pl.DataFrame:
    counted = pl.DataFrame(
        [
            {"survey": "WVS", "wave": 7, "country": country, "question": item.id, "code": code,
             "n": 300.0, "weighted_n": 280.5, "n_effective": 1190.5}
            for country in COUNTRIES
            for item in items
            for code in item.scale.codes
        ]
    )  # fmt: skip
    return complete_counts(counted)


def _shares(generator: np.random.Generator, n: int) -> list[float]:
    shares = generator.dirichlet(np.full(n, 1.2))
    return [float(share) for share in shares / shares.sum()]


def _alignment(generator: np.random.Generator) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for elicitation in ELICITATIONS:
        for steering, language, target in CONDITIONS:
            for country in COUNTRIES:
                estimate = float(generator.uniform(0.66, 0.84))
                half = float(generator.uniform(0.02, 0.05))
                ceiling, baseline = 0.985, 0.86 + 0.03 * COUNTRIES.index(country)
                gap = estimate - baseline
                verdict = "under" if gap < -0.02 else "appropriate" if gap <= 0.02 else "over"
                rows.append(
                    {
                        "model": "tiny-model", "elicitation": elicitation, "language": language,
                        "steering": steering, "target": target, "group": "",
                        "reasoning": "off", "country": country, "wave": 7, "n_items": 12,
                        "estimate": estimate,
                        "low": estimate - half, "high": estimate + half, "std_error": half / 2,
                        "ceiling": ceiling, "baseline": baseline, "gap": gap,
                        "gap_low": gap - half, "gap_high": gap + half, "verdict": verdict,
                        "p_under": 0.9, "p_appropriate": 0.1, "p_over": 0.0,
                        "ceiling_share": estimate / ceiling, "uniform": 0.7,
                        "uniform_gap": estimate - 0.7,
                        "uniform_gap_low": estimate - half - 0.7,
                        "uniform_gap_high": estimate + half - 0.7,
                        "normalised": (estimate - 0.7) / (ceiling - 0.7),
                        "normalised_low": (estimate - half - 0.7) / (ceiling - 0.7),
                        "normalised_high": (estimate + half - 0.7) / (ceiling - 0.7),
                        "rounding": 0.0,
                        "resampled": "items",
                    }
                )  # fmt: skip
    return _ranked(pl.DataFrame(rows))


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """Rank the countries that unsteered ways of asking come close to."""
    within = ["elicitation", "language", "steering", "target"]
    rank = pl.col("estimate").rank("ordinal", descending=True).over(within).cast(pl.Int64)
    numbered = rows.with_columns(
        rank=rank, rank_low=(rank - 1).clip(1, 3), rank_high=(rank + 1).clip(1, 3)
    )
    steered = pl.col("target") != ""
    return numbered.with_columns(
        pl.when(~steered).then(name).alias(name) for name in ("rank", "rank_low", "rank_high")
    )


def _steering(generator: np.random.Generator) -> pl.DataFrame:
    rows = []
    for asked in _asked():
        if asked["steering"] == "none":
            continue
        for country in COUNTRIES:
            effect = float(generator.normal(0.01, 0.03))
            rows.append(
                {
                    **asked, "survey": "WVS", "wave": 7, "country": country,
                    "reference_language": asked["language"], "reference_steering": "none",
                    "reference_reasoning": "off", "n_items": 12, "estimate": effect,
                    "low": effect - 0.02, "high": effect + 0.03, "std_error": 0.012,
                    "p_value": 0.02, "p_adjusted": 0.2, "resampled": "items",
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def _asked() -> list[dict[str, str]]:
    return [
        {"model": "tiny-model", "elicitation": elicitation, "language": language,
         "steering": steering, "target": target, "group": "", "reasoning": "off"}
        for elicitation in ELICITATIONS
        for steering, language, target in CONDITIONS
    ]  # fmt: skip


def _key(asked: dict[str, str], item: str) -> str:
    return "/".join([*asked.values(), item])


def _replies(generator: np.random.Generator, items: list[Any]) -> pl.DataFrame:
    rows = []
    for asked in _asked():
        for item in items:
            draw = generator.random()
            status = "ok" if draw > 0.1 else "refused" if draw > 0.05 else "truncated"
            codes = list(item.scale.all_codes)
            verbal = asked["elicitation"] == "verbalized"
            rows.append(
                {
                    "request_key": _key(asked, item.id), "backend": "replay", **asked,
                    "question": item.id, "option_order": "listed", "wording": "a",
                    "surface": "plain", "template": "a", "label_style": "numbers", "draw": 0,
                    "status": status,
                    "codes": codes,
                    "probabilities": _shares(generator, len(codes)) if status == "ok" else None,
                    "off_option_mass": None if verbal else 0.12,
                    "text": f"{{\"1\": 60}} {HOSTILE}" if verbal else "",
                    "prompt_tokens": 120, "completion_tokens": 20, "seconds": 0.4,
                    "thought": "", "thought_status": "none", "thought_tokens": 0,
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def _model(generator: np.random.Generator, items: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {**asked, "question": item.id, "codes": list(item.scale.codes),
             "probabilities": (shares := _shares(generator, len(item.scale.codes))),
             "off_scale_mass": 0.05 if item.scale.off_scale else 0.0, "n_replies": 1,
             "n_forms": 1, "form_names": [FORM], "forms": [[share] for share in shares]}
            for asked in _asked()
            for item in items
        ]
    )  # fmt: skip


def _human(generator: np.random.Generator, items: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"survey": "WVS", "wave": 7, "country": country, "question": item.id,
             "codes": list(item.scale.codes),
             "probabilities": _shares(generator, len(item.scale.codes)),
             "off_scale_mass": 0.03 if item.scale.off_scale else 0.0,
             "n": 1250.0, "n_effective": 1190.5, "weighted": True, "source": "tabulated",
             "rounding": None}
            for country in COUNTRIES
            for item in items
        ]
    )  # fmt: skip


def _prompts(items: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"request_key": _key(asked, item.id), "system": f"Instruction. {HOSTILE}",
             "user": f"The question {item.id}", "reply_start": "{"}
            for asked in _asked()
            for item in items
        ]
    )  # fmt: skip
