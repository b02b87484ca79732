"""What is handed to public functions: names that may not be known."""

from .names import nearest, unknown

__all__ = ["nearest", "unknown"]
