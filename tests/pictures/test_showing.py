"""What a notebook gets to see, and what it stores for those who do not see."""

import base64
import io

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from PIL import Image

from cnnlab import pictures
from cnnlab.pictures import PictureError
from cnnlab.pictures.figures import COLOURS, LEAST, render

PHOTO = pictures.fit(pictures.read("panda"), 200)
RED, BLUE = (torch.tensor(rgb).view(1, 3, 1, 1).expand(1, 3, 200, 200) for rgb in ([1.0, 0, 0], [0, 0, 1.0]))


@pytest.fixture
def displayed(monkeypatch):
    """What show() hands to the notebook, in order."""
    seen = []
    monkeypatch.setattr("cnnlab.pictures.showing.display", seen.append)
    return seen


def pixel(shown, x, y):
    return shown.image.convert("RGB").getpixel((x, y))


# --- words ---


def test_the_words_are_stored_with_the_picture():
    data, metadata = pictures.tile(PHOTO, alt="A panda\n  chews")._repr_mimebundle_()
    (kind,) = metadata
    assert data["text/plain"] == metadata[kind]["alt"] == "A panda chews"
    assert metadata[kind]["width"] == 200
    assert set(data) == {"text/plain", kind}
    assert Image.open(io.BytesIO(base64.b64decode(data[kind]))).size == (200, 200)


def test_photographs_are_stored_as_jpeg_and_the_rest_as_png():
    assert "image/jpeg" in pictures.tile(PHOTO, alt="A panda")._repr_mimebundle_()[0]
    assert "image/png" in pictures.tile(RED, alt="Red")._repr_mimebundle_()[0]


@pytest.mark.parametrize("alt", [None, "", "  \n"])
def test_no_picture_without_words(alt, displayed):
    for make in (lambda: pictures.show(PHOTO, alt), lambda: pictures.tile(PHOTO, alt=alt)):
        with pytest.raises(PictureError, match="say in words"):
            make()
    assert not displayed


def test_captions_can_be_the_words():
    assert repr(pictures.compare({"before": RED, "after": BLUE})) == "2 pictures: before; after."
    assert repr(pictures.compare({"before": RED, "after": BLUE}, alt="It turns blue")) == "It turns blue"
    assert repr(pictures.tile(RED, ["red"])) == "red"


def test_show_takes_what_there_is_to_show(displayed):
    fig, axes = pictures.figure()
    axes.plot([1, 2])
    pictures.show(PHOTO, "A panda", "Figure 1: a panda", width=120)
    pictures.show([RED, PHOTO[..., :50]], alt="Two")
    pictures.show(torch.cat([RED, BLUE]), alt="Two")
    pictures.show(fig, alt="A rising line")
    pictures.show(pictures.compare({"a": RED, "b": BLUE}), caption="Two colours")
    assert [shown.alt for shown in displayed] == [
        "A panda",
        "Two",
        "Two",
        "A rising line",
        "2 pictures: a; b.",
    ]
    assert displayed[0].width == 120 and displayed[0].caption == "Figure 1: a panda"
    assert displayed[1].image.width > 400
    assert displayed[4].caption == "Two colours"


def test_one_picture_is_shown_pixel_by_pixel(displayed):
    pictures.show(PHOTO, alt="A panda")
    expected = (PHOTO[0] * 255).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(np.array(displayed[0].image), expected)


# --- tiles ---


def test_pictures_stand_in_rows_with_gaps_between():
    shown = pictures.tile([RED, BLUE, RED], alt="Flags", columns=2, gap=10)
    assert shown.image.size == (410, 410)
    assert pixel(shown, 100, 100) == (255, 0, 0)
    assert pixel(shown, 205, 100) == (255, 255, 255)
    assert pixel(shown, 310, 100) == (0, 0, 255)
    assert pixel(shown, 100, 310) == (255, 0, 0)
    assert pixel(shown, 310, 310) == (255, 255, 255)


def test_a_batch_is_a_sequence():
    batch, sequence = pictures.tile(torch.cat([RED, BLUE]), alt="x"), pictures.tile([RED, BLUE], alt="x")
    assert batch.image.tobytes() == sequence.image.tobytes()


def test_other_sizes_are_centred_in_their_cell():
    shown = pictures.tile([RED, BLUE[..., :100]], alt="Flags", gap=0)
    assert shown.image.size == (400, 200)
    assert [pixel(shown, x, 100) for x in (210, 300, 390)] == [(255, 255, 255), (0, 0, 255), (255, 255, 255)]


def test_captions_are_written_below_and_wrapped():
    plain, short, long = (
        pictures.tile(RED, captions, alt="Red")
        for captions in (None, ["red"], ["a red much longer than its picture"])
    )
    assert plain.image.height < short.image.height < long.image.height
    below = np.array(short.image)[200:]
    assert (below.min() < 80) and (below[:, :40] == 255).all()  # dark letters in the middle
    assert long.image.width == 200


def test_small_pictures_are_enlarged_in_whole_steps():
    checks = (torch.arange(25) % 2).float().view(1, 1, 5, 5)
    shown = pictures.tile(checks, alt="Checks")
    step, rest = divmod(shown.image.width, 5)
    assert rest == 0 and step > 20
    assert sorted(set(np.array(shown.image).ravel())) == [0, 255]  # nothing in between


def test_many_large_pictures_fit_on_a_page():
    assert pictures.tile([torch.zeros(1, 3, 300, 900)] * 6, alt="Black", columns=6).image.width <= 1200
    assert pictures.tile(torch.zeros(300, 1, 3, 3), alt="Black").image.width <= 1200


def test_grey_and_colour_mix():
    shown = pictures.tile([RED, RED[:, :1] * 0.5], alt="Red, grey")
    assert pixel(shown, 100, 100) == (255, 0, 0) and pixel(shown, 310, 100) == (128, 128, 128)


def test_the_same_bytes_each_time():
    bundles = [pictures.compare({"a": PHOTO, "b": 1 - PHOTO})._repr_mimebundle_() for _ in range(2)]
    assert bundles[0] == bundles[1]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: pictures.tile([], alt="x"), "no pictures to show"),
        (lambda: pictures.tile([RED, BLUE], ["one"]), "2 pictures and 1 captions"),
        (lambda: pictures.tile(RED, alt="x", columns=0), "columns is 0"),
        (lambda: pictures.tile(RED, alt="x", gap=-1), "gap is -1"),
        (lambda: pictures.tile("panda", alt="x"), "not a tensor"),
        (lambda: pictures.tile(7, alt="x"), "an int"),
        (lambda: pictures.compare([RED, BLUE]), "give names"),
        (lambda: pictures.compare({}), "no pictures to show"),
        (lambda: pictures.show(RED[0], alt="x"), "add the first axis"),
    ],
)
def test_refusals(call, sentence):
    with pytest.raises(PictureError, match=sentence):
        call()


# --- figures ---


def draw():
    fig, (left, right) = pictures.figure(1, 2, width=8, height=4)
    left.plot([0, 1], [0, 1], label="one")
    left.plot([0, 1], [1, 0], label="two")
    left.set(title="Lines", xlabel="x", ylabel="y")
    left.legend(fontsize=5)
    right.imshow(np.eye(4))
    right.text(0, 0, "small", fontsize=4)
    return fig


def test_nothing_in_a_figure_is_too_small_to_read():
    fig = draw()
    image, width = render(fig)
    texts = [
        text
        for axes in fig.axes
        for text in [axes.title, axes.xaxis.label, *axes.texts, *axes.get_xticklabels()]
    ]
    texts += fig.axes[0].get_legend().get_texts()
    assert min(text.get_fontsize() for text in texts) >= LEAST
    assert width == 8 * 96 and image.width == 1.5 * width  # sharp on fine screens, too


def test_lines_differ_for_the_colour_blind():
    fig = draw()
    assert [line.get_color() for line in fig.axes[0].lines] == list(COLOURS[:2])
    grey = sorted(float(np.dot(to_rgb(colour), [0.299, 0.587, 0.114])) for colour in COLOURS)
    assert min(np.diff(grey)) > 0.01 and grey[-1] < 0.75  # none alike, none too faint on white


def test_figures_repeat_and_stay_small(displayed):
    for _ in range(2):
        pictures.show(draw(), alt="Lines")
    first, second = (shown._repr_mimebundle_() for shown in displayed)
    assert first == second
    assert len(first[0]["image/png"]) < 150_000


def test_figures_leave_pyplot_and_the_settings_alone():
    import matplotlib
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    render(draw())
    assert not pyplot.get_fignums() and dict(matplotlib.rcParams) == before
