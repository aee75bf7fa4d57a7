"""What is checked of a suite as a whole, before anything of it is imported or started."""

from typing import TYPE_CHECKING

from sbgan_bench.config import did_you_mean
from sbgan_bench.errors import ConfigError
from sbgan_bench.manifest import BUILT_IN_TABLES
from sbgan_bench.plugins import PluginGroup, installed

if TYPE_CHECKING:
    from sbgan_bench.suite.spec import Entry, Suite


def check_names(suite: "Suite", origin: str) -> None:
    """Compare every name with what is installed, without importing any of it."""
    measured = [suite.evaluation, *(suite.at(*place).evaluation for place in suite.grid.places)]
    asked = {
        PluginGroup.MODELS: [
            *(entry.model for entry in suite.entries),
            *suite.models,
            *(name for entry in suite.entries for name in entry.models),
            *(name for column in suite.columns.values() for name in column.models),
        ],
        PluginGroup.DATASETS: [
            *suite.grid.dataset_names,
            *suite.datasets,
            *(place.partition("/")[0] for place in suite.columns),
            *(place.partition("/")[0] for entry in suite.entries for place in entry.only),
        ],
        PluginGroup.PROTOCOLS: [name for one in measured for name in (*one.protocols, one.selection_protocol)],
        PluginGroup.METRICS: [name for one in measured for name in (*one.metrics, *one.compared)],
    }
    faults = []
    for group, names in asked.items():
        known = list(installed(group))
        faults += [
            f"no {group.noun} named {name!r} (installed: {', '.join(known)}).{did_you_mean(name, known)}"
            for name in dict.fromkeys(names)
            if name not in known
        ]
    if faults:
        raise ConfigError(f"suite {origin}: {' '.join(faults)}")


def check_entries(suite: "Suite", origin: str) -> None:
    """See that settings of an entry's own are told apart by a label of its own, wherever it stands."""
    seen: dict[tuple[str, str, str, str], Entry] = {}
    for entry in suite.entries:
        if entry.models and not entry.variant:
            raise ConfigError(
                f"suite {origin}: an entry of {entry.model!r} has settings of its own and no label; "
                'add variant = "..." so that its rows can be told from the others.'
            )
        if entry.saved and (entry.models or entry.recipes != ("default",)):
            raise ConfigError(
                f"suite {origin}: the entry of {entry.model!r} loads {entry.saved} as it is; leave out recipes and "
                "models, or saved."
            )
        for place in suite.grid.places:
            if not entry.stands_in(*place):
                continue
            other = seen.setdefault((entry.model, entry.variant, *place), entry)
            if (other.models, other.saved) != (entry.models, entry.saved):
                raise ConfigError(
                    f"suite {origin}: two entries are both {entry.title!r}, with different settings; "
                    "give each a variant of its own."
                )


def check_tables(suite: "Suite", origin: str) -> None:
    """See that every table has a name of its own, by which reports keep its files apart from those of the others."""
    seen = set()
    for name in (table.name for table in suite.tables):
        if name in seen:
            raise ConfigError(f"suite {origin}: two tables are both named {name!r}; give each a name of its own.")
        if name in BUILT_IN_TABLES or name.startswith("paper-"):
            raise ConfigError(f"suite {origin}: every report has a table named {name!r} already; choose another name.")
        seen.add(name)
