"""Files of the reader's own: taken, or refused by name."""

import datetime
import io

import pytest
import torch
from helpers import bound, press
from PIL import Image

from cnnlab.live import file, picture


def upload(panel, name, content):
    (button,) = (
        widget for widget in bound(panel, "shown").row.children if "FileUpload" in type(widget).__name__
    )
    now = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "image/png", "size": len(content), "content": memoryview(content)}
    button.value = ({**file, "last_modified": now},)


def test_picture_picker_with_uploads(made):
    red = torch.zeros(1, 3, 30, 30)
    red[:, 0] = 1
    panel = made(shown=picture("red", size=20, more={"red": red}))
    assert panel.values[-1]["shown"].shape == (1, 3, 20, 20)
    upload(panel, "broken.png", b"not a picture")
    assert "broken.png" in panel.view.message.value and len(panel.values) == 1
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (0, 0, 255)).save(buffer, "PNG")
    upload(panel, "mine.png", buffer.getvalue())
    assert panel.view.message.value == ""
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [0, 0, 1]
    assert bound(panel, "shown").field.value == "mine.png (upload 1)"
    bound(panel, "shown").field.value = "red"
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [1, 0, 0]
    Image.new("RGB", (50, 40), (0, 255, 0)).save(buffer := io.BytesIO(), "PNG")
    upload(panel, "mine.png", buffer.getvalue())  # another file of the same name
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [0, 1, 0]


def test_a_file_is_decoded_or_refused_by_name(made):
    def table(content):
        return [float(line) for line in content.decode().split()]

    panel = made(shown=file(table, value=[]))
    assert panel.values == [{"shown": []}]
    upload(panel, "mine.csv", b"1 2.5")
    assert panel.values[-1] == {"shown": [1.0, 2.5]} and panel.view.message.value == ""
    upload(panel, "words.csv", b"1 two")
    assert "words.csv: could not convert string to float: &#x27;two&#x27;" in panel.view.message.value
    upload(panel, "latin.csv", b"\xe9")
    assert "latin.csv: " in panel.view.message.value
    assert panel.settings.shown == [1.0, 2.5] and len(panel.values) == 2
    upload(panel, "other.csv", b"3")
    assert panel.values[-1] == {"shown": [3.0]}
    press(panel, "Defaults")
    assert panel.values[-1] == {"shown": []}


def test_bundled_pictures_are_at_hand(made):
    from cnnlab import pictures

    name = pictures.names()[0]
    panel = made(shown=picture(name))
    assert panel.values[-1]["shown"].shape[:2] == (1, 3)
    with pytest.raises(ValueError, match="unicorn"):
        made(shown=picture("unicorn"))
