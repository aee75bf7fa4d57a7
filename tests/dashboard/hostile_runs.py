"""A run folder made to do harm: everything in it that can be a text, a name, a number or a picture is an attack."""

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from report.fake_rows import Fake, rows
from report.fake_run import manifest, write_results

from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.manifest import (
    RESULTS,
    DatasetRecord,
    FitRecord,
    GalleryRecord,
    JobRecord,
    NearestRecord,
    SnapshotDistances,
)
from sbgan_bench.results import Status, write_rows

#: Texts that something would act on: HTML, Markdown, Streamlit's directives, mathematics, LaTeX, formulas, bytes.
ATTACKS = (
    "<script>window.attacked=1</script><img src=x onerror=window.attacked=1>",
    "</table></div><iframe src=javascript:window.attacked=1></iframe>",
    "\"><svg onload=window.attacked=1>' onmouseover='window.attacked=1",
    "# big **bold** [link](javascript:window.attacked=1) ![x](http://198.51.100.7/leak.png)",
    ":red[red] :material/delete: :smile: :blue-background[x] :streamlit:",
    "$E=mc^2$ $$\\int$$ \\input{/etc/passwd} \\write18{touch /tmp/attacked}",
    "=HYPERLINK(\"http://198.51.100.7\") +cmd|' /C calc'!A0",
    "rtl \u202e gnp.exe \u2066 hidden \u200b \u0000 \u001b[31m \u0007 \u2028 end",
    "../../../../etc/passwd",
    "{{7*7}} ${7*7} #{7*7} %s %n",
    "'; DROP TABLE rows; --",
    "nul\x00byte",
    "²x³",
    f"{'9' * 5000}x1",
)
LONG = "m" * 1_000_000
#: Pictures by Pillow's reckoning: one that another program is started for, and one that it gives up on.
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
DDS = b"DDS " + (124).to_bytes(4, "little") + b"\x00" * 68 + (32).to_bytes(4, "little") + b"\x04" * 44


def hostile_run(folder: Path) -> Path:
    """Write the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [*ATTACKS, LONG[:300_000]]
    fake = Fake(titles=tuple((model, text) for (model, _), text in zip(Fake().titles, names, strict=False)))
    _results(folder, fake, names)
    _pictures(folder / "galleries/bad")
    (folder / "secret.png").symlink_to("/etc/hostname")
    _logs(folder / "fits/bad")
    manifest(folder, fake, **_tables_of_contents(names))
    _spoil(folder)
    return folder


def _results(folder: Path, fake: Fake, names: list[str]) -> None:
    made = list(rows(fake))
    changed = [
        one.model_copy(update={
            "notes": (names[i % len(names)],), "variant": names[i % len(names)] if i % 7 == 0 else "",
            "real_pool": names[i % len(names)], "git_revision": names[i % len(names)],
            "value": one.value if i % 11 else _gigantic(i),
        })
        for i, one in enumerate(made)
    ]  # fmt: skip
    for i, text in enumerate(names):
        place = {"dataset": text, "resolution": text, "protocol": text, "metric": text, "split": text, "model": text}
        changed.append(made[0].model_copy(update={**place, "trial": None, "training_seed": i, "selection": text}))
        changed.append(made[0].model_copy(update={"model": text, "reason": text, "value": None, "trial": None,
                                                  "status": Status.FAILED}))  # fmt: skip
    write_results(folder, made)  # what was tested, of rows that were as they should be
    write_rows(folder / RESULTS, changed)
    with (folder / RESULTS).open("a", encoding="utf-8") as stream:
        stream.write('{"value": NaN}\nnot json\n[1, 2]\n"text"\n{"trial": null}\n\n{"value": 1e999}\n')
        stream.write("[" * 5000 + "\n")
        stream.write(json.dumps({"suite": "x" * 2_000_000}) + "\n")
    with (folder / COMPARISONS).open("a", encoding="utf-8") as stream:
        stream.write('{"words": "<script>"}\n\ufffe\n')


def _gigantic(i: int) -> float:
    return (1.7e308, -1.7e308, 5e-324, 1e30, -0.0)[i % 5]


def _pictures(folder: Path) -> None:
    """Write tiles that are no images, bombs, links out of the folder, and one that is fine."""
    folder.mkdir(parents=True)
    (folder / "0000.image.png").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='window.attacked=1'/>")
    (folder / "0001.image.png").write_bytes(bomb(60_000, 60_000))
    (folder / "0002.image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50)
    (folder / "0003.image.png").symlink_to("/etc/hostname")
    (folder / "0004.image.png").mkdir()
    Image.new("RGB", (3, 5000)).save(folder / "0005.image.png")
    Image.new("RGB", (64, 32), "red").save(folder / "0006.image.png")
    (folder / "0007.image.png").write_bytes(EPS)
    (folder / "0008.image.png").write_bytes(DDS)
    Image.new("RGB", (1, 200_000)).save(folder / "0009.image.png")
    Image.new("RGB", (64, 32), "blue").save(folder / "0000.layout.png")


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is a huge one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def _logs(folder: Path) -> None:
    folder.mkdir(parents=True)
    lines = [
        '{"images": 1e308, "losses": {"a": 1e308, "b": -1e308}}', '{"images": NaN, "losses": {"a": NaN}}',
        '{"images": -5, "losses": {"a": 1}}', '{"images": true, "losses": {"a": true}}', "[]", "x", "",
        json.dumps({"images": 16, "losses": {text[:500]: 1.5 for text in ATTACKS}}),
        json.dumps({"images": 32, "losses": {text[:500]: 1e29 for text in ATTACKS}}),
        json.dumps({"event": ATTACKS[0], "images": ATTACKS[1]}), "[" * 100_000, '{"losses": ' * 1000,
        json.dumps({"images": 10**400, "losses": {"a": 10**400}}),
    ]  # fmt: skip
    (folder / "stats.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "previews").mkdir()
    for name in ("²", "٣", "9" * 200, "<b>"):
        Image.new("RGB", (64, 32)).save(folder / "previews" / f"{name}.png")


def _distances() -> SnapshotDistances:
    values = ((10**400, 1.0), (-5, 1.0), (8, 1e308), (10**300, 2.0))
    return SnapshotDistances(protocol=ATTACKS[0], weights_hash="", num_real=10**50, num_generated=10**50,
                             sampling_seed=0, values=values)  # fmt: skip


def _tables_of_contents(names: list[str]) -> Mapping[str, Any]:
    shape = {"training_seed": 0, "training_images": 400, "redistributable": True}
    galleries = [
        GalleryRecord(**shape, model=text, title=text, recipe=text, variant=text, dataset="toy-streets",
                      resolution="32x64", layout_source=source, folder="galleries/bad", count=10, has_images=True,
                      has_layouts=True)
        for text in names for source in ("generated", "real")
    ]  # fmt: skip
    galleries += [
        GalleryRecord(**shape, model="m", title=where, recipe="", dataset=where, resolution=where,
                      layout_source="none", folder=where, count=2**40, has_images=True, has_layouts=True)
        for where in ("../../../../../etc", "/etc", "galleries/bad/../../..", "\0", "x" * 70_000, "9" * 400 + "x9")
    ]  # fmt: skip
    fits = [
        FitRecord(model=text, title=text, recipe=text, dataset="toy-streets", resolution="32x64", training_seed=i,
                  training_images=400, images_seen=10**15, train_seconds=1e300, total_images_seen=1,
                  total_train_seconds=1.0, parameters=10**18, folder="../../..", stats="fits/bad/stats.jsonl",
                  collapsed=text, distances=_distances())
        for i, text in enumerate(names)
    ]  # fmt: skip
    datasets = [
        DatasetRecord(dataset="toy-streets", resolution="32x64", split=text, fingerprint=text,
                      class_names=tuple(names), palette=tuple((i, 999, -5) for i in range(len(names))),
                      sizes={text: 10**15}, licence=text, redistributable=True, caution=text, sheet="secret.png")
        for text in names[:3]
    ]  # fmt: skip
    datasets.append(datasets[0].model_copy(update={  # more classes than a byte tells apart
        "class_names": (*(f"class {i}" for i in range(299)), "sky"), "palette": ((0, 0, 0),) * 300,
        "sheet": "galleries/bad/0009.image.png",
    }))  # fmt: skip
    datasets.append(datasets[0].model_copy(update={"class_names": ("sky",), "palette": ((10**30, 0, 0),)}))
    nearest = [
        NearestRecord(model=text, title=text, recipe=text, dataset="toy-streets", resolution="32x64",
                      training_images=None, layout_source="none", redistributable=True, protocol=text,
                      picture="../../../etc/hostname")
        for text in names
    ]  # fmt: skip
    jobs = [
        JobRecord(kind=text, title=text, status=Status.FAILED, reason=text, folder="/etc", seconds=1e308)
        for text in names
    ]  # fmt: skip
    words = {"title": ATTACKS[0], "summary": " ".join(ATTACKS), "suite": ATTACKS[3], "preset": ATTACKS[4],
             "command": "rm -rf ~ # " + ATTACKS[0], "device": ATTACKS[5], "config_hash": ATTACKS[0],
             "versions": {text: text for text in names}, "wall_seconds": 1e308}  # fmt: skip
    parts = {"galleries": galleries, "fits": fits, "datasets": datasets, "nearest": nearest, "jobs": jobs}
    return {**words, **{name: tuple(part) for name, part in parts.items()}}


def _spoil(folder: Path) -> None:
    """Break what else might be read."""
    (folder / "publication.json").write_text('{"name": "<script>"', encoding="utf-8")
    ratings = folder / "ratings"
    ratings.mkdir()
    (ratings / "results.jsonl").write_bytes(b"\xff\xfe\x00 no text\n{}\n")
    (ratings / "findings.json").write_text("[" * 100_000, encoding="utf-8")


def broken_runs(folder: Path) -> dict[str, Path]:
    """Write folders that cannot be opened at all, by what is wrong with them."""
    contents = {
        "no json": b"{",
        "no text": b"\xff\xfe\x00\x01",
        "other json": b"[1, 2, 3]",
        "deep": b"[" * 200_000,
        "empty": b"",
        "wrong types": json.dumps({"suite": 5, "fits": "none"}).encode(),
        "not finite": b'{"wall_seconds": NaN}',
    }
    made = {}
    for name, content in contents.items():
        made[name] = folder / name.replace(" ", "-")
        made[name].mkdir(parents=True)
        (made[name] / "run.json").write_bytes(content)
    return made
