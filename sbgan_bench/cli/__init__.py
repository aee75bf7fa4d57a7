"""The command line: a thin face over the library. Commands are imported when they are used, so help is instant."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from sbgan_bench import __version__
from sbgan_bench.errors import BenchError

#: Command -> (module, attribute, one line of help).
COMMANDS = {
    "run": ("sbgan_bench.cli.run", "run", "Run a suite: train, sample, score, report."),
    "report": ("sbgan_bench.cli.report", "report", "Render tables and pictures of a run."),
    "dashboard": ("sbgan_bench.cli.dashboard", "dashboard", "Look at runs in the browser."),
    "publish": ("sbgan_bench.cli.publish", "publish", "Check a run and add it to the published results."),
    "evaluate": ("sbgan_bench.cli.evaluate", "evaluate", "Score images against real ones."),
    "compare": ("sbgan_bench.cli.compare", "compare", "Say which differences are more than chance."),
    "rate": ("sbgan_bench.cli.rating", "rate", "Let people rate images 1-4, blind; analyse what they said."),
    "train": ("sbgan_bench.cli.train", "train", "Train one model."),
    "sample": ("sbgan_bench.cli.sample", "sample", "Draw scenes with a trained model."),
    "import": ("sbgan_bench.cli.importing", "importing", "Load what others trained."),
    "annotate": ("sbgan_bench.cli.annotate", "annotate", "Label images with a trained segmenter."),
    "data": ("sbgan_bench.cli.data", "data", "Look at a dataset, or check it."),
    "weights": ("sbgan_bench.cli.weights", "weights", "Fetch weights made elsewhere, for FID and training; verified."),
    "cache": ("sbgan_bench.cli.cache", "cache", "Look at, check and prune the features kept between runs."),
    "parity": ("sbgan_bench.cli.parity", "parity", "Hold the networks against the released ones' outputs."),
    "list": ("sbgan_bench.cli.listing", "listing", "Show what is installed: models, datasets, suites, ..."),
}


class UserError(click.ClickException):
    """A mistake the user can mend: one line, exit code 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """A group whose commands are imported on use; errors users can mend become one line."""

    def __init__(self, *arguments: Any, table: Mapping[str, tuple[str, str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order people need them."""
        del ctx
        return list(self._table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; the modules are light, what they call is not."""
        del ctx
        if name not in self._table:
            return None
        module, attribute, _ = self._table[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in self._table.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except BenchError as error:
            raise UserError(str(error)) from error


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="sbgan-bench")
def main() -> None:
    """Benchmark generative models of complex scenes: SB-GAN, ProGAN, BigGAN, SPADE, and yours.

    \b
    Everything, from nothing to tables, on two CPU cores in a few minutes:
      sbgan-bench run demo
    The same on real photographs:
      sbgan-bench run camvid-quick --data path/to/CamVid
    A number for two folders of images:
      sbgan-bench evaluate --real photos/ --generated samples/
    Shell completion (bash; zsh and fish likewise):
      eval "$(_SBGAN_BENCH_COMPLETE=bash_source sbgan-bench)"
    """
