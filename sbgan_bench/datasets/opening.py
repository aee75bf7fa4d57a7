"""Opening a dataset by its registered name."""

from typing import Any

from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.plugins import PluginGroup, load_plugin


def open_dataset(name: str, values: dict[str, Any], origin: str) -> AbstractDataset:
    """Open the dataset that is installed under ``name``.

    Args:
        name: "camvid", "folder", "toy-streets", or another package's.
        values: Its settings as plain values; missing ones take their defaults.
        origin: Where the values came from, for error messages ("suite demo.toml").

    Raises:
        BenchError: No such dataset, or what is installed under the name is not one.
        ConfigError: A setting is unknown, missing or of the wrong kind.
        DataError: No folder was given, or the data in it cannot be used.
    """
    kind = load_plugin(PluginGroup.DATASETS, name)
    if not (isinstance(kind, type) and issubclass(kind, AbstractDataset)):
        raise BenchError(
            f"The dataset {name!r} is {kind!r}, which does not derive from sbgan_bench.dataset.AbstractDataset; "
            "mend the package that registers it."
        )
    if "root" in kind.Settings.model_fields and "root" not in values:
        raise DataError(f"Dataset {name!r} needs its folder: pass --data {name}=FOLDER.")
    if "root" in values and "root" not in kind.Settings.model_fields:
        raise DataError(f"Dataset {name!r} is not read from a folder; leave out --data.")
    settings = kind.Settings.parse(values, f"{origin}: dataset {name!r}")
    return kind.open(settings)
