"""A picture to click in, without a panel."""

import io

from PIL import Image

from cnnlab.live import ClickablePicture


def test_a_clickable_picture_alone():
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40)).save(buffer, "PNG")
    shown = ClickablePicture(value=buffer.getvalue(), alt="black", mode="point")
    assert (shown.width, shown.height) == (50, 40)
    data, metadata = shown._repr_mimebundle_()
    assert (data["text/plain"], metadata["image/png"]["alt"]) == ("black", "black")
    shown.close()
