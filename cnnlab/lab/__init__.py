"""The reader's side of the course: predictions that are kept and shown again, and how far one has come."""

from .notes import forget
from .predictions import predict, reveal
from .standing import progress

__all__ = ["forget", "predict", "progress", "reveal"]
