"""Lessons as web pages whose pictures keep their words:  jupyter nbconvert --to lesson notebooks/*.ipynb

nbconvert's own page leaves out the alternative text that a notebook stores with a picture.
"""

from nbconvert import HTMLExporter

WITH_WORDS = """
{%- extends 'index.html.j2' -%}
{%- macro described(image, output, kind) -%}
{%- set words = output | get_metadata('alt', kind) -%}
{{ image | replace('<img ', '<img alt="' ~ (words | escape_html) ~ '" ', 1) if words else image }}
{%- endmacro -%}
{% block data_png scoped %}{{ described(super(), output, 'image/png') }}{% endblock %}
{% block data_jpg scoped %}{{ described(super(), output, 'image/jpeg') }}{% endblock %}
"""


class LessonExporter(HTMLExporter):
    """nbconvert's HTML page, with the `alt` that each stored picture carries in its metadata."""

    export_from_notebook = "Lesson (HTML)"

    def _raw_template_default(self) -> str:
        return WITH_WORDS
