"""Strict nbval: every stored output of a lesson is compared, with two exceptions.

Of a picture it is compared that it is there, not its bytes: another build of a font or of zlib writes other
ones, and what a picture shows is tested where it is made. Standard error carries other packages' warnings.
"""

PICTURES = ("image/png", "image/jpeg")
BEGINNINGS = ("iVBORw0KGgo", "/9j/")  # of every PNG and every JPEG in base64


def pytest_collectstart(collector):
    if hasattr(collector, "sanitize_patterns"):  # nbval's collector of one notebook
        kept = tuple(key for key in collector.skip_compare if key not in PICTURES)
        collector.skip_compare = (*kept, "stderr")
        for beginning in BEGINNINGS:
            collector.sanitize_patterns[rf"(?s)\A{beginning}.*"] = "a picture"
