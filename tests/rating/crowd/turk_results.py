"""Workers who fill in the exported form, and Mechanical Turk's result file of what they said."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from html.parser import HTMLParser

from sbgan_bench.rating.crowd.batch import BatchFolder
from sbgan_bench.rating.crowd.template import fill_template

#: The columns of a result file, as Mechanical Turk writes them.
OFFICIAL = re.findall(
    r"\w+",
    "HITId HITTypeId Title Description Keywords Reward CreationTime MaxAssignments RequesterAnnotation "
    "AssignmentDurationInSeconds AutoApprovalDelayInSeconds Expiration NumberOfSimilarHITs LifetimeInSeconds "
    "AssignmentId WorkerId AssignmentStatus AcceptTime SubmitTime AutoApprovalTime ApprovalTime RejectionTime "
    "RequesterFeedback WorkTimeInSeconds LifetimeApprovalRate Last30DaysApprovalRate Last7DaysApprovalRate",
)


class Shape(Enum):
    """How crowd-form's answers get into a result file."""

    OPTIONS = auto()  #: a column per option
    VALUES = auto()  #: a column per field
    JSON = auto()  #: all in one cell


class Form(HTMLParser):
    """What a worker finds in a HIT: for each image its address, the field that scores it, and the options."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.trials: list[tuple[str, str, list[str]]] = []
        self._url = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if values.get("class") == "trial":
            self._url = values["data-image"]
        if tag == "input" and values.get("type") == "radio" and self._url:
            if not self.trials or self.trials[-1][1] != values["name"]:
                self.trials.append((self._url, values["name"], []))
            self.trials[-1][2].append(values["value"])


@dataclass
class Worker:
    """A worker who takes one HIT."""

    name: str
    hit: int
    scores: Mapping[str, int]  #: by image; what is not there is left out
    seconds: int = 60
    status: str = "Submitted"


def input_rows(folder: BatchFolder) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(folder.inputs.read_text(encoding="utf-8"))))


def image_of(url: str) -> str:
    return url.rsplit("/", 1)[-1].removesuffix(".png")


def answers(form: Form, scores: Mapping[str, int], shape: Shape) -> dict[str, str]:
    """Return the Answer columns of a filled form."""
    chosen = {field: (str(scores.get(image_of(url), "")), options) for url, field, options in form.trials}
    ticked = {field: {option: option == value for option in options} for field, (value, options) in chosen.items()}
    ticked["consent"] = {"yes": True}
    match shape:
        case Shape.OPTIONS:
            return {
                f"Answer.{field}.{option}": str(state).lower()
                for field, states in ticked.items()
                for option, state in states.items()
            }
        case Shape.VALUES:
            return {f"Answer.{field}": value for field, (value, _) in chosen.items()} | {"Answer.consent": "yes"}
        case Shape.JSON:
            return {"Answer.taskAnswers": json.dumps([ticked])}


def result_rows(folder: BatchFolder, workers: Sequence[Worker], shape: Shape) -> list[dict[str, str]]:
    template, inputs = folder.template.read_text(encoding="utf-8"), input_rows(folder)
    return [
        {
            "HITId": f"HIT{worker.hit}",
            "Reward": "$0.90",
            "AssignmentId": f"{worker.name}-{worker.hit}",
            "WorkerId": worker.name,
            "AssignmentStatus": worker.status,
            "WorkTimeInSeconds": str(worker.seconds),
        }
        | {f"Input.{name}": value for name, value in inputs[worker.hit].items()}
        | answers(Form(fill_template(template, inputs[worker.hit])), worker.scores, shape)
        for worker in workers
    ]


def result_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Return a result file with the official columns before, Approve and Reject after, and everything quoted."""
    own = dict.fromkeys(name for row in rows for name in row if name.startswith(("Input.", "Answer.")))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [*OFFICIAL, *own, "Approve", "Reject"], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
