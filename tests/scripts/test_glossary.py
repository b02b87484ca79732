"""The glossary's terms are those of the lessons that it leads to."""

import re

import lessons
import pytest

PAGE = (lessons.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"^- \*\*(.+?)\*\* \(\[(.+?)\]\(\.\./notebooks/(.+?)\)\): (.+)$", re.M)
ENTRIES = ENTRY.findall(PAGE)


def prose(name):
    cells = lessons.read(lessons.NOTEBOOKS / name).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown").lower()


def test_there_is_nothing_but_entries_in_the_order_of_the_alphabet():
    assert len(ENTRIES) == sum(line.startswith("- ") for line in PAGE.splitlines()) >= 50
    terms = [term.lower() for term, *_ in ENTRIES]
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("term, title, name, words", ENTRIES, ids=[entry[0] for entry in ENTRIES])
def test_a_term_is_used_in_its_lesson_and_told_in_two_sentences(term, title, name, words):
    assert term.lower() in prose(name)
    assert title == lessons.titles()[name]
    assert len(re.findall(r"[.?!](?:\s|$)", words)) == 2


def test_every_lesson_but_the_first_has_terms_and_every_lesson_leads_here():
    explained = {name for _, _, name, _ in ENTRIES}
    for path in lessons.paths():
        assert path.name in explained or path.name[:2] in ("00", "14")  # 14 looks back on all the others
        assert "../docs/glossary.md" in prose(path.name)
