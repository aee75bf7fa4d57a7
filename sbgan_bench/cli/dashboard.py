"""``sbgan-bench dashboard``."""

from pathlib import Path

import click

from sbgan_bench.errors import ConfigError


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. Default: 8501, or the next free one.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on: this machine alone.")
@click.option(
    "--study",
    "studies",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Show the progress of this rating study of yours; repeatable, and only on this machine.",
)
def dashboard(runs: tuple[Path, ...], port: int | None, address: str, studies: tuple[Path, ...]) -> None:
    """Look at runs in the browser: tables, samples, curves, where every number comes from. Nothing is written.

    Shows the run folders named, else those below runs/, and the published ones. Stop it with Ctrl-C.

    \b
    Examples:
      sbgan-bench dashboard
      sbgan-bench dashboard runs/demo --port 8600
    """
    try:
        import streamlit  # noqa: F401
    except ImportError as error:
        raise ConfigError("The dashboard needs Streamlit: pip install 'sbgan-bench[dashboard]'.") from error
    missing = [str(run) for run in runs if not run.exists()]
    if missing:
        raise ConfigError(f"No folder {', '.join(missing)}. Name run folders as 'sbgan-bench run' leaves them.")

    from sbgan_bench.dashboard.arguments import Arguments
    from sbgan_bench.dashboard.serving import start

    start(Arguments(runs, studies), address, port)
