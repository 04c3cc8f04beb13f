"""What every test shares: the real PostgreSQL and Kafka, and the law that none is skipped."""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec

import pytest
from hypothesis import settings

PARTS = ("tests.support.postgres", "tests.support.kafka")
pytest_plugins = [part for part in PARTS if find_spec(part)]

# The same examples on every machine: a red run can be run again. `make faults` looks further.
settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: a part that cannot be had is said, not passed over."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
