"""Make docs/occlusion.jpg, the picture at the top of README.md, with the course's own means (lesson 06)."""

from pathlib import Path

from cnnlab import networks, pictures
from cnnlab.occlusion import cover, occlusion

TARGET = Path(__file__).parents[1] / "docs" / "occlusion.jpg"


def main() -> None:
    """Two animals of which one is covered, and where the network looks at a hedgehog."""
    network = networks.load()
    two, hedgehog = (pictures.fit(pictures.read(name), 227) for name in ("lemur_and_cheetah", "hedgehog"))
    cheetah, porcupine = (network.class_index(name) for name in ("cheetah", "porcupine"))
    half_hidden = cover(two, 88, 36, 64)
    result = occlusion(network, hedgehog, window=56, stride=4)
    change = result.spread(result.probability(porcupine) - result.clean.softmax(0)[porcupine])
    needs = pictures.overlay(hedgehog, change, limits=(-0.8, 0.8), colormap="PuOr_r", strength=0.75)
    chances = [network(picture).softmax(1)[0, cheetah] for picture in (two, half_hidden)]
    captions = [
        f"cheetah: {chances[0]:.0%}",
        f"cheetah: {chances[1]:.0%}",
        "hedgehog",
        "what its label needs",
    ]
    large = [pictures.resize(picture, 290) for picture in (two, half_hidden, hedgehog, needs)]
    TARGET.parent.mkdir(exist_ok=True)
    pictures.tile(large, captions, columns=4).image.save(TARGET, quality=92)


if __name__ == "__main__":
    main()
