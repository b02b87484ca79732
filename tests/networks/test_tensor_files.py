"""Tensors and words come back as they were; anything else gets one sentence."""

import pytest
import torch
from safetensors.torch import save_file
from small import noise, one_sentence

from cnnlab.networks import tensor_files


def test_what_was_written_comes_back(tmp_path):
    file = tmp_path / "new" / "it.safetensors"
    about = {"names": ["Ä", "b/c"], "count": 2, "none": None}
    tensors = {"values": noise(3, 4).T, "places": torch.tensor([[1, 2]], dtype=torch.int32)}
    tensor_files.write(file, {"old": 1}, {})
    tensor_files.write(file, about, tensors)
    words, found = tensor_files.read(file)
    assert words == about and found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)
    assert [path.name for path in file.parent.iterdir()] == ["it.safetensors"]


@pytest.mark.parametrize("about", [None, {}, {"about": "{"}, {"about": "7"}, {"about": "[1, 2]"}])
def test_a_file_with_other_words_gets_a_sentence(tmp_path, about):
    file = tmp_path / "it.safetensors"
    save_file({"values": noise(2)}, file, about)
    with pytest.raises(ValueError) as caught:
        tensor_files.read(file)
    assert one_sentence(caught.value)


def test_a_file_cut_short_gets_a_sentence(tmp_path):
    file = tmp_path / "it.safetensors"
    tensor_files.write(file, {}, {"values": noise(100)})
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(ValueError) as caught:
        tensor_files.read(file)
    assert one_sentence(caught.value)
