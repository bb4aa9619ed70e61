"""The rating page as a rater meets it: in a real browser, by keyboard and by touch."""

import functools
import http.server
import os
import threading
import unicodedata

import numpy as np
import pytest
from helpers import CHROMIUM, FLAGS, GOOD_NAMES, MISSING, WRONG_NAMES, blobs
from playwright.sync_api import sync_playwright

from kerascomp import rating
from kerascomp.rating.answers import HEADER
from kerascomp.rating.study import Study, Trial, Version, named, to_text

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
KEYS = {"left": "ArrowLeft", "right": "ArrowRight", "not sure": "Space"}
BUTTONS = {"left": "#left", "right": "#right", "not sure": "#unsure"}
CHOICES = ["left", "right", "not sure", "right", "right", "left", "not sure", "left", "left"]
CHOICES.append("right")

pytestmark = pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason=MISSING)


@pytest.fixture(scope="module")
def study():
    """Ten comparisons of blobs, with a name that a CSV has to quote and a side without a size."""
    images = blobs(12, channels=3)
    pixels = {f"i{number}": to_text(image) for number, image in enumerate(images)}
    sides = ('CNN, "b"', 9), ("</script>", None)
    trials = [
        Trial("", f"i{n}", *(Version(*side, f"i{n + 1 + i}", 9) for i, side in enumerate(sides)))
        for n in range(10)
    ]
    return Study(named(trials), pixels, 0)


@pytest.fixture(scope="module")
def page_file(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "rating.html"
    assert rating.write_page(study, path) == path.stat().st_size
    return path


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, page_file):
    """Returns a function that opens the page; nothing may go wrong in it or leave the file."""
    problems, contexts = [], []

    def open_page(address=None, **options):
        address = address or page_file.as_uri()
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on(
            "request",
            lambda request: (
                problems.append(request.url)
                if "http" in request.url[:5] and request.url != address
                else None
            ),
        )
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def start(page, name="anna"):
    page.fill("#name", name)
    page.press("#name", "Enter")
    assert page.is_visible("#rating")


def position(page):
    return page.text_content("#position")


def downloaded(page, folder, frame=None):
    """Returns the answers in the file that the page, or a frame in it, gives."""
    with page.expect_download() as waiting:
        (frame or page).locator(".download:visible").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.read_text(encoding="utf-8").startswith(HEADER + "\n")
    return rating.read_answers(path)


def check(answers, study, choices, rater="anna"):
    assert [answer.answer for answer in answers] == choices
    for answer, trial in zip(answers, study.trials, strict=False):
        assert (answer.rater, answer.trial) == (rater, trial.name)
        assert (answer.left, answer.right) == (trial.left.item, trial.right.item)
        assert 0 <= answer.milliseconds < 60_000


def test_ten_trials_by_keyboard_with_a_reload_and_an_undo(opened, study, tmp_path):
    page = opened()
    start(page)
    for choice in CHOICES[:4]:
        page.keyboard.press(KEYS[choice])
    page.reload()
    assert position(page) == "5 of 10"
    for choice in CHOICES[4:7]:
        page.keyboard.press(KEYS[choice])
    page.keyboard.press("ArrowLeft")  # a slip
    page.keyboard.press("u")
    page.keyboard.press("ArrowRight")  # and another
    page.keyboard.press("Backspace")
    assert position(page) == "8 of 10"
    check(downloaded(page, tmp_path), study, CHOICES[:7])
    for choice in CHOICES[7:]:
        page.keyboard.press(KEYS[choice])
    assert page.is_visible("#end") and not page.is_visible("#rating")
    page.keyboard.press("ArrowLeft")  # there is nothing more to answer
    check(downloaded(page, tmp_path), study, CHOICES)
    page.keyboard.press("u")
    assert position(page) == "10 of 10"


def test_ten_trials_by_touch_on_a_phone(opened, study, tmp_path):
    page = opened(**PHONE)
    start(page, "Jürgen 2")
    for choice in CHOICES[:5]:
        page.tap(BUTTONS[choice])
    page.tap("#left")
    page.tap("#undo")
    page.reload()
    for choice in CHOICES[5:]:
        page.tap(BUTTONS[choice])
    check(downloaded(page, tmp_path), study, CHOICES, "Jürgen 2")


def test_what_is_shown_is_the_trial_pixel_by_pixel(opened, study):
    page = opened()
    start(page)
    page.keyboard.press("ArrowLeft")
    trial = study.trials[1]
    for selector, key in (("#left img", trial.left.image), ("#original", trial.original)):
        image = page.locator(selector)
        assert image.get_attribute("src").endswith(study.images[key])
        style = image.evaluate("image => getComputedStyle(image).imageRendering")
        assert style == "pixelated" and image.bounding_box()["width"] == 8 * 28


def test_a_phone_shows_everything_without_scrolling_sideways(opened):
    page = opened(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    start(page)
    page.wait_for_function("document.querySelector('#right img').width > 100")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for selector in ("#left", "#right", "#unsure", "#undo", ".leave >> visible=true"):
        box = page.locator(selector).bounding_box()
        assert min(box["width"], box["height"]) >= 44, "large enough for a finger"
        assert box["y"] + box["height"] <= 740


def test_focus_goes_through_the_answers_in_order(opened):
    page = opened()
    start(page)
    page.keyboard.press("ArrowLeft")
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert order == ["left", "right", "unsure", "undo", "download", "leave"]
    page.focus("#right")
    page.keyboard.press("Space")  # on a button that was chosen by Tab it presses the button
    assert position(page) == "3 of 10"
    page.keyboard.press("Space")  # and after that it means "not sure"
    stored = page.evaluate("JSON.parse(Object.values(localStorage).find(text => text[0] === '['))")
    assert [answer["answer"] for answer in stored] == ["left", "right", "not sure"]


def test_everything_has_a_name_and_enough_contrast(opened):
    page = opened()
    start(page)
    for button in page.locator("button:visible").all():
        assert button.get_attribute("aria-label") or button.text_content().strip()
    assert page.get_attribute("#position", "aria-live") == "polite"
    assert page.get_attribute("#progress", "aria-label")
    for foreground, background in (
        ("--ink", "--page"),
        ("--quiet", "--page"),
        ("--error", "--page"),
        ("--on-stage", "--stage"),
    ):
        colors = [
            page.evaluate("name => getComputedStyle(document.body).getPropertyValue(name)", name)
            for name in (foreground, background)
        ]
        assert contrast(*colors) >= 4.5


def contrast(one, other):
    """Returns the contrast ratio of two colors as WCAG 2 defines it."""

    def luminance(color):
        levels = np.array([int(color.strip()[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return high / low


def test_two_raters_in_one_browser_are_kept_apart(opened, study, tmp_path):
    page = opened()
    start(page)
    page.keyboard.press("ArrowLeft")
    page.locator(".leave:visible").click()
    start(page, "bert")
    assert position(page) == "1 of 10" and page.is_disabled("#undo")
    page.keyboard.press("ArrowRight")
    check(downloaded(page, tmp_path), study, ["right"], "bert")
    page.locator(".leave:visible").click()
    start(page)
    check(downloaded(page, tmp_path), study, ["left"])


def test_an_impossible_name_and_a_browser_that_keeps_nothing(opened, page_file):
    page = opened()
    page.fill("#name", "a,b")
    page.press("#name", "Enter")
    assert "letters, digits" in page.text_content("#name-error")
    assert page.evaluate("document.activeElement.id") == "name"
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
    page.goto(page_file.as_uri())
    start(page)
    assert "keeps nothing: download your answers" in page.text_content("#notice")
    page.keyboard.press("ArrowLeft")
    assert position(page) == "2 of 10"


def test_names_are_of_letters_of_any_script(opened, study, tmp_path):
    """The same names as in Python, in test_rating_answers.py."""
    page = opened()
    for name in WRONG_NAMES:
        page.fill("#name", name)
        page.press("#name", "Enter")
        assert page.is_visible("#start") and "1 to 40 letters" in page.text_content("#name-error")
    for name in GOOD_NAMES:
        start(page, name)
        page.keyboard.press("ArrowLeft")
        rater = unicodedata.normalize("NFC", name)
        check(downloaded(page, tmp_path), study, ["left"], rater)
        page.locator(".leave:visible").click()


def test_damaged_answers_in_a_browser_are_kept_aside(opened, page_file, study):
    page = opened()
    start(page)
    page.keyboard.press("ArrowLeft")
    key = f"kerascomp-rating:{study.name}:anna"
    for damaged in ("{", "5", "{}", "[1]", '[{"trial": "other"}]'):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, damaged])
        page.reload()
        assert position(page) == "1 of 10"
        assert "are damaged" in page.text_content("#notice")
        assert page.evaluate("key => localStorage.getItem(key)", f"{key}:damaged") == damaged


@pytest.fixture
def notebook(study, tmp_path):
    """Returns the address of a page that shows the frame as a notebook's cell does."""
    cell = f"<textarea autofocus></textarea>{rating.frame(study)._repr_html_()}"
    (tmp_path / "notebook.html").write_text(
        f'<!DOCTYPE html><link rel="icon" href="data:,">{cell}', encoding="utf-8"
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/notebook.html"
        server.shutdown()


def test_in_a_notebook_it_keeps_answers_gives_a_file_and_takes_no_focus(
    opened, notebook, study, tmp_path
):
    page = opened(notebook)
    frame = page.frames[1]
    frame.wait_for_selector("#start")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    start(frame)
    for choice in CHOICES[:3]:
        page.keyboard.press(KEYS[choice])
    page.reload()
    frame = page.frames[1]
    frame.wait_for_selector("#rating")
    assert position(frame) == "4 of 10"
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    frame.click("#left")
    page.keyboard.press("ArrowRight")
    assert not frame.text_content("#notice")
    check(downloaded(page, tmp_path, frame), study, [*CHOICES[:3], "left", "right"])
