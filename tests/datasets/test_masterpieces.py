"""Paintings from Wikimedia Commons: a small server on this machine answers as Commons does."""

import hashlib
import http.server
import io
import json
import re
import threading
import urllib.parse
import urllib.request

import pytest
import torch
from PIL import Image

from cnnlab.datasets import masterpieces, styles
from cnnlab.pictures import PictureError

NAME = "impression, sunrise"
FILE = masterpieces.MASTERPIECES[NAME].file


def a_jpeg(width=600, height=400):
    """The bytes of an orange picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (240, 130, 20)).save(file, "JPEG")
    return file.getvalue()


class Commons:
    """What the server holds, and what it was asked."""

    def __init__(self):
        self.data = a_jpeg()
        self.facts = {"sha1": hashlib.sha1(self.data).hexdigest(), "size": len(self.data)}
        self.asked = []

    def answer(self, path):
        """The status and body for a path."""
        self.asked.append(path)
        if not path.startswith("/w/api.php"):
            return (200, self.data) if path == f"/files/{urllib.parse.quote(FILE)}" else (404, b"")
        question = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        page = {"title": question["titles"][0].replace("_", " ")}
        if question["titles"] == [f"File:{FILE}"]:
            page["imageinfo"] = [{"url": f"{self.address}/files/{urllib.parse.quote(FILE)}", **self.facts}]
        else:
            page["missing"] = True
        return 200, json.dumps({"batchcomplete": True, "query": {"pages": [page]}}).encode()


@pytest.fixture
def commons(monkeypatch):
    """A server that is asked in place of Commons."""
    held = Commons()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = held.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        held.address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(masterpieces, "COMMONS", f"{held.address}/w/api.php")
        yield held
        server.shutdown()


def test_a_painting_is_fetched_checked_and_kept(commons, tmp_path):
    picture = masterpieces.masterpiece(NAME, 300, tmp_path)
    assert picture.shape == (1, 3, 200, 300)
    assert torch.allclose(picture.mean((0, 2, 3)), torch.tensor([240, 130, 20]) / 255, atol=0.02)
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert hashlib.sha1((tmp_path / FILE).read_bytes()).hexdigest() == commons.facts["sha1"]
    assert len(commons.asked) == 2
    masterpieces.masterpiece(NAME, 64, tmp_path)
    assert len(commons.asked) == 2  # the second time it comes from the disk


def test_the_front_door_keeps_paintings_in_torchs_cache(commons, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert styles.read(NAME, 90).shape == (1, 3, 60, 90)
    assert (tmp_path / "paintings" / FILE).is_file()


def test_bytes_of_another_hash_are_not_kept(commons, tmp_path):
    commons.data = a_jpeg(601)
    with pytest.raises(PictureError, match=r"Sunrise is not the file .* SHA-1 differs.* try again"):
        masterpieces.masterpiece(NAME, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_too_large_a_file_is_not_even_asked_for(commons, tmp_path):
    commons.facts["size"] = 205_000_000
    with pytest.raises(PictureError, match=r"205 MB on Wikimedia Commons, .* 50 MB .* smaller copy"):
        masterpieces.masterpiece(NAME, folder=tmp_path)
    assert len(commons.asked) == 1


def test_a_file_larger_than_was_said_is_cut_off(commons, tmp_path, monkeypatch):
    monkeypatch.setattr("cnnlab.pictures.reading.LARGEST_DOWNLOAD", len(commons.data) - 1)
    with pytest.raises(PictureError, match="is larger than"):
        masterpieces.masterpiece(NAME, folder=tmp_path)


def test_a_file_that_commons_no_longer_has(commons, tmp_path):
    with pytest.raises(
        PictureError, match=r"no file for The Scream: look at https://commons\.wikimedia\.org"
    ):
        masterpieces.masterpiece("scream", folder=tmp_path)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "", None])
def test_an_address_that_is_none_of_the_web_is_not_opened(commons, tmp_path, url):
    commons.facts["url"] = url
    with pytest.raises(PictureError, match="no file for"):
        masterpieces.masterpiece(NAME, folder=tmp_path)


def test_an_answer_that_is_no_answer(commons, tmp_path, monkeypatch):
    monkeypatch.setattr(commons, "answer", lambda path: (200, b"<html>log in to this hotel"))
    with pytest.raises(PictureError, match="no file for"):
        masterpieces.masterpiece(NAME, folder=tmp_path)


def test_without_a_network(tmp_path, monkeypatch):
    def unreachable(*_, **__):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    with pytest.raises(PictureError, match=r'could not be reached .*styles\.read\("oil"\)') as caught:
        masterpieces.masterpiece(NAME, folder=tmp_path)
    assert len(str(caught.value)) < 300


def test_a_damaged_file_on_disk(tmp_path):
    (tmp_path / FILE).write_bytes(a_jpeg()[:200])
    with pytest.raises(PictureError, match=f"fetched anew, delete .*{re.escape(FILE)}"):
        masterpieces.masterpiece(NAME, folder=tmp_path)


def test_commons_spreads_files_over_folders_named_by_their_hash():
    """The pages of others link these files so; a name misspelt by one letter would lie elsewhere."""
    folders = {
        "starry night": "6/66",
        "night over the rhone": "9/94",
        "great wave": "a/a5",
        "scream": "c/c5",
        "composition vii": "b/b4",
        "impression, sunrise": "5/59",
        "grande jatte": "7/7d",
        "kiss": "f/f3",
    }
    for name, folder in folders.items():
        spread = hashlib.md5(masterpieces.MASTERPIECES[name].file.encode()).hexdigest()
        assert folder == f"{spread[0]}/{spread[:2]}"
    assert set(folders) == set(masterpieces.MASTERPIECES)


def test_as_words_it_says_who_made_it():
    words = str(masterpieces.MASTERPIECES["great wave"])
    assert "Hokusai" in words and "Public domain, https://commons" in words
