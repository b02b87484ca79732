"""Make the pictures of README.md, docs/*.jpg, with the course's own means."""

from pathlib import Path

from cnnlab import networks, pictures
from cnnlab.attribution import cover, occlusion
from cnnlab.networks import Network
from cnnlab.optvis import DreamSettings, dream, energy, gallery

DOCS = Path(__file__).parents[1] / "docs"
DRAWN = ("flamingo", "castle", "peacock", "pineapple")


def occluded(network: Network) -> dict:
    """Lesson 06: two animals of which one is covered, and where the network looks at a hedgehog."""
    two, hedgehog = (pictures.fit(pictures.read(name), 227) for name in ("lemur_and_cheetah", "hedgehog"))
    cheetah, porcupine = (network.class_index(name) for name in ("cheetah", "porcupine"))
    half_hidden = cover(two, 88, 36, 64)
    result = occlusion(network, hedgehog, window=56, stride=4)
    change = result.spread(result.probability(porcupine) - result.clean.softmax(0)[porcupine])
    needs = pictures.overlay(hedgehog, change, limits=(-0.8, 0.8), colormap="PuOr_r", strength=0.75)
    before, after = (network(picture).softmax(1)[0, cheetah] for picture in (two, half_hidden))
    return {
        f"cheetah: {before:.0%}": two,
        f"cheetah: {after:.0%}": half_hidden,
        "hedgehog": hedgehog,
        "what its label needs": needs,
    }


def climbed(network: Network) -> dict:
    """Lessons 08 and 11: pictures drawn for a class, and a gate with what a layer sees in it."""
    gate = pictures.fit(pictures.read("india_gate"), 320)
    *_, last = dream(network, gate, DreamSettings(energy("features.12"), step_size=0.008))
    drawn = gallery()
    return {**{name: drawn[name] for name in DRAWN}, "a gate": gate, "its dream": last.picture}


def save(name: str, shown: dict, side: int) -> None:
    """Write the pictures side by side, each `side` pixels, with its caption."""
    large = [pictures.resize(picture, side) for picture in shown.values()]
    pictures.save(pictures.tile(large, list(shown), columns=len(shown)), DOCS / name, quality=92)


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    embedded = networks.load()
    save("occlusion.jpg", occluded(embedded), 290)
    save("climbing.jpg", climbed(embedded), 290)
