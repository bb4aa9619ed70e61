"""The interactive figures, in a real browser: by pointer, by click and by keyboard."""

import numpy as np
import pytest
from helpers import NEEDS_CHROMIUM, blobs

from kerascomp.course import families, figures, interactive, results
from kerascomp.course.interactive import pictures

pytestmark = NEEDS_CHROMIUM
STORED = [name for name in pictures.NUM_SHOWN if pictures.load(name)]
DRAWN = {name: figures.record(f"12_plane_{name}")["arguments"] for name in pictures.NUM_SHOWN}


def plane(name):
    drawn = DRAWN[name]
    options = {"limits": drawn["limits"], "bound": drawn["bound"][1:]}
    return interactive.plane(name, list(drawn["curves"]), **options)


@pytest.fixture
def opened(browser, tmp_path):
    """Returns a function that shows figures on one page; nothing may go wrong or be fetched."""
    problems = []

    def show(*shown, width=390):
        path = tmp_path / "page.html"
        head = '<!doctype html><meta charset="utf-8">'
        path.write_text(head + "\n".join(figure.data for figure in shown), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on("request", lambda request: problems.extend(fetched(request.url)))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        return page

    yield show
    assert not problems


def fetched(url):
    return [] if url.startswith(("file:", "data:")) else [url]


@pytest.mark.parametrize("name", STORED)
def test_a_point_says_what_it_is_and_shows_what_it_decodes(opened, name):
    page = opened(plane(name))
    chart, said = page.locator(".kc-chart"), page.locator(".kc-said")
    box = chart.bounding_box()
    chart.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    labels = [f"{label}, " for label in DRAWN[name]["curves"]]
    assert said.text_content().startswith(tuple(labels)) and " dB" in said.text_content()
    shown = page.locator(".kc-pictures figure")
    assert shown.count() == 1  # the originals
    for number in range(5):
        chart.click(position={"x": box["width"] * (0.5 + number / 10), "y": box["height"] / 3})
    assert shown.count() == 4
    assert shown.locator("canvas").count() == 4 * pictures.NUM_SHOWN[name]


def test_arrow_keys_go_through_the_points_of_a_plane(opened):
    page = opened(plane("mnist"), width=1000)
    said = page.locator(".kc-said")
    page.locator(".kc-chart").focus()
    page.keyboard.press("ArrowRight")
    label = next(iter(DRAWN["mnist"]["curves"]))
    points = results.load("mnist")[label]
    assert said.text_content().startswith(f"{label}, {points[0].setting}: ")
    page.keyboard.press("ArrowRight")
    assert f"{points[1].setting}: {points[1].bytes_per_image:.3g} bytes" in said.text_content()
    page.keyboard.press("Enter")
    assert page.locator(".kc-pictures figure").count() == 2


def test_a_slider_goes_through_its_pictures(opened):
    frames = [blobs(3, seed=seed) for seed in range(8)]
    notes = [f"<b>{number}</b> bits & more" for number in range(8)]
    page = opened(interactive.slider(frames, notes, name="quality", columns=3))
    picture, said = page.locator(".kc-figure > img"), page.locator(".kc-said")
    assert said.text_content() == notes[2]
    before = picture.get_attribute("src")
    page.locator("input").focus()
    page.keyboard.press("ArrowRight")
    assert said.text_content() == picture.get_attribute("alt") == notes[3]
    assert picture.get_attribute("src") != before
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [84, 28]


def test_a_digit_is_marked_on_every_map(opened):
    digits, labels = blobs(60), np.arange(60) % 10
    points = np.random.default_rng(0).normal(size=(2, 60, 2))
    page = opened(interactive.maps(dict(zip("ab", points, strict=True)), labels, digits), width=700)
    first = page.locator(".kc-map").first
    box = first.bounding_box()
    side = np.ptp(points[0], axis=0).max()
    middle = (points[0].min(axis=0) + points[0].max(axis=0)) / 2
    x, y = 0.5 + (points[0][7] - middle) / side
    first.hover(position={"x": 4 + (box["width"] - 8) * x, "y": 4 + (box["width"] - 8) * (1 - y)})
    assert page.locator(".kc-said").text_content() == "test digit no. 7, a 7"
    assert page.locator(".kc-map i:visible").count() == 2
    assert page.locator(".kc-map b canvas").get_attribute("aria-label") == "a 7"


@pytest.mark.parametrize("name", STORED)
def test_stored_pictures_are_those_of_the_points(name):
    stored, shown = results.load(name), pictures.load(name)
    points = [(label, point) for label in DRAWN[name]["curves"] for point in stored[label]]
    assert shown.rows == [[label, point.setting] for label, point in points]
    originals = shown.sheet[: shown.columns]
    assert (originals == families.dataset(name).test.images[: shown.columns]).all()
    decoded = dict(
        zip(map(tuple, shown.rows), shown.sheet[shown.columns :: shown.columns], strict=True)
    )
    best = decoded["KLT", stored["KLT"][-1].setting]
    assert np.mean(np.square(best / 1.0 - originals[0])) < 60


def test_digits_have_stored_pictures():
    assert "mnist" in STORED


def test_without_stored_pictures_a_plane_shows_points_only(opened, monkeypatch):
    monkeypatch.setattr(pictures, "load", lambda name: None)
    page = opened(plane("mnist"))
    page.locator(".kc-chart").click()
    assert " dB" in page.locator(".kc-said").text_content()
    assert page.locator(".kc-pictures").count() == 0
