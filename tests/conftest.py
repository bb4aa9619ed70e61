"""What a run of the tests says at its end: what was left out, and how to have it."""

import os

import pytest
from hypothesis import settings

# Progress bars are of no use here; tqdm reads this when it is imported.
os.environ["TQDM_DISABLE"] = "1"
# Two processes share the processor: how long an example takes says nothing about the code.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

HOW = {
    "CIFAR-10": "put cifar10.npz into a folder and set KERASCOMP_DATA to it",
    "Chromium": "install Chromium",
}


@pytest.fixture(scope="module")
def browser():
    """A browser without a window, for tests that are marked with NEEDS_CHROMIUM."""
    from helpers import CHROMIUM, FLAGS, MISSING
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def pytest_terminal_summary(terminalreporter, config):
    """Prints a line for each reason why tests were skipped, and one for those that are slow."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[-1]) for report in reports]
    for what, how in HOW.items():
        if number := sum(what in reason for reason in reasons):
            terminalreporter.write_line(f"{number} tests need {what}: {how}")
    others = [reason for reason in reasons if not any(what in reason for what in HOW)]
    for reason in sorted(set(others)):
        terminalreporter.write_line(f"{others.count(reason)} tests: {reason}")
    if config.option.markexpr == "not slow":
        terminalreporter.write_line("slow tests were left out: make test-all runs them too")
