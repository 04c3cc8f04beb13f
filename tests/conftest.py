"""What every test shares: the real PostgreSQL and Kafka, and the law that none is skipped."""

from __future__ import annotations

from collections.abc import Generator
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import settings

pytest_plugins = ("tests.support.postgres", "tests.support.kafka")

# The same examples on every machine: a red run can be run again. `make faults` looks further.
settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give each run a folder of its own for what its tests write.

    The usual one is shared by all runs of a user, and each run that begins closes it to others
    again: to the user under which a database runs, too, where root runs the tests.
    """
    if config.option.basetemp is None:
        config.option.basetemp = folder = mkdtemp(prefix="cm-tests-")
        config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: a part that cannot be had is said, not passed over."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
