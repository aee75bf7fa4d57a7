"""The shape of the house: who may know whom, and what is in the wheel."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "sbgan_bench"
SOURCES = sorted([*CORE.rglob("*.py"), *(ROOT / "baselines").rglob("*.py")])


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_the_core_never_names_the_baselines() -> None:
    offenders = [str(path) for path in CORE.rglob("*.py") if "sbgan_baselines" in path.read_text(encoding="utf-8")]
    assert not offenders


def test_importing_every_core_module_leaves_the_baselines_out() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in CORE.rglob("*.py")]
    modules = [name.removesuffix(".__init__") for name in modules if not name.endswith(("__main__", "dashboard"))]
    code = f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
    code += "sys.exit(any(name.startswith('sbgan_baselines') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


#: What works with numbers and rows alone.
NUMBERS = ["metrics", "report", "comparing", "publishing"]


@pytest.mark.parametrize("folder", NUMBERS)
def test_readers_metrics_and_comparisons_know_no_torch(folder: str) -> None:
    for path in (CORE / folder).rglob("*.py"):
        heavy = {name for name in imports(path) if name.split(".")[0] in ("torch", "torchvision")}
        assert not heavy, f"{path}: {heavy}"


@pytest.mark.parametrize("folder", ["metrics", "report", "publishing"])
def test_nor_does_anything_that_readers_and_metrics_import(folder: str) -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (CORE / folder).rglob("*.py")]
    names = [name.removesuffix(".__init__") for name in modules]
    code = f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
    code += "sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or f"something that sbgan_bench.{folder} imports, imports torch"


LOWER = ["metrics", "networks", "datasets", "image_sets", "protocols", "training", "comparing", "evaluation", "report",
         "importing", "annotation", "parity", "publishing", "dashboard"]  # fmt: skip
FILES = ["scoring", "draws", "splits", "features", "questions", "results", "metric", "protocol", "gan_train"]


@pytest.mark.parametrize("place", [*LOWER, *(f"{name}.py" for name in FILES)])
def test_arrows_never_go_back(place: str) -> None:
    there = CORE / place
    paths = list(there.rglob("*.py")) if there.is_dir() else [there]
    assert paths
    for path in paths:
        back = {name for name in imports(path) if name.startswith(("sbgan_bench.suite", "sbgan_bench.cli"))}
        assert not back, f"{path} imports {back}"


def test_images_become_features_and_features_numbers() -> None:
    """What stands earlier in this chain knows nothing of what stands later."""
    chain = ["image_sets", "protocols", "metrics", "comparing", "scoring", "evaluation"]
    for place, part in enumerate(chain[:-1]):
        # A protocol and the metrics that read it may share the names of its blocks.
        later = chain[place + 1 :] if part != "protocols" else chain[place + 2 :]
        names = tuple(f"sbgan_bench.{name}" for name in later)
        for path in [*(CORE / part).rglob("*.py"), *CORE.glob(f"{part}.py")]:
            ahead = {name for name in imports(path) if name.startswith(names)}
            assert not ahead, f"{path} imports {ahead}"


def test_readers_stand_on_each_other_one_way() -> None:
    """Publishing and the dashboard know the report; the report knows neither."""
    for path in (CORE / "report").rglob("*.py"):
        names = ("sbgan_bench.publishing", "sbgan_bench.dashboard")
        ahead = {name for name in imports(path) if name.startswith(names)}
        assert not ahead, f"{path} imports {ahead}"


#: Who reads strangers' files: the command that imports them, and the cases of checkpoints that somebody doubts.
FILE_READERS = (CORE / "importing", CORE / "parity", CORE / "cli")


def test_nobody_else_reads_strangers_files() -> None:
    """What is imported becomes an ordinary model; nothing that works with models knows how it came."""
    for path in CORE.rglob("*.py"):
        if not any(path.is_relative_to(folder) for folder in FILE_READERS):
            assert not {name for name in imports(path) if name.startswith("sbgan_bench.importing")}, path


#: Part of the rating sessions -> what it must not know: numbers no database, the database no reader of it, and the
#: process that raters reach nothing of the owner's.
STRANGERS = {
    "analysis": ("store.store", "store.opening", "store.schema", "page", "reporting"),
    "store": ("page", "crowd", "analysis", "freezing", "reporting"),
    "page": ("analysis", "reporting", "freezing"),
}


@pytest.mark.parametrize("part", STRANGERS)
def test_parts_of_rating_sessions_keep_apart(part: str) -> None:
    strange = tuple(f"sbgan_bench.rating.{name}" for name in STRANGERS[part])
    paths = list((CORE / "rating" / part).rglob("*.py"))
    assert paths
    for path in paths:
        known = {name for name in imports(path) if name.startswith(strange)}
        assert not known, f"{path} imports {known}"


def test_analysing_ratings_loads_no_database() -> None:
    modules = [path.stem for path in (CORE / "rating" / "analysis").glob("*.py") if path.stem != "__init__"]
    names = [f"sbgan_bench.rating.analysis.{name}" for name in modules]
    code = f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
    code += "sys.exit('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or "analysing ratings imports SQLAlchemy"


SMELLS = (
    r"sys\.path\b", r"import \*", r"__import__", r"(?<![.\w])eval\(", r"(?<![.\w])exit\(", r"except:", r"\.cuda\(\)",
    r'"N/A"', r"\bhasattr\(", r"(?<![.\w])print\(", r"import pickle",
    r"pickle\.loads?\(", r"torch\.load\((?!.*weights_only=True)",
)  # fmt: skip


#: The one reader of strangers' pickles: it finds no name outside itself, which tests/importing/test_reading.py shows.
INERT_READER = CORE / "importing" / "reading.py"
PICKLES = {r"import pickle", r"torch\.load\((?!.*weights_only=True)"}


@pytest.mark.parametrize("smell", SMELLS)
def test_no_smell(smell: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        if path != INERT_READER or smell not in PICKLES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(smell, line)
    ]
    assert not found


def test_no_machine_path_anywhere() -> None:
    for path in [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *CORE.rglob("*.toml")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w:/.>)<`])/(?:home|Users|mnt|srv|tmp|usr|var)/", text), path


def test_reports_holds_no_python_and_baselines_is_no_package() -> None:
    assert not list((ROOT / "reports").rglob("*.py"))
    assert not (ROOT / "baselines" / "__init__.py").exists()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the checkout")
def test_the_wheel_holds_two_packages_and_no_other(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"sbgan_bench", "sbgan_baselines"}
    assert any(name.endswith("suites/demo.toml") for name in names)
    assert "sbgan_bench/published/paper/tables.toml" in names
    assert any("assets/judges/" in name for name in names)
