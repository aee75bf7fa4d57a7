"""Comparisons in suites: what is planned, what is held against what, and what becomes of models that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from suite.plans import jobs, kinds, plan

from sbgan_bench.comparing.rows import COMPARISONS, Comparison, Pairing, Unit, read_comparisons
from sbgan_bench.draws import Draws
from sbgan_bench.metrics.frechet import METRIC as FRECHET
from sbgan_bench.metrics.kernel import METRIC as KERNEL
from sbgan_bench.protocol import ProtocolInfo
from sbgan_bench.results import ResultRow, Status, write_rows
from sbgan_bench.scoring import Subject, Yardstick, subject_rows
from sbgan_bench.storage import write_json
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.comparing import compare
from sbgan_bench.suite.jobs.context import ROWS, TABLE, JobContext
from sbgan_bench.suite.plan import Plan

NOISE = [{"model": "progan-reference"}, {"model": "progan-sbgan"}]
RECIPES = {"model": "sbgan", "recipes": ["none", "layout", "both"]}


def planned(made: Plan) -> dict[str, list[str]]:
    """Names of the models of every comparison, by job."""
    return {job.id: [member["name"] for member in job.config["members"]] for job in jobs(made, JobKind.COMPARE)}


def test_a_model_alone_is_compared_with_nothing() -> None:
    assert JobKind.COMPARE not in kinds(plan(entries=[{"model": "progan-sbgan"}, {"model": "constant"}]))
    untrained = [{"model": "progan-sbgan", "recipes": ["default", "untrained"]}, {"model": "constant"}]
    assert JobKind.COMPARE not in kinds(plan(entries=untrained))
    assert JobKind.COMPARE not in kinds(plan(grid=_grid(training_seeds=[0, 1]), entries=[{"model": "progan-sbgan"}]))


def test_two_models_are_compared_once_per_question() -> None:
    assert planned(plan(entries=[*NOISE, {"model": "constant"}])) == {
        "compare/unconditional/toy-streets/32x64/n8": ["progan-reference/default", "progan-sbgan/default"],
    }  # fmt: skip
    everything = planned(plan(entries=[*NOISE, RECIPES, {"model": "spade"}]))
    generated = "sbgan/{}, generated layouts"
    assert everything == {
        "compare/unconditional/toy-streets/32x64/n8": [
            "progan-reference/default", "progan-sbgan/default", generated.format("none"), generated.format("both"),
        ],
        "compare/given-layouts/toy-streets/32x64/n8": [
            "sbgan/none, real layouts", "sbgan/both, real layouts", "spade/default, real layouts",
        ],
        "compare/ablation/toy-streets/32x64/n8": [generated.format(name) for name in ("none", "layout", "both")],
    }  # fmt: skip


def _grid(**other: object) -> dict[str, object]:
    return {"datasets": ["toy-streets"], "resolutions": ["32x64"], **other}


def test_every_size_of_the_training_set_is_compared_by_itself() -> None:
    made = plan(grid=_grid(training_images=[4, 8], training_seeds=[0, 1]), entries=NOISE)
    assert sorted(planned(made)) == [f"compare/unconditional/toy-streets/32x64/n{size}" for size in (4, 8)]
    assert all(len(names) == 4 and len(set(names)) == 2 for names in planned(made).values())


def test_every_column_is_compared_by_itself() -> None:
    made = plan(grid=_grid(resolutions=["32x64", "64x128"]), entries=NOISE)
    assert sorted(planned(made)) == [f"compare/unconditional/toy-streets/{size}/n8" for size in ("32x64", "64x128")]


def test_what_is_not_measured_is_not_compared() -> None:
    other = {"num_samples": 4, "trials": 2, "protocols": ["texture"], "metrics": ["diversity"]}
    assert JobKind.COMPARE not in kinds(plan(entries=NOISE, evaluation=other))


def starts(made: Plan, question: str, role: str) -> dict[str, str]:
    [job] = [job for job in jobs(made, JobKind.COMPARE) if job.config["question"] == question]
    return {member["name"].split(",")[0]: member[role] for member in job.config["members"]}


def test_recipes_of_one_pre_training_and_scenes_of_the_same_layouts_share_a_start() -> None:
    soft = {**RECIPES, "variant": "soft", "recipes": ["both"], "models": {"layout-stage": {"draw": "soft"}}}
    made = plan(entries=[*NOISE, RECIPES, soft, {"model": "spade"}])
    noise = starts(made, "unconditional", "start")
    assert noise["sbgan/none"] == noise["sbgan/both"]
    assert len(set(noise.values())) == 4, "two models, one pre-training, and a variant of it"
    assert len(set(starts(made, "ablation", "start").values())) == 2
    assert len(set(starts(made, "given-layouts", "start").values())) == 1


def test_training_runs_share_a_start_only_where_they_go_on_from_one() -> None:
    made = plan(entries=[*NOISE, RECIPES, {"model": "spade"}])
    given = starts(made, "given-layouts", "trained_from")
    assert given["sbgan/none"] == given["sbgan/both"] != given["spade/default"]
    noise = starts(made, "unconditional", "trained_from")
    assert (noise["progan-reference/default"], noise["progan-sbgan/default"]) == ("", "")


def test_comparisons_read_what_the_scores_left_and_make_do_with_what_succeeded() -> None:
    [job] = jobs(plan(entries=NOISE), JobKind.COMPARE)
    assert job.tolerant
    assert set(job.inputs) == {"reals", "test", "features:0", "score:0", "features:1", "score:1"}


NUM, TRIALS, DIM = 16, 3, 5
INFO = ProtocolInfo(name="texture", weights_hash="w", dim=DIM, input="", layers="", numerics="")


@dataclass(frozen=True)
class Member:
    """A model as a comparison sees it."""

    name: str
    features: NDArray[np.float64]
    seed: int = 0
    start: str = ""
    trained_from: str = ""
    given_layouts: bool = False
    notes: tuple[str, ...] = ()


def drawn(shift: float, seed: int, count: int = NUM * TRIALS) -> NDArray[np.float64]:
    return shift + np.random.default_rng(seed).standard_normal((count, DIM))


def compared(
    folder: Path, members: Sequence[Member], lost: Sequence[str] = (), broken: Mapping[str, ResultRow] | None = None
) -> list[Comparison]:
    """Run the job on features that are there; ``lost`` are roles whose job failed, ``broken`` rows that replace."""
    pool = drawn(0, 99, 3 * NUM).astype(np.float32)
    draws = Draws(num=NUM, trials=TRIALS, seed=0)
    inputs = {
        name: folder / name.replace(":", "-")
        for name in ["reals", "test", *(f"{kind}:{i}" for kind in ("features", "score") for i in range(len(members)))]
    }
    for path in inputs.values():
        path.mkdir(parents=True)
    write_json(inputs["reals"] / "protocols.json", {"texture": asdict(INFO)})
    np.save(inputs["reals"] / "texture.npy", pool)
    write_json(inputs["test"] / TABLE, {"groups": [], "pairs": len(pool)})
    for index, one in enumerate(members):
        features = one.features.astype(np.float32)
        np.save(inputs[f"features:{index}"] / "texture.npy", features)
        source = "real" if one.given_layouts else "none"
        facts = {"suite": "s", "dataset": "d", "resolution": "32x64", "model": one.name, "training_seed": one.seed,
                 "layout_source": source, "notes": one.notes}  # fmt: skip
        rows = subject_rows(
            Yardstick(info=INFO, draws=draws, pool=pool),
            [FRECHET, KERNEL],
            {},
            Subject(facts=facts, features=features),
        )
        write_rows(inputs[f"score:{index}"] / ROWS, [(broken or {}).get(one.name, row) for row in rows])
    config: dict[str, Any] = {
        "question": "unconditional", "metrics": ["frechet-distance", "kernel-distance"], "protocols": ["texture"],
        "num_samples": NUM, "trials": TRIALS, "split_seed": 0, "relabellings": 199,
        "members": [{"name": one.name, "seed": one.seed, "start": one.start or one.name,
                     "trained_from": one.trained_from, "protocols": ["texture"], "given_layouts": one.given_layouts}
                    for one in members],
    }  # fmt: skip
    (folder / "out").mkdir()
    context = JobContext(
        job=Job(id="compare/x", kind=JobKind.COMPARE, config=config), folder=folder / "out", cache=folder,
        inputs={role: path for role, path in inputs.items() if role not in lost}, device=torch.device("cpu"),
        datasets={}, judge=None, weights={}, trusted=False, report=lambda tick: None,
    )  # fmt: skip
    compare(context)
    return read_comparisons(folder / "out" / COMPARISONS)


def by(found: Sequence[Comparison], metric: str = "frechet-distance") -> dict[str, Comparison]:
    return {one.other: one for one in found if one.metric == metric}


def test_every_model_is_held_against_the_best_by_every_metric(tmp_path: Path) -> None:
    found = compared(tmp_path, [Member("far", drawn(2, 0)), Member("near", drawn(0, 1)), Member("close", drawn(0, 2))])
    assert {one.metric for one in found} == {"frechet-distance", "kernel-distance"}
    for metric in ("frechet-distance", "kernel-distance"):
        assert {one.winner for one in by(found, metric).values()} | set(by(found, metric)) == {"far", "near", "close"}
        assert by(found, metric)["far"].rejected
        assert not any(one.rejected for other, one in by(found, metric).items() if other != "far")
    assert {one.question for one in found} == {"unconditional"}
    assert {(one.unit, one.pairing, one.trials) for one in found} == {(Unit.IMAGES, Pairing.POOLED, TRIALS)}


def test_samples_of_one_start_are_compared_pair_by_pair(tmp_path: Path) -> None:
    members = [
        Member("a", drawn(0, 0), start="stage"),
        Member("b", drawn(1, 0), start="stage"),
        Member("c", drawn(2, 1)),
    ]
    found = by(compared(tmp_path, members))
    assert {other: one.pairing for other, one in found.items()} == {"b": Pairing.PAIRED, "c": Pairing.POOLED}


def test_scenes_of_given_layouts_are_one_draw_compared_pair_by_pair(tmp_path: Path) -> None:
    [found] = by(compared(tmp_path, [
        Member(name, drawn(shift, seed, NUM), start="the same layouts", given_layouts=True)
        for seed, (name, shift) in enumerate([("a", 0.0), ("b", 2.0)])
    ])).values()  # fmt: skip
    assert (found.pairing, found.trials, found.low, found.rejected) == (Pairing.PAIRED, 1, None, True)


def test_several_training_seeds_make_the_runs_the_unit(tmp_path: Path) -> None:
    members = [Member(name, drawn(shift, 10 * place + seed), seed=seed, start="the same layouts", trained_from=stage)
               for place, (name, shift, stage) in enumerate([("a", 0.0, "x"), ("b", 1.0, "x"), ("c", 2.0, "")])
               for seed in range(4)]  # fmt: skip
    found = by(compared(tmp_path, members))
    assert {one.unit for one in found.values()} == {Unit.SEEDS}
    assert {one.training_seeds for one in found.values()} == {4}
    assert (found["b"].pairing, found["c"].pairing) == (Pairing.PAIRED, Pairing.POOLED), (
        "layouts are no start of a run"
    )
    assert "training runs" in found["c"].words


@pytest.mark.parametrize("lost", ["features:0", "score:0"])
def test_a_failed_model_leaves_the_others_compared(tmp_path: Path, lost: str) -> None:
    members = [Member("a", drawn(0, 0)), Member("b", drawn(0, 1)), Member("c", drawn(2, 2))]
    found = by(compared(tmp_path, members, lost=[lost]))
    assert {(one.winner, other) for other, one in found.items()} == {("b", "c")}


def test_where_everything_failed_there_is_nothing_to_compare(tmp_path: Path) -> None:
    members = [Member("a", drawn(0, 0)), Member("b", drawn(1, 1))]
    assert compared(tmp_path, members, lost=["reals", "score:0", "score:1"]) == []


def test_a_value_that_failed_is_not_taken_for_a_good_one(tmp_path: Path) -> None:
    members = [
        Member(name, drawn(shift, place)) for place, (name, shift) in enumerate([("a", 2), ("b", 0), ("c", 0.1)])
    ]
    lost = ResultRow(suite="s", model="a", dataset="d", resolution="32x64", protocol="texture",
                     metric="frechet-distance", status=Status.FAILED, reason="no value")  # fmt: skip
    found = compared(tmp_path / "some", members, broken={"a": lost})
    assert {name for one in found for name in (one.winner, one.other)} == {"b", "c"}
    assert compared(tmp_path / "two", members[:2], broken={"a": lost}) == []


def test_a_collapsed_model_is_compared_and_never_the_best(tmp_path: Path) -> None:
    best = Member("a", drawn(0, 0), notes=("collapsed: at step 3",))
    found = by(compared(tmp_path, [best, Member("b", drawn(0.5, 1)), Member("c", drawn(2, 2))]))
    assert {one.winner for one in found.values()} == {"b"}
    assert found["a"].effect < 0


def test_the_same_job_writes_the_same_bytes(tmp_path: Path) -> None:
    members = [Member("a", drawn(0, 0)), Member("b", drawn(0.3, 1))]
    compared(tmp_path / "one", members)
    compared(tmp_path / "two", members)
    first, second = ((tmp_path / name / "out" / COMPARISONS).read_bytes() for name in ("one", "two"))
    assert first == second
