"""``sbgan-bench parity``: a table per case, and exit code 1 for every kind of disagreement."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from recorded_case import drn, exponential, gumbel, penalties, progressive, record, write

from sbgan_bench.cli import main
from sbgan_bench.networks.progressive import PixelNorm


def parity(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["parity", str(folder), *options])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recorded")
    record(root, "draw", gumbel(), exponential())
    return record(root, "layout", progressive(4), penalties(4))


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "cases"))


def edit(folder: Path, name: str, **changes: Any) -> None:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def keys(folder: Path, field: str) -> dict[str, list[int]]:
    listed: dict[str, list[int]] = json.loads((folder / "layout.json").read_text())[field]
    return listed


def test_agreement_is_a_table_and_exit_code_0(folder: Path) -> None:
    result = parity(folder)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any(line.split() == ["layout", "6", "generator", "keys", "ok"] for line in lines)
    assert all(any(line.startswith("layout") and f" {name} " in line for line in lines) for name in ("g_4", "d_4"))
    assert "Cases: 2, outputs: 6. All agree." in result.stdout
    assert "layout [2/2]" in result.stderr


def test_json_holds_every_error(folder: Path) -> None:
    result = parity(folder, "--format", "json", "--case", "layout")
    (case,) = json.loads(result.stdout)
    assert case["ok"]
    assert {output["output"] for output in case["outputs"]} == {"g_4", "d_4", "wgan_gp_d_loss_4"}
    assert all(0 <= output["error"] < output["tolerance"] == 1e-4 for output in case["outputs"])
    assert {check["network"] for check in case["keys"]} == {"generator_keys", "discriminator_keys"}


def test_an_output_over_its_tolerance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PixelNorm, "__call__", lambda self, x: x)
    result = parity(folder)
    assert result.exit_code == 1
    assert "OVER" in result.stdout
    assert "1 FAILED: layout." in result.stdout


@pytest.mark.parametrize("change", ["missing", "too many", "shape"])
def test_a_key_or_shape_that_differs(folder: Path, change: str) -> None:
    listed = keys(folder, "generator_keys")
    if change == "missing":
        listed["blocks.0.conv3.weight"] = [512, 512, 3, 3]
    elif change == "too many":
        del listed["blocks.0.conv2.bias"]
    else:
        listed["blocks.0.to_mask.weight"] = [5, 512, 3, 3]
    edit(folder, "layout", generator_keys=listed)
    result = parity(folder)
    assert result.exit_code == 1
    words = {
        "missing": "blocks.0.conv3.weight is missing",
        "too many": "blocks.0.conv2.bias is too many",
        "shape": "blocks.0.to_mask.weight is 5×512×1×1, expected 5×512×3×3",
    }
    assert f"keys or shapes differ: {words[change]}" in result.stdout


def test_one_bad_case_does_not_hide_the_others(folder: Path) -> None:
    (folder / "layout.npz").write_bytes((folder / "layout.npz").read_bytes()[:200])
    (folder / "lonely.npz").write_bytes(b"")
    write(folder, "other", {"network": "pixel transformer"}, {"y": np.ones(1)})
    edit(folder, "draw", temperature=0.7)
    result = parity(folder)
    assert result.exit_code == 1
    assert "layout.npz is not a whole .npz file" in result.stdout
    assert "lonely.json: No such file" in result.stdout
    assert "network 'pixel transformer' is not known" in result.stdout
    assert "3 FAILED: layout, lonely, other." in result.stdout
    assert any(line.startswith("draw") and line.endswith("ok") for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({**progressive(8), "config": {"max_dim": 6}}, "max_dim = 6"),
        ({**progressive(8), "config": {}}, "'config.max_dim' is missing"),
        ({**gumbel(), "probs": "torch.randn(2)"}, "'torch.randn(2)' is not understood"),
        ({**progressive(8), "cases": {"16": {"alpha": 0.3, "real": "-"}}}, "cases.16 is no level"),
        ({**drn(), "config": {"arch": "drn_c_26", "classes": 19}}, "drn_d_22"),
        ({**drn(), "mode": "train"}, "eval"),
        ({"network": "spade", "variant": "pix2pixHD", "label": "-", "image": "-",
          "config": {"crop_size": 32, "label_nc": 3}}, "known: 'NVlabs' and 'SB-GAN fork'"),
        ({"network": "biggan", "z": "-", "y": [0],
          "config": {"G_ch": 4, "D_ch": 4, "dim_z": 8, "resolution": 32}}, "known: 64, 128, 256"),
        (progressive(4), "lacks generator_keys"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_built_is_named(tmp_path: Path, facts: dict[str, Any], message: str) -> None:
    write(tmp_path, "odd", facts, {"g_4": np.ones(1)})
    result = parity(tmp_path)
    assert result.exit_code == 1
    assert message in result.stdout
    assert "odd" in result.stdout


def test_an_output_that_nothing_computes_and_one_of_another_shape(folder: Path) -> None:
    arrays = dict(np.load(folder / "draw.npz"))
    write(folder, "draw", gumbel(), {**arrays, "entropy": np.ones(3), "output": arrays["output"][:1]})
    result = parity(folder, "--case", "draw")
    assert result.exit_code == 1
    assert "nothing here computes such an output" in result.stdout
    assert "shape 3×9×4×6, expected 1×9×4×6" in result.stdout


def test_unread_keys_are_named_where_a_case_fails(folder: Path) -> None:
    facts = json.loads((folder / "layout.json").read_text())
    edit(folder, "layout", config={**facts["config"], "mirror": True})
    assert parity(folder).exit_code == 0
    edit(folder, "layout", z="RandomState(99).standard_normal((2,512))")
    result = parity(folder)
    assert result.exit_code == 1
    assert "mirror was not read" in result.stdout


def test_no_case_at_all_is_the_users_mistake(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        result = parity(path)
        assert result.exit_code == 2
        assert str(path) in result.output
    assert parity(tmp_path / "absent", "--case", "x").exit_code == 2
