"""Pictures: only those of the run, only what is a picture, and always drawn anew."""

import io
from pathlib import Path

import pytest
from dashboard.hostile_runs import bomb
from dashboard.opening import argue
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.library import entries, manifest_of
from sbgan_bench.dashboard.memory import Memory
from sbgan_bench.dashboard.pictures import THUMBNAIL, WHOLE, drawn, locate, nothing, serve
from sbgan_bench.report.run_folder import MOST_PIXELS


def ask(place: str, query: str = "", **headers: str) -> Response:
    """Ask the route for a picture."""
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "server": ("localhost", 8501), "path": f"/pictures/{place}",
        "query_string": query.encode(), "path_params": {"place": place}, "headers": [(b"host", b"localhost"), *sent],
    }  # fmt: skip
    return serve(Request(scope))


@pytest.fixture
def key(small: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    argue(monkeypatch, small)
    return entries(Arguments.given())[0].key


def test_a_tile_is_sent_as_it_is_pixel_by_pixel(small: Path, key: str) -> None:
    answer = ask(f"{key}/tile/0/image/3")
    assert answer.media_type == "image/png"
    record = manifest_of(small).galleries[0]
    original = Image.open(small / record.folder / "0003.image.png")
    assert Image.open(io.BytesIO(answer.body)).tobytes() == original.convert("RGB").tobytes()
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "place",
    ["tile/0/image/99", "tile/99/image/0", "tile/-1/image/0", "tile/0/secret/0", "tile/0/image/0000001", "sheet/7",
     "nearest/0", "preview/0/0", "preview/9/0", "tile/0/image/../../../../run.json", "", "../run.json", "tile",
     "tile/0/image/٣"],
)  # fmt: skip
def test_what_is_not_there_is_no_picture(place: str, key: str) -> None:
    answer = ask(f"{key}/{place}")
    assert (answer.status_code, answer.body) == (200, nothing()[0])
    assert answer.headers["cache-control"] == "no-store"  # it may be there in a moment


def test_nor_are_runs_that_nobody_named(small: Path, key: str) -> None:
    assert ask("0123456789ab/tile/0/image/0").body == nothing()[0]
    assert ask(f"{small}/tile/0/image/0").body == nothing()[0]


def test_pages_of_other_sites_get_nothing(key: str) -> None:
    assert ask(f"{key}/tile/0/image/0", sec_fetch_site="cross-site").status_code == 403
    assert ask(f"{key}/tile/0/image/0", sec_fetch_site="same-origin").status_code == 200


@pytest.mark.parametrize("number", [*range(6), 7, 8, 9])
def test_what_is_no_picture_is_shown_as_none(
    number: int, sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["hostile"])
    key = entries(Arguments.given())[0].key
    answer = ask(f"{key}/tile/0/image/{number}")
    narrow = number in (5, 9)
    assert answer.media_type == "image/png"
    assert (answer.body == nothing()[0]) is not narrow


def test_no_gallery_leads_out_of_the_folder(sorts: dict[str, Path]) -> None:
    folder = sorts["hostile"]
    manifest = manifest_of(folder)
    for index in range(len(manifest.galleries)):
        for kind in ("image", "layout"):
            path = locate(manifest, folder, ("tile", str(index), kind, "3"))
            assert path is None or path.is_relative_to(folder.resolve())
    assert locate(manifest, folder, ("nearest", "0")) is None
    assert locate(manifest, folder, ("sheet", "0")) is None


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (MOST_PIXELS + 1, 1)):
        path = tmp_path / f"{width}.png"
        path.write_bytes(bomb(width, height))
        assert drawn(path, THUMBNAIL) is None


def test_wide_pictures_become_small_ones(tmp_path: Path) -> None:
    Image.effect_noise((3000, 1500), 50).save(tmp_path / "wide.png")
    for width in (THUMBNAIL, WHOLE):
        data, media_type = drawn(tmp_path / "wide.png", width) or (b"", "")
        assert Image.open(io.BytesIO(data)).size == (width, width // 2)
        assert media_type == ("image/png" if width == THUMBNAIL else "image/jpeg")


def test_a_rewritten_picture_is_drawn_again(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    Image.new("RGB", (8, 8), "red").save(path)
    first = drawn(path, THUMBNAIL)
    Image.new("RGB", (9, 8), "blue").save(path)
    assert drawn(path, THUMBNAIL) != first


def test_pictures_are_held_up_to_so_many_bytes() -> None:
    memory, made = Memory(3_000_000), []

    def ask(key: int, size: int) -> None:
        memory.once(key, lambda: (made.append(key) or b"x" * size, "image/png"))  # type: ignore[func-returns-value]

    for key in (0, 1, 0, 2, 0):
        ask(key, 900_000)
    assert made == [0, 1, 2]
    ask(3, 900_000)  # 1 was asked for longest ago
    for key in (0, 2, 3, 1):
        ask(key, 900_000)
    assert made == [0, 1, 2, 3, 1]
    ask(4, 4_000_000)  # larger than all that is held
    ask(4, 4_000_000)
    assert made[5:] == [4, 4]


def test_very_many_that_are_none_are_not_held_for_ever() -> None:
    memory = Memory(1_000_000)
    for key in range(10_000):
        memory.once(key, lambda: None)
    assert len(memory._made) < 1000
