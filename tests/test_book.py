"""The book: what is collected for it, and the site as a reader meets it in a real browser."""

import functools
import http.server
import os
import threading
from urllib.parse import unquote, urldefrag, urljoin

import nbformat
import pytest
from helpers import CHROMIUM, MISSING

from kerascomp.course import book, colab, execution, glossary, sources, stamps

NAME = sources.names()[0]
PHONE = {"viewport": {"width": 390, "height": 840}, "has_touch": True, "is_mobile": True}
READ = "() => [...document.querySelectorAll('[href], [src]')].map(of => of.href || of.src)"
ANCHORS = "() => [...document.querySelectorAll('[id]')].map(of => of.id)"


def codes(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def executed(folder, outputs=()):
    """Writes a lesson as if it was executed; returns the folder."""
    notebook = nbformat.read(sources.notebook_path(NAME), as_version=4)
    codes(notebook.cells)[-1].outputs = list(outputs)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    return folder


def test_a_lesson_of_the_book_has_links_and_nothing_that_only_a_run_needs(tmp_path):
    bar = nbformat.v4.new_output("stream", name="stderr", text="50 %")
    widget = nbformat.v4.new_output("display_data", {book.WIDGET: {"model_id": "1"}})
    said = nbformat.v4.new_output("stream", name="stdout", text="said")
    text = book.lesson(NAME, executed(tmp_path, [bar, widget, said])).decode()
    cells = nbformat.reads(text, as_version=4).cells
    assert [cell.source for cell in cells if cell.source == colab.setup_cell()] == []
    assert codes(cells)[-1].outputs == [said]
    assert f"downloads/{NAME}.ipynb" in cells[0].source
    assert f"{colab.REPOSITORY}/blob/main/notebooks/{NAME}.ipynb" in cells[0].source


def test_a_lesson_that_was_not_executed(tmp_path):
    with pytest.raises(ValueError, match=f"{NAME} has not been executed: make figures"):
        book.collect(tmp_path / "pages", tmp_path)


def test_an_archive_is_installed_only_from_a_real_address(monkeypatch):
    assert colab.REPOSITORY not in colab.setup_cell()
    monkeypatch.setattr(colab, "REPOSITORY", "https://github.com/someone/kerascomp")
    assert "https://github.com/someone/kerascomp/archive/" in colab.setup_cell()


def test_all_exercises_and_references_are_collected():
    exercises, references = book.exercises(), book.references()
    assert exercises.count("By hand.") == len(sources.names())
    for name in sources.names():
        links = sources.LINK.findall(book.section(name, "References"))
        assert links and all(f"]({address})" in references for _, address in links)
    lines = [line for line in references.splitlines() if line.startswith("- ")]
    addresses = [sources.LINK.search(line)[2] for line in lines]
    assert len(set(addresses)) == len(addresses) > 40


def test_the_size_of_a_page_is_that_of_what_it_loads(tmp_path):
    (tmp_path / "a.css").write_bytes(b"a" * 50)
    (tmp_path / "other.html").write_bytes(b"b" * 1000)
    text = '<link rel="stylesheet" href="a.css?v=1"/><link rel="next" href="other.html"/>'
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    assert book.sizes(tmp_path) == (1050 + len(text), 50 + len(text))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built book: of the executed lessons, or of lessons in the fast profile."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    folder, lessons = tmp_path_factory.mktemp("book"), stamps.EXECUTED
    if not all((lessons / f"{name}.ipynb").exists() for name in sources.names()):
        lessons = folder / "executed"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERASCOMP_PROFILE", "fast")
            patch.setenv("KERASCOMP_OUTPUT", str(folder / "figures"))
            for name in sources.names():
                execution.execute(name, folder=lessons)
    book.build(folder / "site", lessons)
    return folder / "site"


@pytest.fixture(scope="module")
def address(site):
    """Where the book is served: a search reads other pages, which a browser refuses from files."""
    handler = functools.partial(QuietHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def phone(address, browser):
    """A page of a browser as wide as a phone; at the end, nothing was wrong in it."""
    problems = []
    page = browser.new_context(**PHONE).new_page()
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("console", lambda message: problems.append(f"{page.url}: {message.text}"))
    page.on("request", lambda request: problems.extend(outside(request.url, address)))
    page.on("requestfailed", lambda request: problems.append(request.url))
    yield page
    assert not problems


def outside(url, address):
    """Returns the address of a request in a list if it leaves the book."""
    return [] if url.startswith((address, "data:")) else [url]


@pytest.mark.slow
def test_pages_fit_a_phone_and_their_links_lead_somewhere(site, address, phone):
    anchors, links = {}, {}
    for path in sorted(site.rglob("*.html")):
        url = address + path.relative_to(site).as_posix()
        phone.goto(url)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, url
        anchors[url], links[url] = set(phone.evaluate(ANCHORS)), phone.evaluate(READ)
    assert len(anchors) > len(sources.names()) + 15
    for url, targets in links.items():
        for target in targets:
            page, anchor = urldefrag(urljoin(url, target))
            if not page.startswith(address):
                assert page.startswith(("https://", "data:", "about:srcdoc")), (url, target)
            elif anchor and page.endswith(".html"):
                assert unquote(anchor) in anchors[page], (url, target)
            else:
                assert (site / unquote(page.removeprefix(address)).split("?")[0]).exists(), target


@pytest.mark.slow
def test_the_first_page_and_the_book_are_small(site, address, phone):
    """Measured once more, as the browser loads it."""
    received, context = [], phone.context.browser.new_context()  # with nothing in its cache
    page = context.new_page()
    page.on("response", lambda response: received.append(response))
    page.goto(address + "index.html", wait_until="networkidle")
    first = sum(len(response.body()) for response in received)
    context.close()
    whole, counted = book.sizes(site)
    assert first <= book.MOST_BYTES_AT_FIRST and abs(first - counted) < 5000
    assert whole <= book.MOST_BYTES


@pytest.mark.slow
def test_a_reader_finds_a_term_and_sees_results(address, phone):
    term = glossary.definitions()[0].term
    phone.goto(f"{address}search.html?q={term.split()[0]}")
    phone.locator("#search-results li a").first.wait_for()
    phone.goto(f"{address}notebooks/{NAME}.html")
    pictures = phone.locator(".cell_output img")
    assert pictures.count() >= 3
    for picture in pictures.all():
        assert len(picture.get_attribute("alt")) > 20
