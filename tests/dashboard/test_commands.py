"""The command beside a row measures that row again, with its own weights and draws; if it cannot, none is offered."""

import shlex
from pathlib import Path

import pytest
from dashboard.opening import argue, check, html, open_page, view
from report.fake_rows import GENERATED, NONE, REAL, Fake, row
from report.fake_run import manifest, write_results

from sbgan_bench.dashboard import commands
from sbgan_bench.hashing import hash_file
from sbgan_bench.manifest import RESULTS, JobRecord
from sbgan_bench.results import Origin, Reals, ResultRow, Status, write_rows

NO_COMMAND = "There is no command for this row alone."


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with a training, the snapshot chosen of it, and a segmenter."""
    kinds = ("train", "select", "judge")
    titles = {"judge": "judge/toy-streets/32x64"}
    for kind in kinds:
        (tmp_path / "run" / "jobs" / kind / "model").mkdir(parents=True)
    for kind in ("train", "select"):
        (tmp_path / "run" / "jobs" / kind / "model" / "model.json").write_text(kind)
    (tmp_path / "run" / "jobs" / "judge" / "judge.safetensors").write_text("judge")
    jobs = [JobRecord(kind=kind, title=titles.get(kind, kind), status=Status.DONE, folder=f"jobs/{kind}")
            for kind in kinds]  # fmt: skip
    manifest(tmp_path / "run", Fake(), jobs=tuple(jobs))
    return tmp_path / "run"


def of(run: Path, kind: str = "select", **other: object) -> ResultRow:
    """A row that scores the model of one job."""
    content = hash_file(run / "jobs" / kind / "model" / "model.json")
    facts = {"model": "sbgan", "recipe": "both", "layout_source": GENERATED, "checkpoint_hash": content}
    return row(Fake(), "texture", 1.0, **{"training_seed": 0, "training_images": 400, **facts, **other})


def options(run: Path, made: ResultRow) -> dict[str, str]:
    """Return the options of the command for a row."""
    command, reason = commands.of_row(view(run), made)
    assert not reason
    program, verb, *words = shlex.split(command)
    assert (program, verb) == ("sbgan-bench", "evaluate")
    return dict(zip(words[::2], words[1::2], strict=True))


def test_a_row_is_repeated_with_its_own_weights_and_draws(run: Path) -> None:
    assert options(run, of(run)) == {
        "--model": str(run / "jobs/select/model"), "--dataset": "toy-streets", "--num": "200", "--trials": "5",
        "--protocol": "texture", "--metric": "frechet-distance",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["train", "select"])
def test_the_weights_are_those_of_the_row_whichever_job_left_them(run: Path, kind: str) -> None:
    assert options(run, of(run, kind))["--model"] == str(run / "jobs" / kind / "model")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"split_seed": 3}, {"--seed": "3"}),
        ({"reals": Reals.WHOLE}, {"--reals": "whole"}),
        ({"trials": 1}, {"--trials": "1"}),
        ({"dataset": "camvid"}, {"--data": "path/to/camvid"}),
        ({"metric": "diversity"}, {"--metric": "diversity"}),
    ],
)
def test_what_differs_from_the_usual_is_part_of_the_command(
    run: Path, facts: dict[str, object], said: dict[str, str]
) -> None:
    assert options(run, of(run, **facts)).items() >= said.items()


def test_given_layouts_are_scored_once(run: Path) -> None:
    assert "--trials" not in options(run, of(run, layout_source=REAL, trials=1))


def test_the_segmenter_of_the_run_looks_at_the_images(run: Path) -> None:
    made = of(run).model_copy(update={"protocol": "scene"})
    assert options(run, made)["--judge"] == str(run / "jobs/judge/judge.safetensors")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"training_seed": None, "checkpoint_hash": "", "trials": 2}, "sums up training seeds"),
        ({"checkpoint_hash": "0" * 64}, "does not hold the weights"),
        ({"model": "real", "origin": Origin.REAL, "checkpoint_hash": ""}, "No saved model"),
        ({"value": None, "status": Status.SKIPPED, "reason": "needs square images"}, "no value"),
        ({"metric": "bottleneck-gap"}, "command for the whole run"),
        ({"protocol": "gan-train", "metric": "gan-train-mean-iou"}, "command for the whole run"),
        ({"published": False}, "weights of the user's own"),
        ({"sampling_seeds": "7..1006"}, "seeds of the suite's own (7..1006)"),
    ],
)
def test_where_the_value_would_be_another_there_is_no_command_and_a_reason(
    run: Path, facts: dict[str, object], reason: str
) -> None:
    made = of(run).model_copy(update=facts)
    command, said = commands.of_row(view(run), made)
    assert not command
    assert reason in said


def test_the_page_offers_the_command_or_the_reason(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = of(run).model_copy(update={"training_seed": None, "checkpoint_hash": "", "trials": 2})
    write_results(run, [of(run), summary])
    argue(monkeypatch, run)
    for seed, offered in (("all seeds", False), ("training seed 0", True)):
        app = open_page("provenance", {"seed": seed})
        check(app)
        assert any("evaluate --model" in code.value for code in app.code) == offered
        assert (NO_COMMAND in html(app)) != offered


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ('{"datasets": {"toy-streets": {"train": 16, "test": 8}}}', "the data opened with train = 16, test = 8"),
        ('{"datasets": {"camvid": {"split": "official"}}}', ""),
        ('{"datasets": 3}', ""),
        ("[" * 100_000, ""),
    ],
)
def test_settings_of_the_data_that_the_command_does_not_take_are_said(
    suite: str, said: str, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run / "suite.json").write_text(suite)
    write_results(run, [of(run)])
    argue(monkeypatch, run)
    app = open_page("provenance")
    check(app)
    shown = html(app)
    assert "versions are the same" in shown
    assert said in shown
    assert ("the data opened" in shown) == bool(said)


def test_every_row_can_be_reached(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"last": 55.0, "best of 4 (scene, 200 samples)": 77.0}
    made = [of(run, selection=rule).model_copy(update={"value": one}) for rule, one in values.items()]
    write_rows(run / RESULTS, made)
    argue(monkeypatch, run)
    for rule, value in values.items():
        app = open_page("provenance", {"row": f"selection {rule}"})
        check(app)
        assert f"<td>{value}</td>" in html(app)


def test_rows_and_options_beyond_a_limit_are_not_cut_without_a_word(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_results(run, [row(Fake(), "scene", 1.0 + i, model=f"model-{i:04d}", layout_source=NONE)
                        for i in range(1001)])  # fmt: skip
    argue(monkeypatch, run)
    assert "Model: the first 1,000 of 1,001." in html(open_page("provenance"))
