"""The page that a Mechanical Turk worker sees."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.study import FrozenStudy

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def image_variable(number: int) -> str:
    """Return the variable of the input CSV that holds the address of an image; numbers count from 1."""
    return f"image_{number}"


def score_field(number: int) -> str:
    """Return the form field that holds the score of an image."""
    return f"score_{number}"


#: The form field of the consent.
CONSENT_FIELD = "consent"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place for an image."""

    url: Markup  #: a variable of Mechanical Turk
    score: str  #: name of the form field


def render_template(study: FrozenStudy, images: int, image_url: Callable[[str], str]) -> str:
    """Return the HTML template of a batch, with ``${image_1}`` and so on where images go.

    It holds everything but the images. Whatever the study's owner wrote is escaped, dollar signs included, for
    Mechanical Turk takes ``${...}`` for a variable wherever it stands.

    Args:
        study: Words of the consent, the instructions and the scale; the size of the images.
        images: Places for images.
        image_url: Id of an image -> its address, for the examples beside the instructions.
    """
    environment = Environment(
        loader=PackageLoader("sbgan_bench.rating.crowd"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_variables,
        keep_trailing_newline=True,
    )
    numbers = range(1, images + 1)
    slots = [_Slot(Markup("${{{}}}").format(image_variable(n)), score_field(n)) for n in numbers]
    return environment.get_template("hit.html.j2").render(study=study, slots=slots, anchor_url=image_url)


def _without_variables(value: Any) -> Any:
    """Escape a value that goes into the page, unless it is markup already."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)).replace("$", "&#36;"))  # noqa: S704


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Put a row of the input CSV into a template, as Mechanical Turk does, but escaped.

    Raises:
        ConfigError: The template has a variable that is no column.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ConfigError(
                f"The template has the variable {match[0]}, which the input CSV lacks; it has {', '.join(values)}."
            )
        return escape(values[match[1]])

    return _VARIABLE.sub(value, template)
