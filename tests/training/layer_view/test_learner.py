"""Learning, beside PyTorch's own optimiser; evaluations; curves; snapshots."""

import struct

import pytest
import torch
from torch.nn.functional import cross_entropy

from cnnlab.datasets import picture_set
from cnnlab.networks import tensor_files
from cnnlab.training.layer_view.architecture import SMALL_NETWORK, Architecture
from cnnlab.training.layer_view.learner import POINTS, Learner, LearningSettings, read_snapshot, restored

TINY = "conv 6 3x3 pad 1\nrelu\npool 2\ndense 10"


@pytest.fixture(scope="module")
def digits():
    return picture_set("digits")


def learner(digits, text=TINY, seed=0):
    return Learner(digits, Architecture(text), seed)


def test_ten_steps_are_those_of_torch_optim_sgd_even_when_settings_change(digits):
    ours, theirs = learner(digits), learner(digits)
    network, settings = theirs.network, LearningSettings(rate=0.05, momentum=0.9, batch=16, decay=0.01)
    optimiser = torch.optim.SGD(network.parameters(), 0.05, 0.9, weight_decay=0.01)
    order = torch.randperm(len(digits.train.labels), generator=torch.Generator().manual_seed(0))
    for k in range(10):
        chosen = order[16 * k : 16 * k + 16]
        if k == 5:
            settings.rate = optimiser.param_groups[0]["lr"] = 0.02
            settings.momentum = optimiser.param_groups[0]["momentum"] = 0.5
        loss = cross_entropy(network(digits.train.pictures[chosen]), digits.train.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        assert ours.step(settings) == pytest.approx(loss.item(), rel=1e-4)
    for a, b in zip(ours.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_every_picture_comes_once_before_any_comes_again(digits):
    of_few = digits._replace(train=digits.train.part(slice(50)))
    drawn = learner(of_few)
    rounds = [torch.cat([drawn._next(10) for _ in range(5)]).sort().values for _ in range(3)]
    assert all(torch.equal(one, torch.arange(50)) for one in rounds)
    assert len(drawn._next(50)) == 50


def test_a_batch_larger_than_the_set_is_the_set(digits):
    of_few = digits._replace(train=digits.train.part(slice(7)))
    assert learner(of_few).step(LearningSettings(batch=256)) == pytest.approx(2.3, abs=0.2)


def test_digits_are_learned_to_97_percent(digits):
    learning = learner(digits, SMALL_NETWORK).learn(LearningSettings(), every=500)
    found = [evaluation for _, evaluation in zip(range(1000), learning, strict=False) if evaluation]
    assert [evaluation.step for evaluation in found] == [500, 1000]
    assert found[-1].accuracy >= 0.97 and found[-1].loss < 0.2


def test_the_same_seed_learns_the_same_and_the_global_generator_is_left_alone(digits):
    text = TINY.replace("dense", "dropout .5\ndense")
    state = torch.random.get_rng_state()
    learners = [learner(digits, text, seed) for seed in (1, 1, 2)]
    curves = [[one.step(LearningSettings()) for _ in range(5)] for one in learners]
    assert curves[0] == curves[1] != curves[2]
    assert torch.equal(torch.random.get_rng_state(), state)


def test_an_evaluation_counts_what_a_plain_loop_counts(digits):
    one = learner(digits, TINY.replace("relu", "batchnorm\nrelu"))
    for _ in range(30):
        one.step(LearningSettings())
    on: list = []
    with torch.no_grad():
        one.network.module.relu1.register_forward_hook(lambda m, i, o: on.append((o > 0).any(0)))
        logits = one.network(digits.test.pictures)
    found = one.evaluate()
    right = (logits.argmax(1) == digits.test.labels).sum().item()
    assert found.accuracy == right / 500
    assert found.loss == pytest.approx(cross_entropy(logits, digits.test.labels).item(), rel=1e-5)
    assert found.dead_units["relu1"] == pytest.approx(1 - on[0].float().mean().item())
    assert not one.network.training


def test_a_dead_layer_is_seen_to_be_dead(digits):
    one = learner(digits)
    with torch.no_grad():
        one.network.module.conv1.bias[:3] = -1000
    found = one.evaluate()
    assert found.dead_units["relu1"] >= 0.5 and found.dead_maps["relu1"] == found.dead_maps["conv1"] == 3
    with torch.no_grad():
        one.network.module.dense1.bias[4:6] = -1e6
    assert one.evaluate().dead_maps["dense1"] >= 2


def test_steps_that_are_too_large_end_in_a_sentence(digits):
    one = learner(digits)
    with pytest.raises(ValueError, match="Lower the step size") as caught:
        for _ in range(200):
            one.step(LearningSettings(rate=1000.0))
    assert "\n" not in str(caught.value)


def test_curves_stay_short_and_keep_their_ends(digits):
    one = learner(digits, "dense 10")
    one.data = digits._replace(test=digits.test.part(slice(1)))
    one.evaluate()
    for number in range(1, 10_001):
        one._note(1 / number)
        if number % 10 == 0:
            one.evaluate()
    losses, accuracies = one.curves()
    assert len(losses) <= POINTS + 1 and len(accuracies) <= POINTS + 1
    assert next(iter(accuracies)) == 0 and list(accuracies)[-1] == one.steps == 10_000
    assert list(losses)[-1] == 10_000 and one.loss == pytest.approx(1e-4, rel=0.1)


def test_a_snapshot_comes_back_as_it_was(digits, tmp_path):
    one = learner(digits, TINY.replace("relu", "batchnorm\nrelu"))
    for _ in range(12):
        one.step(LearningSettings())
    one.save(tmp_path / "one.safetensors")
    again = restored(read_snapshot((tmp_path / "one.safetensors").read_bytes()), digits)
    assert again.steps == 12 and again.architecture == one.architecture
    assert torch.equal(again.network(digits.test.pictures), one.network(digits.test.pictures))
    again.step(LearningSettings())
    assert again.steps == 13


@pytest.mark.parametrize(
    "content", [b"", b"no such file", struct.pack("<Q", 2**60) + b"{}", b"\x80\x04K\x01.", bytes(1000)]
)
def test_files_that_are_no_snapshots_get_one_sentence(content):
    with pytest.raises(ValueError, match="no snapshot") as caught:
        read_snapshot(content)
    assert "\n" not in str(caught.value)


def test_a_snapshot_that_was_cut_or_belongs_to_something_else(digits, tmp_path):
    path = tmp_path / "one.safetensors"
    learner(digits).save(path)
    with pytest.raises(ValueError, match="no snapshot"):
        read_snapshot(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match="learned digits, and MNIST sample differs"):
        restored(read_snapshot(path.read_bytes()), picture_set("MNIST sample"))
    tensor_files.write(path, {"architecture": "nonsense"}, {})
    with pytest.raises(ValueError, match="no snapshot"):
        read_snapshot(path.read_bytes())
    tensor_files.write(path, {"steps": 3}, {})
    with pytest.raises(ValueError, match="no snapshot"):
        read_snapshot(path.read_bytes())
    about = {"architecture": TINY, "steps": 3, "classes": digits.names, "shape": [1, 8, 8], "data": "digits"}
    tensor_files.write(path, about, {"other": torch.zeros(3)})
    with pytest.raises(ValueError, match="no snapshot"):
        restored(read_snapshot(path.read_bytes()), digits)
