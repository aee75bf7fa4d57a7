"""Jobs that make data ready: splits decoded once, and the segmenter that judges."""

import shutil

from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.contact_sheet import contact_sheet
from sbgan_bench.errors import BenchError
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.judge import JudgeSettings, bundled_judge, read_judge, train_judge
from sbgan_bench.pictures import write_png
from sbgan_bench.storage import atomic_file, write_json
from sbgan_bench.suite.jobs.context import JUDGE, TABLE, JobContext, Tick

#: Pairs on a contact sheet.
SHEET = 12


def prepare_split(context: JobContext) -> str:
    """Decode, crop and resize one split into the cache; draw its contact sheet."""
    config = context.config
    dataset = context.dataset(config["dataset"])
    height, width = config["resolution"]
    table = prepare(
        dataset,
        config["split"],
        (height, width),
        context.cache,
        lambda done, total: context.report(Tick(done, total, "pairs")),
    )
    write_png(context.folder / "sheet.png", contact_sheet(table, SHEET))
    info = dataset.info
    record = {
        "dataset": info.name,
        "split": config["split"],
        "split_name": dataset.split_name,
        "resolution": [height, width],
        "fingerprint": table.fingerprint,
        "pairs": len(table),
        "caution": table.split.caution,
        "groups": list(table.split.groups),
    }
    write_json(context.folder / TABLE, record)
    return hash_json({"config": {**config}, "pairs": len(table), "groups": record["groups"]})


def adopt_or_train_judge(context: JobContext) -> str:
    """Copy the judge that was given or ships with the package, or train one on the train split."""
    target = context.folder / JUDGE
    if "file" in context.config:
        _adopt(context)
    else:
        settings = JudgeSettings.parse(dict(context.config["settings"]), "judge settings")
        train_judge(
            context.table("train"),
            target,
            settings=settings,
            device=context.device,
            selection=context.table("selection"),
            report=lambda done, total: context.report(Tick(done, total, "images")),
        )
    read_judge(target)
    return hash_file(target)


def _adopt(context: JobContext) -> None:
    wanted = context.config["file"]
    height, width = context.config["resolution"]
    given = context.judge or bundled_judge(context.config["dataset"], (height, width))
    if given is None or hash_file(given) != wanted:
        raise BenchError(f"The judge {given} changed while the suite was running; start the command again.")
    with atomic_file(context.folder / JUDGE) as temporary:
        shutil.copyfile(given, temporary)
