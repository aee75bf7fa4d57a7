"""Laws of the job graph."""

from sbgan_bench.suite.graph import Job, JobKind, topological, urgency

CHAIN = {
    "a": Job(id="a", kind=JobKind.PREPARE, config={"x": 1}, seconds=3.0),
    "b": Job(id="b", kind=JobKind.TRAIN, config={}, inputs={"train": "a"}, seconds=10.0),
    "c": Job(id="c", kind=JobKind.FEATURES, config={}, inputs={"model": "b", "test": "a"}, seconds=2.0),
    "d": Job(id="d", kind=JobKind.PREPARE, config={"x": 2}, seconds=4.0),
}


def test_inputs_come_first() -> None:
    order = [job.id for job in topological(CHAIN)]
    assert all(order.index(parent) < order.index(job.id) for job in CHAIN.values() for parent in job.inputs.values())


def test_urgency_is_the_longest_chain_that_begins_with_a_job() -> None:
    assert urgency(CHAIN) == {"a": 15.0, "b": 12.0, "c": 2.0, "d": 4.0}


def test_a_key_follows_configuration_and_contents_and_nothing_else() -> None:
    job = CHAIN["c"]
    contents = {"model": "1", "test": "2"}
    assert job.key(contents) == Job(id="other", kind=job.kind, config={}, inputs={}, seconds=99).key(contents)
    assert job.key(contents) != job.key({**contents, "model": "3"})
    assert CHAIN["a"].key({}) != CHAIN["d"].key({})
