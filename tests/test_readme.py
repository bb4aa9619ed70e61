"""What the README says is so."""

import re
import shutil
import subprocess

import pytest

from kerascomp import files
from kerascomp.course import claims, pages, results, runs

TEXT = pages.README.read_text(encoding="utf-8")


def test_the_page_of_claims_is_built_from_what_was_measured():
    text = claims.page()
    assert claims.PATH.read_text(encoding="utf-8") == text
    for number in range(1, 9):  # the report's references
        assert f"| [{number}]" in text


def test_tables_are_built_from_the_figures():
    assert pages.filled(TEXT) == TEXT, "run: make figures"


def test_headline_numbers_are_what_the_stored_points_say():
    """Computed once more, in another way: the curve is a straight line between two points."""
    for name, label, text in (
        ("mnist", "bottleneck", "entropy bottleneck, a file each"),
        ("cifar10", "KLT", "KLT, a file each"),
    ):
        column, target_db = {"mnist": (2, 20), "cifar10": (3, 25)}[name]
        points = results.load(name)[label]
        above = next(index for index, point in enumerate(points) if point.psnr_db > target_db)
        low, high = points[above - 1], points[above]
        share = (target_db - low.psnr_db) / (high.psnr_db - low.psnr_db)
        expected = low.bytes_per_image ** (1 - share) * high.bytes_per_image**share
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| {text} "))
        (printed, *_) = re.findall(r"[\d.]+", row.split("|")[column])
        assert float(printed) == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("target_db", "expected"),
    [
        (9.9, "8 bytes (10.0 dB)"),  # the smallest file is already better
        (10, "**8.0 bytes**"),
        (15, "**16.0 bytes**"),  # the geometric mean of 8 and 32
        (20, "**32.0 bytes**"),
        (20.1, "–"),
    ],
)
def test_bytes_at_a_quality(target_db, expected):
    assert pages.bytes_at([8, 32], [10, 20], target_db) == expected
    assert pages.bytes_at([], [], target_db) == "–"


def test_gallery_is_built_from_the_figures():
    gallery = (runs.PUBLISHED_FIGURES / "README.md").read_text(encoding="utf-8")
    assert gallery == pages.gallery(), "run: make figures"


def test_links_and_pictures_exist():
    for page in (pages.README, runs.PUBLISHED_FIGURES / "README.md"):
        links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        relative = [link for link in links if not link.startswith("http")]
        assert relative and all((page.parent / link).exists() for link in relative)


def test_files_of_the_reading_order_are_as_long_as_it_says():
    rows = re.findall(r"^\| \[([\w/]+\.py)\]\(kerascomp/\1\) \| (\d+) \|", TEXT, re.M)
    assert len(rows) >= 5
    for name, lines in rows:
        length = len((files.PACKAGE / name).read_text(encoding="utf-8").splitlines())
        assert abs(length - int(lines)) <= 10, f"{name} has {length} lines"


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_commands_are_make_targets():
    commands = set(re.findall(r"\bmake ([a-z]+)", TEXT))
    assert {"figures", "test"} <= commands
    for command in commands:
        subprocess.run(
            ["make", "--dry-run", command], cwd=files.WORKPLACE, check=True, capture_output=True
        )


def test_continuous_integration_runs_the_readmes_test_command():
    assert "make test" in TEXT and "make test\n" in (
        files.WORKPLACE / ".ci" / "run"
    ).read_text(encoding="utf-8")  # fmt: skip


def test_python_examples_run():
    for example in re.findall(r"```python\n(.*?)```", TEXT, re.S):
        exec(compile(example, "README.md", "exec"), {})
