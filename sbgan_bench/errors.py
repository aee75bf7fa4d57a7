"""Errors a user can act on; the command line prints them as one line and exits with code 2."""


class BenchError(Exception):
    """Something the user can mend. The message names the thing, the value and the remedy."""


class ConfigError(BenchError):
    """A configuration file or value that cannot be used."""


class DataError(BenchError):
    """A dataset, image or label map that cannot be used."""


class CorruptFileError(BenchError):
    """A file of ours (checkpoint, cache entry, artefact) whose content is not what was written."""


class PluginImportError(BenchError):
    """A registered plug-in whose module cannot be imported."""


class TrainingDivergedError(BenchError):
    """A loss became NaN or infinite; the message says at which step, which term, and what to try."""


class UnsupportedError(BenchError):
    """A cell that cannot be (SPADE without layouts, say); becomes a row "skipped: reason"."""


class Interrupted(BenchError):  # noqa: N818  # a request obeyed, not an error made
    """Training was asked to stop (Ctrl-C, SIGTERM) and saved itself; the message says how to go on."""


class TakenOverError(BenchError):
    """Another process took this one for dead, and does its work now."""


class CheckpointError(BenchError):
    """A checkpoint made elsewhere that cannot be read, or that fits no network of ours."""
