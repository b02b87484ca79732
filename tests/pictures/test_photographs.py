"""The photographs that ship with the course: their licences, their files, and how they are drawn."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from PIL import Image
from torchvision.models._meta import _IMAGENET_CATEGORIES

from cnnlab import pictures
from cnnlab.pictures import PictureError, photographs

ROOT = Path(__file__).parents[2]
EVERYTHING = [photographs.credit(name) for name in photographs.names()]
COLLAGES = [credit for credit in EVERYTHING if credit.file.startswith("beside: ")]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/make_photographs.py as a module."""
    file = ROOT / "scripts" / "make_photographs.py"
    monkeypatch.syspath_prepend(str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_enough_and_the_promised_ones():
    assert len(EVERYTHING) >= 140
    assert {"cat", "panda", "dog", "koala", "coffee", "china"} <= set(photographs.names())
    assert len(COLLAGES) >= 2


def test_files_and_table_agree():
    files = {file.stem: file for file in photographs.FOLDER.glob("*.jpg")}
    assert sorted(files) == photographs.names()
    for credit in EVERYTHING:
        assert hashlib.sha256(files[credit.name].read_bytes()).hexdigest() == credit.sha256, credit.name
        assert photographs.path(credit.name) == files[credit.name]


def test_small_enough_and_without_metadata():
    sizes = []
    for name in photographs.names():
        sizes.append(photographs.path(name).stat().st_size)
        with Image.open(photographs.path(name)) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB"), name
            assert min(image.size) >= 150 and max(image.size) <= 640, name
            assert not {"exif", "icc_profile", "comment", "photoshop", "xmp"} & image.info.keys(), name
    assert sum(sizes) <= 8_000_000


def test_every_photograph_is_freely_licensed_and_attributed():
    for credit in EVERYTHING:
        assert credit.licence in photographs.LICENCES, credit.name
        assert credit.licence_url.startswith("https://creativecommons.org/")
        assert all((credit.author, credit.title, credit.source, credit.changes)), credit.name
        assert "GFDL" not in credit.licence and "GPL" not in credit.licence


def test_originals_are_taken_once():
    files = [credit.file for credit in EVERYTHING]
    assert len(set(files)) == len(files)
    assert len({credit.sha256 for credit in EVERYTHING}) == len(files)


@pytest.mark.parametrize("credit", COLLAGES, ids=lambda credit: credit.name)
def test_a_collage_says_so_and_credits_its_parts(credit: photographs.Credit):
    left, right = (photographs.credit(name) for name in credit.file.split()[1::2])
    assert credit.title.startswith("Collage") and left.name in credit.changes and right.name in credit.changes
    for part in (left, right):
        assert part.author in credit.author and part.source in credit.source
    strictness = list(photographs.LICENCES).index
    assert strictness(credit.licence) == max(strictness(left.licence), strictness(right.licence))
    assert credit.objects == f"{left.label};{right.label}"


def test_labels_are_imagenet_classes():
    labels = {label for credit in EVERYTHING for label in (credit.label, *credit.objects.split(";")) if label}
    assert labels <= set(_IMAGENET_CATEGORIES)
    assert photographs.credit("panda").label == "giant panda"


def test_credits_page_agrees_with_the_table(script: ModuleType):
    assert (ROOT / "CREDITS.md").read_text(encoding="utf-8") == script.credits_page(EVERYTHING)


def test_choices_agree_with_the_table(script: ModuleType):
    rows = script.choices()
    assert [row["name"] for row in rows] == photographs.names()
    for row in rows:
        assert row.items() <= vars(photographs.credit(row["name"])).items()


def test_kinds_divide_the_names():
    assert {"animal", "building", "food", "tool", "vehicle"} <= set(pictures.kinds())
    assert sorted(name for kind in pictures.kinds() for name in pictures.names(kind)) == pictures.names()
    assert "panda" in pictures.names("animal")


def test_a_credit_reads_as_an_attribution():
    credit = pictures.credit("cat")
    assert str(credit) == (
        "Chelsea the cat. Stéfan van der Walt, CC0-1.0 "
        "(https://creativecommons.org/publicdomain/zero/1.0/), skimage.data.chelsea"
    )


def test_sample_by_name_keeps_the_order():
    sample = pictures.sample(["panda", "cat"])
    assert list(sample) == ["panda", "cat"]
    assert sample["cat"].shape == (1, 3, 300, 451) and sample["cat"].dtype == torch.float32
    assert 0 <= sample["cat"].min() < sample["cat"].max() <= 1


def test_the_same_seed_draws_the_same_photographs():
    first, again, other = (list(pictures.sample(kind="animal", count=6, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 6 and set(first) <= set(pictures.names("animal"))


def test_a_sample_of_a_kind_is_all_of_it():
    assert list(pictures.sample(kind="food")) == pictures.names("food")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pictures.credit("pandda"), ["'pandda'", "panda"]),
        (lambda: photographs.path("xyzzy"), ["'xyzzy'", "pictures.names()"]),
        (lambda: pictures.names("dinosaur"), ["'dinosaur'", "animal, building"]),
        (lambda: pictures.sample("panda"), ["'panda'", "['panda']"]),
        (lambda: pictures.sample(["panda"], kind="animal"), ["not both"]),
        (lambda: pictures.sample(kind="food", count=0), ["count is 0", "between 1 and 4"]),
        (lambda: pictures.sample(kind="food", count=5), ["count is 5", "between 1 and 4"]),
        (lambda: pictures.sample(["panda", "pandda"]), ["'pandda'"]),
    ],
)
def test_what_cannot_be_found_is_said_in_one_sentence(call, words):
    with pytest.raises(PictureError) as error:
        call()
    assert all(word in str(error.value) for word in words)
    assert "\n" not in str(error.value)


def test_names_given_are_drawn_from_too():
    drawn = pictures.sample(["panda", "cat", "dog"], count=2, seed=3)
    assert len(drawn) == 2 and set(drawn) < {"panda", "cat", "dog"}


# --- the script that makes the set ---


def test_paragraphs_join_what_goes_on(script: ModuleType):
    sources = sys.modules["photograph_sources"]
    text = "Copyright: A\nFiles:\none.webp\n two.webp\n\nFiles: three.webp\nLicense: B"
    first, second = sources.paragraphs(text)
    assert first == {"Copyright": "A", "Files": "\none.webp\ntwo.webp"}
    assert second == {"Files": "three.webp", "License": "B"}


def test_a_licence_that_is_not_allowed_is_refused(script: ModuleType):
    original = script.Original(b"", "someone", "GPL-3+", "somewhere", "")
    with pytest.raises(SystemExit, match="GPL-3"):
        script.photograph({"file": "x"}, original)


def test_a_plain_jpeg_keeps_its_pixels_and_loses_its_metadata(script: ModuleType, tmp_path: Path):
    file = tmp_path / "plain.jpg"
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    Image.effect_noise((60, 40), 80).convert("RGB").save(file, exif=exif, comment=b"mine")
    bare = script.bare_jpeg(file.read_bytes())
    (tmp_path / "bare.jpg").write_bytes(bare)
    with Image.open(file) as before, Image.open(tmp_path / "bare.jpg") as after:
        assert before.tobytes() == after.tobytes()
        assert "exif" in before.info and not {"exif", "comment"} & after.info.keys()
    assert b"where I live" not in bare and b"mine" not in bare


@pytest.mark.parametrize("size", [(700, 20), (641, 640)])
def test_a_large_jpeg_is_made_anew(script: ModuleType, tmp_path: Path, size: tuple[int, int]):
    Image.new("RGB", size).save(tmp_path / "large.jpg")
    content = (tmp_path / "large.jpg").read_bytes()
    assert script.bare_jpeg(content) is None
    assert max(script.reduced(script.upright(content)).size) == 640
