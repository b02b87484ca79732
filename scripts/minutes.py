"""Write into each lesson how long its sections take:  python scripts/minutes.py [--check]

`scripts/minutes.toml` holds, for every section of every lesson, the minutes it takes in class and, for some,
a question for the room. Both go into the metadata of the cell that opens the section, where slides and plans
find them; and the sentence "About ... minutes" at the top of each lesson is made to say their sum.
"""

import re
import sys
import tomllib
from typing import Any

import lessons
from nbformat import NotebookNode

PLAN = lessons.ROOT / "scripts" / "minutes.toml"
STATED = re.compile(r"\*About (\d+) minutes(?:, and (\d+) for the exercises?)?")
EXERCISES = ("Exercise", "Exercises")  # the sections whose minutes stand beside each exercise


def plan(number: str) -> dict[str, dict[str, Any]]:
    """Minutes and questions of the lesson whose name begins with `number`, by heading."""
    every = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    if number not in every:
        raise SystemExit(f"{PLAN.name} says nothing of lesson {number}: add its sections and their minutes.")
    return every[number]


def sentence(notebook: NotebookNode, planned: dict[str, dict[str, Any]]) -> str:
    """How long the lesson takes, as its first cell has to say it."""
    exercises = lessons.exercise_minutes(notebook)
    noun = "exercises" if len(exercises) > 1 else "exercise"
    total = sum(section["minutes"] for section in planned.values())
    return f"*About {total} minutes, and {sum(exercises)} for the {noun}"


def furnish(notebook: NotebookNode, number: str) -> None:
    """Put the minutes and questions into the notebook's sections, and their sum into its first cell."""
    planned = plan(number)
    headings = [heading for heading, _ in lessons.sections(notebook) if heading not in EXERCISES]
    if set(headings) != set(planned):
        differ = ", ".join(sorted(set(headings) ^ set(planned)))
        raise SystemExit(f"Lesson {number} and {PLAN.name} do not have the same sections: {differ}.")
    for heading, cell in lessons.sections(notebook):
        if heading in EXERCISES:
            cell.metadata["cnnlab"] = {"minutes": sum(lessons.exercise_minutes(notebook))}
        else:
            cell.metadata["cnnlab"] = dict(planned[heading])
    top = next(cell for heading, cell in lessons.sections(notebook) if heading == lessons.START)
    top.source = STATED.sub(sentence(notebook, planned), top.source, count=1)


if __name__ == "__main__":
    sys.exit(lessons.bring_up_to_date(lambda notebook, path: furnish(notebook, path.name[:2]), sys.argv[1:]))
