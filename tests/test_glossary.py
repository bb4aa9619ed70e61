"""Definitions are found in the lessons, and only whole sentences that stand once are taken."""

import pytest

from kerascomp.course import glossary, sources

LESSON = """# %% [markdown]
# # {number} A lesson
#
# It begins. Smith et al. call the
# mean number of bits a <dfn>rate</dfn>. It ends.
#
# - An <dfn>item</dfn> is in a list.
# - Another one is <dfn>t-SNE</dfn>.

# %%
text = "This <dfn>string</dfn> is code."
"""


@pytest.fixture
def lessons(monkeypatch, tmp_path):
    """A function that writes the lesson 98 and, if it is given another text, the lesson 99."""
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "notebooks")
    (tmp_path / "notebooks" / "src").mkdir(parents=True)

    def write(other=""):
        for number, text in (("98", LESSON.format(number=98)), ("99", other)):
            if text:
                sources.FOLDER.joinpath("src", f"{number}_lesson.py").write_text(text, "utf-8")
        glossary.build_page()

    return write


def test_the_courses_glossary_is_what_its_lessons_define():
    assert glossary.problems() == []
    terms = {definition.term for definition in glossary.definitions()}
    assert {"entropy", "rate–distortion function", "Huffman code", "t-SNE", "BD-rate"} <= terms
    assert all("<" not in definition.sentence for definition in glossary.definitions())


def test_a_page_has_terms_in_order_with_sentence_and_lesson(lessons):
    lessons()
    assert glossary.problems() == []
    link = "([98](notebooks/98_lesson.ipynb))"
    assert glossary.path().read_text("utf-8").split("\n\n")[2:] == [
        f"**Item** {link}: An item is in a list.",
        f"**Rate** {link}: Smith et al. call the mean number of bits a rate.",
        f"**t-SNE** {link}: Another one is t-SNE.\n",
    ]


@pytest.mark.parametrize(("sentence", "message"), [
    ("A <dfn>Rate</dfn> is a number.", "'Rate' is defined in 98_lesson and in 99_lesson"),
    ("A <dfn>code</dfn> is this:", "99_lesson: 'code' needs one full sentence, has 'A code is"),
    ("a <dfn>code</dfn> is short.", "99_lesson: 'code' needs one full sentence, has 'a code is"),
    ("# A <dfn>code</dfn>", "'code' needs one full sentence"),
])  # fmt: skip
def test_what_is_no_definition_is_reported(lessons, sentence, message):
    lessons(f"# %% [markdown]\n# # 99\n#\n# {sentence}\n")
    (problem,) = glossary.problems()
    assert message in problem


def test_an_old_page_is_reported_and_built_again(lessons):
    lessons()
    assert glossary.build_page() == []
    glossary.path().write_text("old", "utf-8")
    assert glossary.problems() == ["GLOSSARY.md is not what the lessons define: make notebooks"]
    assert glossary.build_page() == [glossary.path()] and glossary.problems() == []
    glossary.path().unlink()
    assert len(glossary.problems()) == 1
