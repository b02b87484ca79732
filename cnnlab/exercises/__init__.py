"""Checks for the lessons' exercises, one module a lesson. Each says what is right, or what is not yet."""

from collections.abc import Callable


def verdict(problem: str) -> None:
    """Print how an answer did; `problem` is empty when all is well."""
    print(f"Not yet: {problem}" if problem else "Right!")


def attempt(answer: Callable, *arguments: object) -> tuple[object, str]:
    """What `answer` returns for these arguments, and what stopped it, if anything."""
    try:
        result = answer(*arguments)
    except Exception as error:  # a learner's code may raise anything
        return None, f"it raised {type(error).__name__}: {error}"
    return result, "it returned nothing." if result is None else ""
