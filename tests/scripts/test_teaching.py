"""The instructor's guide: its plans add up, its sections exist, its misconceptions are the lessons' own."""

import re

import lessons
import minutes
import pytest

GUIDE = (lessons.ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
NUMBERS = {path.name[:2]: path for path in lessons.paths()}


def part(heading):
    """The text under a heading, up to the next one of any level."""
    return re.split(r"^#+ ", GUIDE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def rows(heading):
    """The cells of each row of the table under a heading, without its head."""
    lines = [line for line in part(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def stated(number):
    """Minutes of the whole lesson, without its exercises."""
    return sum(section["minutes"] for section in minutes.plan(number).values())


@pytest.mark.parametrize(
    "heading, total", [("Two hours: a talk with hands on", 120), ("Half a day: a workshop", 240)]
)
def test_a_short_plan_adds_up(heading, total):
    spent = 0
    for taken, lesson, sections in rows(heading):
        if lesson:
            planned = minutes.plan(re.match(r"\[(\d\d)\]", lesson)[1])
            assert int(taken) == sum(planned[name]["minutes"] for name in sections.split(" · "))
        spent += int(taken)
    assert spent == total
    assert f"{total} minutes" in part(heading)


def test_the_long_plan_adds_up_and_leaves_no_lesson_out():
    seen = set()
    for meeting, in_class, rest, at_home in rows("Five weeks: a seminar"):
        here = re.findall(r"(\d\d) \((\d+)\)", in_class)
        assert all(stated(number) == int(taken) for number, taken in here), meeting
        spent = sum(int(taken) for _, taken in here) + sum(map(int, re.findall(r"\b\d+\b", rest)))
        assert spent == 120, f"meeting {meeting} has {spent} minutes"
        seen |= {number for number, _ in here} | set(re.findall(r"\b\d\d\b", at_home))
    assert seen | {"14"} == set(NUMBERS) | {"14"}  # the last meeting is about lesson 14


def test_misconceptions_are_those_of_the_lessons():
    told = {}
    for lesson, mistake, _ in rows("What each lesson cures"):
        told[re.match(r"\[(\d\d)\]", lesson)[1]] = mistake
    for number, path in NUMBERS.items():
        text = "\n".join(cell.source for cell in lessons.read(path).cells)
        found = re.search(r'misconception this lesson cures:\*\* (\*".+?"\*)', text)
        if found and number != "14":
            assert told.pop(number) == found[1]
    assert not set(told) - {"14"}


def test_the_comparison_says_how_far_we_are_in_each_row():
    compared = rows("What the best series offer, and where we stand")
    assert len(compared) == 22 + 2 + 17  # two tables; the second one's head is counted
    for cells in compared:
        if len(cells) == 3 or cells[1][0] in "●◐○":
            assert cells[-1][0] in "●◐○"
