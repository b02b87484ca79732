"""Many pictures by name, from whatever holds them; each is read only when its turn comes."""

import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset

from cnnlab.datasets import entries
from cnnlab.datasets.sources import begins_with, stamp
from cnnlab.pictures import PictureError


def some(count=20):
    return torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_a_folder_is_read_by_path_with_what_lies_below(tmp_path):
    (tmp_path / "b").mkdir()
    for place in ("b/one.png", "c.jpg", "a.png"):
        Image.new("RGB", (6, 4), "red").save(tmp_path / place)
    (tmp_path / "notes.txt").write_text("no picture")
    found = entries(tmp_path)
    assert [name for name, _ in found] == ["a.png", "b/one.png", "c.jpg"]
    assert all(get().shape == (1, 3, 4, 6) for _, get in found)
    assert [name for name, _ in entries(str(tmp_path))] == [name for name, _ in found]


def test_mappings_pairs_and_data_sets_have_names():
    pictures = some(3)
    for source in (
        {"x": pictures[:1], "y": pictures[1:2]},
        [("x", pictures[:1]), ("y", pictures[1:2])],
        (pair for pair in (("x", pictures[:1]), ("y", pictures[1:2]))),
    ):
        found = list(entries(source))
        assert [name for name, _ in found] == ["x", "y"] and torch.equal(found[1][1](), pictures[1:2])
    found = list(entries(TensorDataset(pictures, torch.arange(3))))
    assert [name for name, _ in found] == ["0", "1", "2"] and torch.equal(found[2][1](), pictures[2:])


def test_nothing_is_read_before_its_turn(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"broken")
    [(name, get)] = entries(tmp_path)
    assert name == "broken.png"
    with pytest.raises((PictureError, OSError)):
        get()


def test_what_holds_no_pictures_gets_a_sentence(tmp_path):
    with pytest.raises(PictureError, match="there is no folder"):
        entries(tmp_path / "nowhere")
    with pytest.raises(PictureError, match="holds no pictures"):
        entries(tmp_path)
    for source in (7, some(2)):
        with pytest.raises(PictureError, match="does not hold pictures with names"):
            entries(source)
    with pytest.raises(PictureError, match=r"a pair \(name, picture\) was expected"):
        entries([some(1)])


def test_the_same_pictures_are_met_again():
    pictures = some(20)
    source = {str(k): pictures[k : k + 1] for k in range(20)}
    stamps = [stamp(picture) for picture in source.values()]
    names = list(source)
    assert begins_with(source, names, stamps) and begins_with(source, names[:7], stamps[:7])
    assert not begins_with(source, [*names[:-1], "other"], stamps)
    assert not begins_with(dict(list(source.items())[:10]), names, stamps)
    assert not begins_with(source | {"0": 1 - pictures[:1]}, names, stamps)
