"""``sbgan-bench cache``."""

from typing import Any

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option
from sbgan_bench.errors import ConfigError


@click.group()
def cache() -> None:
    """Features kept between runs: how many, of what, whether whole; and making them fewer.

    Features are kept by content under the folder that SBGAN_BENCH_CACHE names, and the sets of images that were not
    used for longest are removed when they take more than SBGAN_BENCH_CACHE_LIMIT (default 20GB; "none": no limit).
    Whatever is removed is extracted again when it is needed.
    """


@cache.command()
@format_option
def info(output: str) -> None:
    """Say where the cache is, how large, and what bounds it.

    \b
    Example:
      sbgan-bench cache info
    """
    from sbgan_bench.byte_sizes import bytes_text
    from sbgan_bench.cache_overview import overview

    found = overview()
    if output == "json":
        echo_json(found.to_json())
        return
    limit = "no limit" if found.limit is None else f"limit {bytes_text(found.limit)}"
    click.echo(f"{found.root}: {bytes_text(sum(found.parts.values()))}")
    click.echo(f"features: {bytes_text(found.parts['features'])} of {found.sets} sets of images ({limit})")
    for name, size in found.parts.items():
        if name != "features":
            click.echo(f"{name}: {bytes_text(size)} (not limited, never pruned)")


@cache.command("list")
@format_option
def listing(output: str) -> None:
    """List the sets of images that there are features of, the last used first.

    \b
    Example:
      sbgan-bench cache list
    """
    from sbgan_bench.cache_overview import table_sizes
    from sbgan_bench.feature_cache import features_root, stored_sets

    rows = [_row(one) for one in reversed(stored_sets(features_root()))]
    tables = table_sizes()
    if output == "json":
        echo_json({"sets": rows, "pairs": tables})
        return
    _echo_sets(rows)
    from sbgan_bench.byte_sizes import bytes_text

    for name, size in tables.items():
        click.echo(f"Table of pairs {name}: {bytes_text(size)}")


@cache.command()
@click.option("--remove", is_flag=True, help="Remove damaged files; they are extracted again when needed.")
@format_option
def verify(remove: bool, output: str) -> None:
    """Read every file of features and hold it against its checksum; exit code 1 if damaged ones are left.

    Damage is found and mended without this command too, whenever features are used.

    \b
    Example:
      sbgan-bench cache verify --remove
    """
    from sbgan_bench.cache_overview import damaged_files
    from sbgan_bench.feature_cache import features_root

    found = damaged_files(features_root(), remove=remove)
    done = "removed" if remove else "damaged"
    if output == "json":
        echo_json({"files": found.files, done: [str(path) for path in found.damaged]})
    else:
        for path in found.damaged:
            click.echo(f"{done}: {path}")
        click.echo(f"{found.files} files read, {len(found.damaged)} {'damaged and ' if remove else ''}{done}.")
    if found.damaged and not remove:
        raise SystemExit(1)


@cache.command()
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Sets not used for this many days.")
@click.option("--to", "size", metavar="SIZE", help='The longest unused, until no more than this is left ("2GB").')
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@format_option
def prune(older_than: float | None, size: str | None, everything: bool, dry_run: bool, output: str) -> None:
    """Remove features. Weights and tables of pairs are left alone.

    \b
    Examples:
      sbgan-bench cache prune --older-than 30 --dry-run
      sbgan-bench cache prune --to 2GB
      sbgan-bench cache prune --all
    """
    if [older_than is not None, size is not None, everything].count(True) != 1:
        raise ConfigError("Say which features to remove: one of --older-than DAYS, --to SIZE and --all.")
    from sbgan_bench.byte_sizes import bytes_text
    from sbgan_bench.cache_overview import chosen_sets, remove_sets

    chosen = chosen_sets(older_than, size)
    rows = [_row(one) for one in chosen]
    if not dry_run:
        remove_sets(chosen)
    if output == "json":
        echo_json({"dry_run": dry_run, "sets": rows})
        return
    _echo_sets(rows)
    total = bytes_text(sum(one.size for one in chosen))
    click.echo(
        f"{'Would remove' if dry_run else 'Removed'} {len(rows)} sets, {total}. Weights and tables of pairs stay."
    )


def _row(one: Any) -> dict[str, Any]:
    from datetime import UTC, datetime

    return {
        "set": one.what,
        "protocols": list(one.protocols),
        "images": one.images,
        "bytes": one.size,
        "last_used": datetime.fromtimestamp(one.last_used, UTC).isoformat(timespec="seconds"),
        "folder": one.folder.name,
    }


def _echo_sets(rows: list[dict[str, Any]]) -> None:
    from sbgan_bench.byte_sizes import bytes_text

    if not rows:
        click.echo("No features.")
        return
    shown = [
        {
            **row,
            "protocols": ", ".join(row["protocols"]),
            "bytes": bytes_text(row["bytes"]),
            "last_used": row["last_used"].removesuffix("+00:00").replace("T", " "),
        }
        for row in rows
    ]
    columns = {
        "set": "set",
        "protocols": "protocols",
        "images": "images",
        "bytes": "size",
        "last_used": "last used (UTC)",
    }
    echo_table(shown, columns)
