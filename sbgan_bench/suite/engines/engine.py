"""What an engine is to the command line: settings, and an executor made from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from sbgan_bench.config import Settings
from sbgan_bench.errors import BenchError
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.suite.engine import Executor
from sbgan_bench.suite.worker import Workplace

#: Makes an executor for a run.
Opener = Callable[[Workplace], Executor]


class EngineSettings(Settings):
    """What every engine can be told."""

    jobs: int | None = Field(default=None, ge=1)  #: most jobs at a time; None for as many as there is room for
    threads: int = Field(default=1, ge=1)  #: of one job; the suite says so, since it changes numbers


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to carry jobs out, registered under ``sbgan_bench.engines``."""

    summary: str  #: one sentence for people
    settings: type[EngineSettings]
    open: Callable[[Any, Workplace], Executor]  #: settings, place -> executor


def choose_engine(name: str, values: Mapping[str, Any]) -> Opener:
    """Return what makes the executor of an engine; nothing is started or connected to yet.

    Args:
        name: Registered name.
        values: Its settings.

    Raises:
        BenchError: No such engine, or settings that it does not have.
    """
    engine: Engine = load_plugin(PluginGroup.ENGINES, name)
    settings = engine.settings.parse(dict(values), f"engine {name}")
    return lambda place: engine.open(settings, place)


def missing_extra(name: str, module: str) -> BenchError:
    """Return the error of an engine whose library is not installed."""
    return BenchError(f"Engine {name!r} needs {module}: pip install 'sbgan-bench[{name}]'.")
