"""The page that compares a picture's file with the usual formats: its numbers are its files'."""

import base64
import io
import re

import numpy as np
import pytest
from helpers import NEEDS_CHROMIUM, run_command
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from kerascomp import datasets, metrics
from kerascomp.codecs import classical
from kerascomp.command import comparison

PHOTO = datasets.photograph()[100:200, 100:228]
DATA = re.compile(r'alt="([^"]*)" src="data:(image/\w+);base64,([\w+/=]+)"')
ROW = re.compile(r'value="(\d)"[^>]*> ([^<]*)</label><small>([^<]*)</small></th>(.*?)</tr>')
OPTIONS = ["--quality", "0.4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a photograph, its page and its .kc file."""
    folder = tmp_path_factory.mktemp("comparison")
    Image.fromarray(PHOTO).save(folder / "photo <1>.png")
    assert run_command("compare", str(folder / "photo <1>.png"), *OPTIONS) == 0
    files = str(folder / "photo <1>.png"), str(folder / "photo.kc")
    assert run_command("compress", *files, *OPTIONS) == 0
    return folder


def parsed(text):
    """Returns ({name: file}, {name: (setting, cells)}) of a page."""
    pictures = {name: base64.b64decode(content) for name, _, content in DATA.findall(text)}
    rows = {
        name: (setting, re.findall("<td>([^<]*)</td>", cells))
        for _, name, setting, cells in ROW.findall(text)
    }
    return pictures, rows


def test_numbers_are_those_of_the_files_in_the_page(folder):
    text = (folder / "photo <1>.html").read_text(encoding="utf-8")
    pictures, rows = parsed(text)
    assert list(rows) == ["photo-bottleneck", "JPEG", "WebP", "AVIF"]
    assert set(pictures) == {*rows, "Original"}
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(pictures["Original"]))), PHOTO)
    ours = (folder / "photo.kc").stat().st_size
    for name, (setting, (num_bytes, bpp, psnr, similarity)) in rows.items():
        content = pictures[name]
        size = ours if name == "photo-bottleneck" else len(content)
        assert size <= ours and num_bytes == f"{size:,}"
        assert bpp == f"{8 * size / (100 * 128):.3f}"
        decoded = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        assert psnr == f"{peak_signal_noise_ratio(PHOTO, decoded):.2f}"
        assert similarity == f"{metrics.ms_ssim(PHOTO[None], decoded[None])[0]:.4f}"
        assert setting.startswith("quality ")


def test_the_page_needs_no_network_and_has_a_slider(folder):
    text = (folder / "photo <1>.html").read_text(encoding="utf-8")
    assert "://" not in text and "{{" not in text and "photo <1>" not in text
    assert "photo &lt;1&gt;.png" in text
    addresses = re.findall(r'(?:src|href)="([^"]{5})|url\(', text)
    assert set(addresses) == {"data:"}
    assert len(re.findall('<input id="sweep" type="range"', text)) == 1
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text


@NEEDS_CHROMIUM
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_on_a_phone_by_keyboard(folder, browser, scheme):
    page = browser.new_page(viewport={"width": 390, "height": 740}, color_scheme=scheme)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto((folder / "photo <1>.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    page.keyboard.press("Tab")  # to the slider
    page.keyboard.press("End")
    assert page.evaluate('stage.style.getPropertyValue("--cut")') == "100%"
    page.keyboard.press("Tab")  # to the versions
    page.keyboard.press("ArrowDown")
    assert page.locator("#chosen").inner_text() == "JPEG"
    assert page.locator(".version:visible").count() == 1
    assert page.locator(".version:visible").get_attribute("alt") == "JPEG"
    colors = page.evaluate("[getComputedStyle(document.body)].map((s) => [s.color, s.background])")
    lightness = [int(re.search(r"rgb\((\d+)", color)[1]) for color in colors[0]]
    assert (lightness[0] > lightness[1]) == (scheme == "dark")
    assert problems == []
    page.close()


@pytest.mark.parametrize("kind", comparison.RIVALS)
def test_the_largest_quality_that_is_not_larger(kind):
    image = PHOTO[:48, :48]
    for num_bytes in (500, 900):
        codec, file = classical.largest_quality(kind, image, num_bytes)
        (larger,) = kind(codec.quality + 1).encode(image[None])
        assert len(file) - kind.extra_bytes <= num_bytes < len(larger) - kind.extra_bytes
    codec, _ = classical.largest_quality(kind, image, 1)
    assert codec.quality == kind.qualities[0]
    codec, _ = classical.largest_quality(kind, image, 1 << 20)
    assert codec.quality == kind.qualities[1]


def test_a_tiny_picture_and_files_that_exist(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(datasets.mnist(1).test.images[0, :, :27, 0]).save("digit.png")
    monkeypatch.setattr(comparison, "RIVALS", (*comparison.RIVALS[:1], Unable))
    arguments = ["compare", "digit.png", "-o", "a.html", "--quality", "0"]
    assert run_command(*arguments) == 0
    assert "Unable was left out (too small)" in capsys.readouterr().err
    _, rows = parsed((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert rows["JPEG"][0] == "quality 1, its smallest file"
    assert [cells[-1] for _, cells in rows.values()] == ["–", "–"]  # too small for MS-SSIM
    assert run_command(*arguments) == "kerascomp: a.html exists; --force replaces it"
    assert run_command(*arguments, "--force") == 0
    (tmp_path / "notes.html").write_text("precious", encoding="utf-8")
    message = run_command("compare", "digit.png", "-o", "notes.html", "--force")
    assert "notes.html exists and is not a page" in message
    assert "No such file" in run_command("compare", "none.png")


class Unable(comparison.classical.JPEG):
    name = "Unable"

    def encode_one(self, image):
        raise ValueError("too small")
