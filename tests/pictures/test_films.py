"""Films: what was written comes back, frame by frame; the camera stays inside and really moves."""

import io
import sys

import pytest
import torch
from PIL import Image
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import PictureError, films
from cnnlab.pictures.films import Film

av = pytest.importorskip("av")  # of the extra `video`
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
GREYS = (0.1, 0.4, 0.7, 0.95)


def flat(level: float, height: int = 30, width: int = 40) -> torch.Tensor:
    return torch.full((1, 3, height, width), level)


def animation(format: str, count: int = 4, size: tuple[int, int] = (40, 30)) -> bytes:
    """`count` plain frames, red, green, blue, white and again."""
    images = [Image.new("RGB", size, COLOURS[i % 4]) for i in range(count)]
    buffer = io.BytesIO()
    options = {"lossless": True} if format == "WEBP" else {}
    images[0].save(buffer, format, save_all=True, append_images=images[1:], duration=100, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_all_frames_come_back_in_order(format):
    found = films.frames(animation(format))
    assert found.shape == (4, 3, 30, 40)
    pictures.check(found)
    expected = torch.tensor(COLOURS) / 255
    assert torch.allclose(found.mean((2, 3)), expected, atol=0.02)


def test_long_and_large_clips_are_cut():
    assert films.frames(animation("GIF", 9), most=5).shape[0] == 5
    assert films.frames(animation("GIF", 2, size=(640, 320)), max_side=100).shape == (2, 3, 50, 100)


@pytest.mark.parametrize("source", ["owl", Image.new("RGB", (8, 6)), noise(1, 3, 5, 5)])
def test_what_does_not_move_has_one_frame(source):
    assert films.frames(source).shape[0] == 1


@pytest.mark.parametrize("data", [b"", b"no picture", animation("GIF")[:-60]])
def test_a_damaged_file_gets_one_sentence(data):
    with pytest.raises(pictures.PictureError) as caught:
        films.frames(data)
    assert one_sentence(caught.value)


def test_a_gif_that_was_cut_anywhere_is_shorter_or_gets_one_sentence():
    first, *more = [Image.fromarray((255 * noise(12, 16, 3, seed=k)).byte().numpy()) for k in range(3)]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=more)
    data = buffer.getvalue()
    whole = films.frames(data)
    lengths = set()
    for end in range(0, len(data), 3):
        try:
            found = films.frames(data[:end])
        except pictures.PictureError as error:
            assert one_sentence(error)
            lengths.add(0)
        else:
            assert torch.equal(found, whole[: len(found)])
            lengths.add(len(found))
    assert {0, 1, 2} <= lengths <= {0, 1, 2, 3}


def test_the_camera_starts_in_the_middle_stays_inside_and_reaches_the_edges():
    ramp = torch.linspace(0, 1, 120).expand(1, 3, 90, 120).contiguous()  # its brightness tells the column
    middles = [films.pan(ramp, 30, moment).mean().item() for moment in range(2 * 97)]
    assert middles[0] == pytest.approx(0.5, abs=0.02)
    half = 30 / (1.5 * 30 / 90 * 120) / 2  # of the window, as a share of the width
    assert min(middles) == pytest.approx(half, abs=0.03) and max(middles) == pytest.approx(1 - half, abs=0.03)
    steps = torch.tensor(middles).diff().abs()
    assert steps.max() < 0.05  # no jumps
    assert films.pan(ramp, 30, 5).shape == (1, 3, 30, 30)


def test_a_view_is_a_frame_that_comes_again_and_pans_on_request():
    clip = films.frames(animation("GIF"))
    assert torch.equal(films.view(clip, 20, 1, panning=False), films.view(clip, 20, 5, panning=False))
    assert torch.equal(films.view(clip, 20, 2, panning=False), pictures.fit(clip[2:3], 20))
    owl = films.frames("owl")
    assert torch.equal(films.view(owl, 50, 7, panning=True), films.pan(owl, 50, 7))
    assert not torch.equal(films.pan(owl, 50, 7), films.pan(owl, 50, 8))


@pytest.mark.parametrize("name", ["dream.gif", "dream.webp"])
def test_the_file_is_whole_after_every_picture(tmp_path, name):
    film = Film(tmp_path / name, fps=10)
    for number in range(1, 5):
        film.add(flat(number / 5, 12, 16))
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
    film.add(flat(0.5, 12, 16))
    with pytest.raises(PictureError, match="the film is 16 x 12 pixels and this picture 24 x 20"):
        film.add(flat(0.5, 20, 24))
    assert len(film) == 1


@pytest.fixture
def film(tmp_path) -> Film:
    with Film(tmp_path / "film.mp4", fps=8) as film:
        for level in GREYS:
            film.add(flat(level))
    return film


def shows(film: Film, count: int) -> bool:
    """Whether the film's file holds `count` whole pictures, in order."""
    found = films.frames(film.path)
    expected = torch.tensor(GREYS[:count])[:, None].expand(-1, 3)
    return found.shape == (count, 3, 30, 40) and torch.allclose(found.mean((2, 3)), expected, atol=0.03)


@pytest.mark.slow
def test_an_mp4_is_there_from_its_end_on_and_replaces_an_older_one(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"older")
    film = Film(path, fps=8)
    for number, level in enumerate(GREYS, start=1):
        film.add(flat(level))
        assert len(film) == number and path.read_bytes() == b"older"
    film.close()
    film.close()
    assert shows(film, 4) and [one.name for one in tmp_path.iterdir()] == ["film.mp4"]
    with pytest.raises(PictureError, match="is closed: begin another"):
        film.add(flat(0.5))
    with av.open(str(path)) as stored:
        assert stored.streams.video[0].codec_context.name == "h264"
        assert stored.streams.video[0].average_rate == 8


def test_a_film_shows_what_the_pictures_show(tmp_path):
    owl = pictures.resize(pictures.read("owl"), (120, 160))
    with Film(tmp_path / "owl.mp4") as film:
        film.add(owl)
    found = films.frames(film.path.read_bytes())
    assert (found - owl).abs().mean() < 0.03


def test_odd_sides_get_one_pixel_more(tmp_path):
    with Film(tmp_path / "odd.mp4") as film:
        film.add(flat(0.5, 31, 41))
    found = films.frames(film.path)
    assert found.shape == (1, 3, 32, 42) and (found - 0.5).abs().max() < 0.03


def test_long_and_large_films_are_cut(film):
    assert films.frames(film.path, most=2).shape[0] == 2
    assert films.frames(str(film.path), max_side=20).shape == (4, 3, 15, 20)


def test_only_films_are_taken_for_films(film):
    assert films.is_video(film.path.read_bytes())
    assert not any(
        films.is_video(data) for data in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0")
    )
    assert not films.is_video(b"\x00\x00\x00\x20ftypavif")


@pytest.mark.parametrize("keep", [40, 400])
def test_a_damaged_film_gets_a_sentence(film, keep):
    with pytest.raises(PictureError) as caught:
        films.frames(film.path.read_bytes()[:keep])
    assert one_sentence(caught.value)


def test_without_pyav_there_is_a_sentence(film, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    for use in (lambda: films.frames(film.path), lambda: Film(tmp_path / "other.mp4")):
        with pytest.raises(PictureError, match="pip install av") as caught:
            use()
        assert one_sentence(caught.value)
    assert films.frames(noise(1, 3, 4, 5)).shape == (1, 3, 4, 5)
