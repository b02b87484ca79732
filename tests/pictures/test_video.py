"""Films in MP4: what was written comes back, at any moment, and what is no film gets a sentence."""

import sys

import av
import pytest
import torch
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import PictureError, clips
from cnnlab.pictures.film import Film
from cnnlab.pictures.video import is_video

GREYS = (0.1, 0.4, 0.7, 0.95)


def flat(level: float, height: int = 30, width: int = 40) -> torch.Tensor:
    return torch.full((1, 3, height, width), level)


@pytest.fixture
def film(tmp_path) -> Film:
    with Film(tmp_path / "film.mp4", fps=8) as film:
        for level in GREYS:
            film.add(flat(level))
    return film


def shows(film: Film, count: int) -> bool:
    """Whether the film's file holds `count` whole pictures, in order."""
    found = clips.frames(film.path)
    expected = torch.tensor(GREYS[:count])[:, None].expand(-1, 3)
    return found.shape == (count, 3, 30, 40) and torch.allclose(found.mean((2, 3)), expected, atol=0.03)


def test_the_file_is_whole_at_any_moment_and_complete_at_the_end(tmp_path):
    film = Film(tmp_path / "film.mp4", fps=8)
    for number, level in enumerate(GREYS, start=1):
        film.add(flat(level))
        assert len(film) == number
        assert number == 1 or shows(film, number - 1)
    film.close()
    film.close()
    assert shows(film, 4)
    with pytest.raises(PictureError, match="is closed: begin another"):
        film.add(flat(0.5))
    with av.open(str(film.path)) as stored:
        assert stored.streams.video[0].codec_context.name == "h264"
        assert stored.streams.video[0].average_rate == 8


def test_a_film_shows_what_the_pictures_show(tmp_path):
    owl = pictures.resize(pictures.read("owl"), (120, 160))
    with Film(tmp_path / "owl.mp4") as film:
        film.add(owl)
    found = clips.frames(film.path.read_bytes())
    assert (found - owl).abs().mean() < 0.03


def test_odd_sides_get_one_pixel_more(tmp_path):
    with Film(tmp_path / "odd.mp4") as film:
        film.add(flat(0.5, 31, 41))
    found = clips.frames(film.path)
    assert found.shape == (1, 3, 32, 42) and (found - 0.5).abs().max() < 0.03


def test_long_and_large_films_are_cut(film):
    assert clips.frames(film.path, most=2).shape[0] == 2
    assert clips.frames(str(film.path), max_side=20).shape == (4, 3, 15, 20)


def test_only_films_are_taken_for_films(film):
    assert is_video(film.path.read_bytes())
    assert not any(is_video(data) for data in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"))
    assert not is_video(b"\x00\x00\x00\x20ftypavif")


@pytest.mark.parametrize("keep", [40, 400])
def test_a_damaged_film_gets_a_sentence(film, keep):
    with pytest.raises(PictureError) as caught:
        clips.frames(film.path.read_bytes()[:keep])
    assert one_sentence(caught.value)


def test_without_pyav_there_is_a_sentence(film, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    for use in (lambda: clips.frames(film.path), lambda: Film(tmp_path / "other.mp4")):
        with pytest.raises(PictureError, match="pip install av") as caught:
            use()
        assert one_sentence(caught.value)
    assert clips.frames(noise(1, 3, 4, 5)).shape == (1, 3, 4, 5)
