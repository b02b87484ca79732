"""How the lessons' exercises are checked: each room's `checks` says what is right, or what is not yet."""

import math
import sys
from collections.abc import Callable

from . import notes, plan


def verdict(problem: str) -> None:
    """Print how an answer did; `problem` is empty when all is well, and then the reader's notes know.

    The exercise is the one whose check calls this: the name of that function, in its room.
    """
    if problem:
        print(f"Not yet: {problem}")
        return
    check = sys._getframe(1)
    key = plan.exercise(check.f_globals["__name__"].split(".")[1], check.f_code.co_name)
    trouble = notes.keep_exercise(key) if key else ""
    print(f"Right! ({trouble})" if trouble else "Right!")


def attempt(answer: Callable, *arguments: object) -> tuple[object, str]:
    """What `answer` returns for these arguments, and what stopped it, if anything."""
    try:
        result = answer(*arguments)
    except Exception as error:  # a learner's code may raise anything
        return None, f"it raised {type(error).__name__}: {error}"
    return result, "it returned nothing." if result is None else ""


def number(answer: Callable, *arguments: object) -> tuple[float, str]:
    """What `answer` returns for these arguments as one number, and what stopped it, if anything."""
    found, problem = attempt(answer, *arguments)
    if problem:
        return math.nan, problem
    value, problem = attempt(float, found)
    return (math.nan, "it should return one number.") if problem else (float(value), "")  # type: ignore[arg-type]
