"""Films: whole after each picture, in the right order and at the right pace."""

import pytest
import torch
from PIL import Image

from cnnlab.pictures import PictureError
from cnnlab.pictures.film import Film


def flat(level: float, size: int = 12) -> torch.Tensor:
    return torch.full((1, 3, size, size + 4), level)


@pytest.mark.parametrize("name", ["dream.gif", "dream.webp"])
def test_the_file_is_whole_after_every_picture(tmp_path, name):
    film = Film(tmp_path / name, fps=10)
    for number in range(1, 5):
        film.add(flat(number / 5))
        with Image.open(film.path) as stored:
            assert getattr(stored, "n_frames", 1) == number == len(film)
            assert stored.size == (16, 12)
            for k in range(number):
                stored.seek(k)
                level = stored.convert("RGB").getpixel((5, 5))
                assert level == pytest.approx((51 * (k + 1),) * 3, abs=6)
    with Image.open(film.path) as stored:
        stored.load()
        assert stored.info["duration"] == 100 and stored.info["loop"] == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_no_film_gets_a_sentence(tmp_path):
    with pytest.raises(PictureError, match=r"'dream.avi' does not end in .gif, .webp, .mp4"):
        Film(tmp_path / "dream.avi")
    with pytest.raises(PictureError, match="1 to 50 pictures a second"):
        Film(tmp_path / "dream.gif", fps=0)
    film = Film(tmp_path / "dream.gif")
    film.add(flat(0.5))
    with pytest.raises(PictureError, match="the film is 16 x 12 pixels and this picture 24 x 20"):
        film.add(flat(0.5, 20))
    assert len(film) == 1
