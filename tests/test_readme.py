"""What the README says is so."""

import re
import subprocess

from kerascomp import files
from kerascomp.course import pages, runs, sources

TEXT = pages.README.read_text(encoding="utf-8")


def test_tables_are_built_from_the_figures():
    assert pages.filled(TEXT) == TEXT, "run: make figures"


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


def test_lessons_link_to_what_exists():
    for name in sources.names():
        text = sources.source_path(name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert (sources.FOLDER / link).exists(), f"{name} links to {link}"


def test_commands_are_make_targets():
    commands = set(re.findall(r"\bmake ([a-z]+)", TEXT))
    assert {"figures", "test"} <= commands
    for command in commands:
        subprocess.run(
            ["make", "--dry-run", command], cwd=files.WORKPLACE, check=True, capture_output=True
        )


def test_continuous_integration_runs_the_readmes_test_command():
    assert "make test" in TEXT and "exec make test" in (
        files.WORKPLACE / ".ci" / "run"
    ).read_text(encoding="utf-8")  # fmt: skip


def test_python_examples_run():
    for example in re.findall(r"```python\n(.*?)```", TEXT, re.S):
        exec(compile(example, "README.md", "exec"), {})
