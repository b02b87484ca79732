"""What to answer when a name is not known: the names that come nearest."""

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], count: int = 5) -> list[str]:
    """The `count` names most like `name`: those that contain it first, then those spelt like it."""
    asked = name.strip().lower()
    folded = {known.lower(): known for known in names}
    containing = sorted((known for known in folded if asked and asked in known), key=len)
    alike = difflib.get_close_matches(asked, folded, n=count, cutoff=0.5)
    return [folded[known] for known in dict.fromkeys([*containing, *alike])][:count]


def unknown(kind: str, name: str, names: Iterable[str], where: str) -> ValueError:
    """The error for a name that is not there. `where` ends the sentence: how to see all of them."""
    near = ", ".join(nearest(name, names))
    return ValueError(f"{kind} {name!r} is not known" + (f"; near it: {near}" if near else "") + f". {where}")
