"""A run folder made elsewhere is untrusted: broken files are one clear error, everything else is inert or left out."""

import json
import os
import shutil
from pathlib import Path

import pytest
from dashboard.hostile_runs import DDS, EPS
from PIL import Image
from report.escaping_cases import HOSTILE
from report.fake_rows import Fake
from report.fake_run import build

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.manifest import Manifest
from sbgan_bench.publication import PUBLICATION
from sbgan_bench.report import ReportFormat, render
from sbgan_bench.report.pictures import LARGEST, enlargement
from sbgan_bench.report.run_folder import MOST_BYTES, RunFolder, read_picture
from sbgan_bench.results import read_rows, write_rows

ALL = tuple(ReportFormat)
SMALL = Fake(seeds=(0,), logged=("progan",))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("template") / "run", SMALL)


@pytest.fixture
def run(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "run"))


@pytest.mark.parametrize("name", ["run.json", "results.jsonl", "comparisons.jsonl", "correlations.jsonl"])
@pytest.mark.parametrize("content", [b"{", b"[]\n", b"\xff\xfe\x00", b"[" * 200_000, b'{"a": ' * 5000, b"9" * 5000])
def test_broken_files_are_one_clear_error(run: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (run / name).write_bytes(content)
    with pytest.raises(BenchError, match=name.replace(".", r"\.")) as caught:
        render(run, tmp_path / "out", ALL)
    assert len(str(caught.value)) < 600
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("resolution", ["²x³", "9" * 5000 + "x1", "x"])
def test_rows_at_no_size_are_shown_as_they_are(run: Path, tmp_path: Path, resolution: str) -> None:
    rows = [row.model_copy(update={"resolution": resolution}) for row in read_rows(run / "results.jsonl")]
    write_rows(run / "results.jsonl", rows)
    assert render(run, tmp_path / "out", ALL)


@pytest.mark.parametrize("name", ["results.jsonl", "comparisons.jsonl", "correlations.jsonl"])
def test_links_that_lead_out_are_not_followed(run: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / name
    (run / name).rename(elsewhere)
    (run / name).symlink_to(elsewhere)
    assert not {"results.jsonl": RunFolder.read(run).rows, "comparisons.jsonl": RunFolder.read(run).comparisons,
                "correlations.jsonl": RunFolder.read(run).correlations}[name]  # fmt: skip


def test_a_table_of_contents_that_is_a_link_out_is_none(run: Path, tmp_path: Path) -> None:
    (run / "run.json").rename(tmp_path / "elsewhere.json")
    (run / "run.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(CorruptFileError, match="not a run folder"):
        render(run, tmp_path / "out", ALL)


def test_a_linked_tile_and_a_circle_of_links_leave_their_places_empty(run: Path, tmp_path: Path) -> None:
    Image.new("RGB", (64, 32)).save(tmp_path / "secret.png")
    gallery = Manifest.read(run).galleries[1]
    first, second = (run / gallery.folder / f"000{i}.image.png" for i in range(2))
    for tile, target in ((first, tmp_path / "secret.png"), (second, second)):
        tile.unlink()
        tile.symlink_to(target)
    assert [tile is None for tile in RunFolder.read(run).tiles(gallery, "image")][:3] == [True, True, False]


@pytest.mark.skipif(os.name != "posix", reason="no named pipes on this system")
@pytest.mark.parametrize("name", ["run.json", "results.jsonl"])
def test_a_pipe_is_not_waited_for(run: Path, name: str) -> None:
    (run / name).unlink()
    os.mkfifo(run / name)
    if name == "run.json":
        with pytest.raises(CorruptFileError, match="not a run folder"):
            RunFolder.read(run)
    else:
        assert RunFolder.read(run).rows == ()


def test_pictures_that_are_none_are_left_out(run: Path, tmp_path: Path) -> None:
    bombs = [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\xff" * 40, _huge_png(tmp_path), b"<svg onload='x'/>"]
    galleries = Manifest.read(run).galleries
    for gallery, data in zip(galleries, bombs, strict=False):
        for path in (run / gallery.folder).iterdir():
            path.write_bytes(data)
    folder = RunFolder.read(run)
    assert all(tile is None for one in galleries[: len(bombs)] for tile in folder.tiles(one, "image"))
    render(run, tmp_path / "out", ALL)


def _huge_png(folder: Path) -> bytes:
    """Return the head of a picture of 40 000 x 40 000 pixels."""
    path = folder / "huge.png"
    Image.new("1", (8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (40_000).to_bytes(4) * 2
    return bytes(data)


@pytest.mark.parametrize("data", [EPS, DDS, b"P6 1 1 255 abc", b"BM" + b"\x00" * 60])
def test_formats_that_no_run_writes_are_not_decoded(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(data)
    assert read_picture(tmp_path / "one.png") is None


def test_a_picture_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
    assert read_picture(tmp_path / "one.png") is not None
    os.truncate(tmp_path / "one.png", MOST_BYTES + 1)
    assert read_picture(tmp_path / "one.png") is None


@pytest.mark.parametrize("shape", [(60_000, 1), (1, 60_000), (400_000, 1), (8, 8), (3000, 4000)])
def test_enlarging_has_an_end(shape: tuple[int, int]) -> None:
    times = enlargement(shape, 1040)
    assert times == 1 or shape[0] * shape[1] * times**2 <= LARGEST
    assert enlargement(shape, 0) == 1
    assert enlargement((32, 64), 16) == 16


def test_narrow_pictures_are_shown_small(run: Path, tmp_path: Path) -> None:
    Image.new("RGB", (1, 60_000)).save(run / "sheet.png")
    for path in (run / Manifest.read(run).galleries[1].folder).glob("*.image.png"):
        Image.new("RGB", (1, 400_000)).save(path)
    render(run, tmp_path / "out", ALL)


def test_losses_of_any_kind_are_drawn_or_left_out(run: Path, tmp_path: Path) -> None:
    lines = [
        "[" * 100_000, '{"images": 1e999, "losses": {"a": 1}}', '{"images": 5, "losses": {"a": NaN}}',
        '{"images": ' + "9" * 400 + ', "losses": {"a": 1}}', '{"images": 7, "losses": {"' + "x" * 9000 + '": 2}}',
        '{"event": {"deep": [1]}, "images": 3}', '{"images": 8, "losses": {"$\\\\input{x}$ <b>": 1.5}}',
    ]  # fmt: skip
    for path in run.rglob("stats.jsonl"):
        path.write_text("\n".join(lines))
    render(run, tmp_path / "out", ALL)


def test_numbers_beyond_all_measure_in_the_table_of_contents(run: Path, tmp_path: Path) -> None:
    made = json.loads((run / "run.json").read_text())
    made["wall_seconds"] = 1e300
    made["galleries"][1]["count"] = 10**12
    made["fits"][0]["distances"] = {
        "protocol": "scene", "weights_hash": "a", "num_real": 1, "num_generated": 10**300, "sampling_seed": 0,
        "values": [[10**400, 1.0], [10**401, 2.0]],
    }  # fmt: skip
    made["fits"][0] |= {"parameters": 10**400, "train_seconds": 1e308, "training_images": 10**300}
    made["datasets"][0]["palette"] = [[10**9, -5, 0]]
    made["datasets"][0]["sizes"] = {"train": -(10**50)}
    (run / "run.json").write_text(json.dumps(made))
    render(run, tmp_path / "out", ALL)


@pytest.mark.parametrize("hostile", [" ".join(HOSTILE), *HOSTILE[:2]])
def test_what_a_publication_says_of_itself_is_inert(run: Path, tmp_path: Path, hostile: str) -> None:
    record = {
        "name": hostile, "published": hostile, "suite": hostile, "results": "", "notes": [hostile], "files": {},
        "licences": [{"dataset": "d", "licence": hostile, "redistributable": True, "words": hostile}],
        "dropped": [{"what": hostile, "why": hostile}],
    }  # fmt: skip
    (run / PUBLICATION).write_text(json.dumps(record))
    render(run, tmp_path / "out", [ReportFormat.HTML, ReportFormat.LATEX])
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "onerror=alert" not in page.replace("x onerror=alert(1)&gt;", "")
    assert "\\input{/etc" not in (tmp_path / "out" / "latex" / "report.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"{", b"null", b"\xff"])
def test_a_broken_publication_is_one_clear_error(run: Path, content: bytes) -> None:
    (run / PUBLICATION).write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"publication\.json"):
        RunFolder.read(run)
