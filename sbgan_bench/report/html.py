"""A report as one HTML page that needs nothing else: pictures inlined, no scripts, no network."""

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined

from sbgan_bench.report.document import Figure, Item, PlainTable, Report
from sbgan_bench.report.escaping import slug
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.tables import Table
from sbgan_bench.report.wording import letter

#: Columns of numbers that an upright page is wide enough for.
_ACROSS = 8
_MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def _data_uri(picture: Picture) -> str:
    return f"data:{_MEDIA_TYPES[picture.suffix]};base64,{base64.b64encode(picture.data).decode()}"


def _kind(item: Item) -> str:
    match item:
        case Table():
            return "scores"
        case PlainTable():
            return "words"
        case Figure():
            return "figure"


def _wide(item: Item) -> bool:
    """Whether a table is printed on a page of its own, across."""
    return isinstance(item, Table) and 3 * len(item.columns) + len(item.paper) > _ACROSS


def page_text(report: Report) -> str:
    """Return the whole page."""
    environment = Environment(
        loader=PackageLoader("sbgan_bench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(data_uri=_data_uri, kind=_kind, wide=_wide, letter=letter, slug=slug)
    return environment.get_template("page.html.j2").render(report=report)
