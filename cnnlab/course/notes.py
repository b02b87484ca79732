"""What a reader keeps, in one small file of their own: predictions, and exercises that were solved.

The file lies in the user's data folder, or where the variable CNNLAB_NOTES says, and is read anew each time:
several notebooks may be open. What cannot be read is moved aside, never overwritten; what cannot be written
is kept for as long as the kernel runs.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import platformdirs

VARIABLE = "CNNLAB_NOTES"


@dataclass(frozen=True)
class Prediction:
    """What the reader said, why, and when (ISO 8601); `truth` is known from when the two were compared."""

    said: str
    because: str
    when: str
    truth: str | None = None

    @property
    def right(self) -> bool:
        """Whether it came as the reader had said."""
        return self.said == self.truth


@dataclass(frozen=True)
class Notes:
    """Predictions by key, such as "06.logit"; exercises solved, such as "06.keyhole", and when."""

    predictions: dict[str, Prediction] = field(default_factory=dict)
    exercises: dict[str, str] = field(default_factory=dict)


_unwritten: dict[Path, Notes] = {}  # for files that cannot be written


def path() -> Path:
    """Where the notes lie, whether or not there are any yet."""
    named = os.environ.get(VARIABLE)
    own = platformdirs.user_data_path("cnnlab", appauthor=False) / "notes.json"
    return Path(named).expanduser() if named else own


def now() -> str:
    """This moment, as it is noted."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def moment(when: str) -> str:
    """A noted moment in words: 23 November 2026, 14:02."""
    noted = datetime.fromisoformat(when)
    return f"{noted.day} {noted:%B %Y, %H:%M}"


def read() -> tuple[Notes, str]:
    """All notes, and one sentence where the file cannot be read, which then counts as empty."""
    file = path()
    if file in _unwritten:
        return _unwritten[file], ""
    try:
        return _parse(file.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return Notes(), ""
    except OSError as error:
        return Notes(), f"Your notes, {file}, cannot be read ({error.strerror}): they are left as they are."
    except ValueError:
        return Notes(), (
            f"Your notes, {file}, are damaged and cannot be read: nothing of them is lost, and what you keep "
            "from now on begins a new file."
        )


def keep_prediction(key: str, prediction: Prediction) -> str:
    """Keep a prediction in place of an earlier one; one sentence if something was amiss."""
    notes, _ = read()
    return _write(replace(notes, predictions={**notes.predictions, key: prediction}))


def keep_exercise(key: str) -> str:
    """Keep that an exercise was solved, and when first; one sentence if something was amiss."""
    notes, _ = read()
    if key in notes.exercises:
        return ""
    return _write(replace(notes, exercises={**notes.exercises, key: now()}))


def forget(key: str | None = None) -> None:
    """Remove one note, such as "06.logit", or all, and say what was removed. There is no way back."""
    notes, trouble = read()
    parts: dict[str, dict] = {"prediction": notes.predictions, "solved exercise": notes.exercises}
    left = [{name: note for name, note in part.items() if key not in (None, name)} for part in parts.values()]
    gone = [len(before) - len(after) for before, after in zip(parts.values(), left, strict=True)]
    words = [f"{n} {what}{'s' * (n != 1)}" for n, what in zip(gone, parts, strict=True) if n]
    if words:
        trouble = trouble or _write(Notes(*left))
    if words or key is None:
        said = f"Removed from {path()}: {' and '.join(words) or 'nothing was there'}."
    else:
        said = f"There is no note called {key!r}: nothing was removed."
    print(trouble or said)


def _parse(text: str) -> Notes:
    """Notes from JSON; `ValueError` for anything else."""
    try:
        found = json.loads(text)
        predictions = {key: Prediction(**entry) for key, entry in found["predictions"].items()}
        exercises = {key: str(when) for key, when in found["exercises"].items()}
        for when in (*exercises.values(), *(entry.when for entry in predictions.values())):
            datetime.fromisoformat(when)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("these are no notes") from error
    return Notes(predictions, exercises)


def _write(notes: Notes) -> str:
    """Put the file in place whole, or not at all; one sentence if something was amiss."""
    file = path()
    part = file.with_name(f"{file.stem}-{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        said = _set_aside(file)
        part.write_text(json.dumps(asdict(notes), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, file)
    except OSError as error:
        if part.exists():
            part.unlink()
        _unwritten[file] = notes
        return (
            f"{file} cannot be written ({error.strerror}): this is kept until the kernel ends. To keep it "
            f"longer, set the variable {VARIABLE} to a file that you may write."
        )
    _unwritten.pop(file, None)
    return said


def _set_aside(file: Path) -> str:
    """Give a file that holds no notes another name; one sentence if there was one."""
    try:
        _parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except ValueError:
        aside = file.with_name(f"{file.stem}-damaged-{datetime.now():%Y%m%d-%H%M%S-%f}{file.suffix}")
        file.rename(aside)
        return f"Your earlier notes were damaged: they lie in {aside}, as they were, and new ones begin."
    return ""
