"""Make the class images that lesson 08 tests:  python scripts/make_class_images.py

Twenty classes, chosen before any of the pictures was made, one climb each with the settings that
`visualization` has by default. No picture was made twice and chosen from.
"""

from pathlib import Path

from cnnlab import networks, pictures
from cnnlab.optvis import logit, visualization

FOLDER = Path(__file__).resolve().parent.parent / "cnnlab" / "assets" / "class_images"
CLASSES = (
    "flamingo", "hen", "goldfish", "volcano", "daisy", "castle", "gorilla", "giant panda", "monarch",
    "strawberry", "king penguin", "beacon", "tarantula", "pineapple", "peacock", "zebra", "hourglass",
    "school bus", "jellyfish", "macaw",
)  # fmt: skip
STEPS = 256

if __name__ == "__main__":
    network = networks.load()
    FOLDER.mkdir(exist_ok=True)
    for label in CLASSES:
        climb = visualization(network, logit(label)).run(STEPS)
        if not climb.rose:
            raise SystemExit(f"{label}: the score fell from {climb.before:.1f} to {climb.after:.1f}")
        (FOLDER / f"{label}.jpg").write_bytes(pictures.encode(climb.picture, "jpeg", quality=90))
        print(f"{label}: from {climb.before:.1f} to {climb.after:.1f}", flush=True)
