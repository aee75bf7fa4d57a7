"""Planning what is measured: which protocol sees which scenes, by which metric, with which weights."""

from pathlib import Path

import pytest
from suite.plans import jobs, plan

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.results import Status
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.models import model_kind
from sbgan_bench.suite.plan import Plan, Sources

SMALL = {"num_samples": 4, "trials": 2}
BOTH = {
    **SMALL,
    "protocols": ["texture", "layout", "segmentation"],
    "metrics": ["frechet-distance", "class-frequency-divergence", "mean-iou"],
}
MODELS = [{"model": "constant"}, {"model": "spade"}, {"model": "layout-stage"},
          {"model": "sbgan", "recipes": ["both"], "layout_sources": ["generated", "real"]}]  # fmt: skip


def cells(made: Plan, model: str, source: str) -> dict[str, str]:
    """Reason by protocol of one model: "" where a job will measure it."""
    return {cell.row.protocol: cell.row.reason for cell in made.cells
            if (cell.row.model, cell.row.layout_source) == (model, source)}  # fmt: skip


def test_every_protocol_measures_the_scenes_it_can_see_and_the_rest_say_why_not() -> None:
    made = plan(evaluation=BOTH, entries=MODELS)
    lacking = "Constant image draws no layouts, which protocol {} looks at"
    own = "the layouts are real ones; protocol layout would measure the data"
    stage = f"{model_kind('layout-stage').title} draws layouts and no images; there is nothing to score"
    assert cells(made, "constant", "none") == {
        "texture": "", "layout": lacking.format("layout"), "segmentation": lacking.format("segmentation"),
    }  # fmt: skip
    assert cells(made, "spade", "real") == {"texture": "", "layout": own, "segmentation": ""}
    assert cells(made, "sbgan", "real") == {"texture": "", "layout": own, "segmentation": ""}
    assert cells(made, "sbgan", "generated") == {"texture": "", "layout": "", "segmentation": ""}
    assert cells(made, "layout-stage", "generated") == {"texture": stage, "layout": "", "segmentation": stage}
    assert all(cell.row.status is Status.SKIPPED for cell in made.cells if not cell.job)


def test_a_metric_is_measured_only_by_the_protocols_that_it_reads() -> None:
    made = plan(evaluation=BOTH, entries=MODELS)
    assert {(cell.row.protocol, cell.row.metric) for cell in made.cells} == {
        ("texture", "frechet-distance"), ("layout", "class-frequency-divergence"), ("segmentation", "mean-iou"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("protocols", "metrics", "words"),
    [
        (["texture"], ["mean-iou"], "protocol 'texture' goes with none of mean-iou"),
        (["texture"], ["frechet-distance", "mean-iou"], "metric 'mean-iou' goes with none of texture"),
        (["texture", "layout"], ["frechet-distance"], "protocol 'layout' goes with none of frechet-distance"),
        (["scene"], ["inception-score", "frechet-distance"], "metric 'inception-score' goes with none of scene"),
    ],
)
def test_what_goes_with_nothing_is_refused_at_once(protocols: list[str], metrics: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        plan(evaluation={**SMALL, "protocols": protocols, "metrics": metrics})


def test_columns_of_their_own_are_checked_too() -> None:
    with pytest.raises(ConfigError, match="metric 'mean-iou' goes with none"):
        plan(columns={"toy-streets": {"evaluation": {"metrics": ["frechet-distance", "mean-iou"]}}})


@pytest.mark.parametrize(
    ("metrics", "compared", "words"),
    [
        (["frechet-distance"], ["kernel-distance"], "compared by 'kernel-distance', which is not measured; add it"),
        (["memorisation"], ["memorisation"], "compared by 'memorisation', which does not rank them"),
    ],
)
def test_models_are_compared_only_by_what_is_measured_and_ranks(
    metrics: list[str], compared: list[str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        plan(evaluation={**SMALL, "protocols": ["texture"], "metrics": metrics, "compared": compared})


def test_metrics_about_training_images_get_them_and_others_do_not() -> None:
    about = {**SMALL, "protocols": ["texture"], "metrics": ["memorisation"]}
    made = plan(evaluation=about)
    [train] = [job for job in jobs(made, JobKind.FEATURES) if job.inputs.keys() == {"train"}]
    assert train.inputs["train"] == "prepare/toy-streets/32x64/train"
    assert all(job.inputs["train"] == train.id for job in jobs(made, JobKind.SCORE))
    assert not any("train" in job.inputs for job in jobs(plan(), JobKind.SCORE))


FILE = {**SMALL, "protocols": ["texture", "tf-compat"]}


def test_weights_that_are_not_here_skip_their_cells_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path))
    made = plan(evaluation=FILE)
    lacking = [cell.row for cell in made.cells if cell.row.protocol == "tf-compat"]
    assert {row.model for row in lacking} == {"real", "constant"}
    assert {row.status for row in lacking} == {Status.SKIPPED}
    assert all("sbgan-bench weights fetch inception" in row.reason for row in lacking)
    assert all(cell.job for cell in made.cells if cell.row.protocol == "texture")


def test_other_weights_than_the_published_ones_are_refused_unless_somebody_vouches_for_them(tmp_path: Path) -> None:
    given = tmp_path / "mine.pth"
    given.write_bytes(b"weights")
    refused = plan(Sources(weights={"tf-compat": given}), evaluation=FILE)
    assert all("--trust-weights" in cell.row.reason for cell in refused.cells if cell.row.protocol == "tf-compat")
    vouched = plan(Sources(weights={"tf-compat": given}, trusted=True), evaluation=FILE)
    assert all(cell.job for cell in vouched.cells)


def _keys(sources: Sources, **evaluation: object) -> dict[str, str]:
    made = plan(sources, evaluation={**FILE, **evaluation})
    return {job.id: job.key({}) for job in made.jobs.values()}


def test_weights_are_part_of_what_features_are_made_of_and_where_they_lie_is_not(tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in ("one", "copy", "other")}
    for name, path in paths.items():
        path.write_bytes(b"other" if name == "other" else b"one")
    one, copy, other = (_keys(Sources(weights={"tf-compat": path}, trusted=True)) for path in paths.values())
    assert one == copy
    assert {name.split("/")[0] for name in one if one[name] != other[name]} == {"features"}


def test_checkpoints_chosen_by_weights_are_chosen_anew_by_others(tmp_path: Path) -> None:
    choice = {"selection": "best", "selection_protocol": "tf-compat", "protocols": ["texture"]}
    for name in ("one", "other"):
        (tmp_path / name).write_bytes(name.encode())
    one, other = (
        _keys(Sources(weights={"tf-compat": tmp_path / name}, trusted=True), **choice) for name in ("one", "other")
    )
    assert {name.split("/")[0] for name in one if one[name] != other[name]} == {"select"}
    with pytest.raises(BenchError, match="no such file of weights"):
        plan(Sources(weights={"tf-compat": tmp_path / "gone"}), evaluation={**FILE, **choice})
