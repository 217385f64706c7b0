from __future__ import annotations

from pathlib import Path

import popfidelity._core as peer
import pytest

from doxa.errors import InvalidArgumentError
from doxa.evaluate import TABLES
from doxa.measures import Measure, chosen_measures, list_measures, measures

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "measures.md"
SETS = {
    "opinionqa": "OpinionQA",
    "globalopinionqa": "GlobalOpinionQA",
    "simbench": "SimBench",
    "meister": "Meister's baselines",
    "subpop": "SubPOP",
    "worldvaluesbench": "WorldValuesBench",
    "a_bias": "A-bias",
    "pfs": "Population fidelity",
    "dispersion": "Dispersion",
    "groups": "Flattening and stereotyping",
    "reliability": "Reliability",
    "elsewhere": "In other tables",
}


def page_rows() -> str:
    """What the page says of each measure, in its own words: a heading and a table for each set."""
    text = []
    for name, title in SETS.items():
        text += [f"### {title}: `{name}`" if name != "elsewhere" else f"### {title}", ""]
        text += ["| measure | formula | values | from; applied by | needs | what it can't tell |"]
        text += ["|---|---|---|---|---|---|"]
        text += [_row(key, one) for key, one in measures().items() if one.set == name]
        text += [""]
    return "\n".join(text)


def _row(name: str, one: Measure) -> str:
    where = f" (table `{one.table}`)" if one.table else ""
    by = "; ".join(one.applied)
    works = "; ".join(one.source) + (f". By {by}" if one.applied not in ((), one.source) else "")
    cells = (f"`{name}`{where}: {one.title}", one.formula, one.values, works, one.needs,
             one.cannot)  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def test_the_page_says_of_each_measure_what_the_registry_says() -> None:
    assert page_rows() in PAGE.read_text(encoding="utf-8")


def test_every_row_is_whole() -> None:
    assert set(SETS) == {one.set for one in measures().values()}
    for name, one in measures().items():
        said = (one.title, one.formula, one.values, one.needs, one.cannot)
        assert all(said), name
        assert one.cannot[0].isupper(), name
        assert one.cannot.endswith("."), name
        assert one.source, name
        assert not one.table or one.table in TABLES, name
    assert list_measures()["measure"].to_list() == list(measures())
    assert list_measures()["shows"].is_unique().all()


def test_every_reference_is_cited() -> None:
    cited = {work for one in measures().values() for work in (*one.source, *one.applied)}
    lines = (Path(__file__).parents[2] / "python/doxa/measures/registry.toml").read_text(
        encoding="utf-8"
    )
    listed = lines.split("[references]")[1].split("\n\n")[0]
    assert len(cited) == listed.count(' = "')


def test_names_of_measures_and_sets() -> None:
    assert chosen_measures("pfs")[0] == "pfs_accuracy"
    assert chosen_measures(["sd_ratio", "simbench"])[-1] == "sd_ratio"
    assert len(chosen_measures("all")) == sum(not one.table for one in measures().values())
    with pytest.raises(InvalidArgumentError, match="no measure 'chair': name one of the sets"):
        chosen_measures("chair")
    with pytest.raises(InvalidArgumentError, match="mantel is in the table structure"):
        chosen_measures("mantel")
    with pytest.raises(InvalidArgumentError, match="no measures were named"):
        chosen_measures([])


# What popfidelity 0.1.2 ships of its registry, and where doxa has it: a function, a measure, a
# metric or a table; "" for what doxa has not. Each that has a name is compared in these tests, in
# tests/analysis or in tests/score.
PEER = {
    "pfs": "pfs", "pfs_accuracy": "pfs_accuracy", "pfs_adaptability": "pfs_adaptability",
    "pfs_structure": "pfs_structure", "pfs_center": "pfs_center", "pfs_binding": "pfs_binding",
    "pfs_signed": "", "pfs_sensitivity": "", "pfs_paired": "", "pfs_across_questions": "pfs",
    "nemd": "alignment", "emd": "subpop_distance", "wasserstein": "wasserstein",
    "total_variation": "total_variation", "overlap": "total_variation", "kl": "kl_divergence",
    "js_divergence": "js_divergence", "js_distance": "js_distance", "hellinger": "hellinger",
    "bhattacharyya": "", "kolmogorov_smirnov": "", "cramer_von_mises": "",
    "chi_square_divergence": "", "chi_square_test": "group_spread", "mmd": "",
    "energy_distance": "ranked_probability_score", "mean_difference": "mean_difference",
    "rescaled_squared_mean_difference": "", "entropy": "entropy_difference",
    "normalised_entropy": "consistency", "effective_categories": "effective_options",
    "collision": "collision", "top_agreement": "mode_match",
    "opinionqa_representativeness": "opinionqa_representativeness",
    "opinionqa_steerability": "opinionqa_steerability",
    "opinionqa_consistency": "opinionqa_consistency",
    "globalopinionqa_similarity": "globalopinionqa_similarity",
    "meister_alignment": "meister_total_variation", "simbench_score": "simbench",
    "subpop_wasserstein": "subpop_distance", "subpop_noise_floor": "subpop_noise_floor",
    "worldvaluesbench_curve": "worldvaluesbench_curve", "quality_bands": "worldvaluesbench_curve",
    "a_bias": "a_bias", "sd_ratio": "sd_ratio", "normalised_variance": "normalised_variance",
    "gap_inflation": "gap_inflation", "stereotyping_index": "eta_squared_difference",
    "diversity_ratios": "entropy_ratio", "support_collapse": "support_collapse",
    "modal_collapse": "modal_collapse", "variation_ratio": "modal_share", "mantel": "structure",
    "structure_test": "structure", "rank_correlations": "structure", "icc": "icc_agreement",
    "krippendorff_alpha": "krippendorff_alpha", "fleiss_kappa": "fleiss_kappa",
    "cronbach_alpha": "cronbach_alpha", "spearman_brown": "spearman_brown",
    "pooled_t_interval": "", "noise_to_signal": "noise_to_signal",
    "first_token_mismatch": "", "bootstrap": "measures", "permutation_null": "structure",
    "null_baselines": "baselines",
}  # fmt: skip


def test_what_the_peer_ships_is_here_or_is_named_as_absent() -> None:
    import doxa.measures
    from doxa.score import METRICS

    shipped = {row["id"] for row in peer.metric_registry() if row["python"]}
    assert shipped == set(PEER)
    assert len(shipped) == 66
    known = {*measures(), *METRICS, *TABLES, *doxa.measures.__all__, ""}
    assert set(PEER.values()) <= known
    page = PAGE.read_text(encoding="utf-8")
    absent = [name for name, ours in PEER.items() if not ours]
    assert all(f"`{name}`" in page for name in absent)
    assert f"{66 - len(absent)} of the 66" in page
