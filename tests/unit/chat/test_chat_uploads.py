"""What a visitor may upload, and where it goes."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.chat.uploads import FILE_BYTES, IMAGE_BYTES, clean_filename, read_upload
from shared.errors import RequestError
from shared.model.uploads import upload_key

MEDIA_ID = "med_01890a5d-ac96-774b-bcce-b302099a8057"


def refused(**fields: Any) -> str:
    with pytest.raises(RequestError) as caught:
        read_upload({"filename": "a.png", "mime_type": "image/png", "size": 10, **fields})
    return caught.value.code


def test_the_type_is_read_without_its_parameters() -> None:
    upload = read_upload({"filename": "note.webm", "mime_type": "Audio/WebM;codecs=opus", "size": 10})
    assert (upload.mime_type, upload.filename, upload.size) == ("audio/webm", "note.webm", 10)


def test_images_and_other_files_have_limits_of_their_own() -> None:
    assert read_upload({"filename": "a", "mime_type": "image/png", "size": IMAGE_BYTES}).size == 10 * 1024 * 1024
    assert refused(size=IMAGE_BYTES + 1) == "file_too_large"
    assert read_upload({"filename": "a", "mime_type": "video/mp4", "size": FILE_BYTES}).size == 20 * 1024 * 1024
    assert refused(mime_type="video/mp4", size=FILE_BYTES + 1) == "file_too_large"


@pytest.mark.parametrize(
    "mime_type", ["text/html", "image/svg+xml", "application/javascript", "application/xhtml+xml", ""]
)
def test_what_a_browser_would_run_is_not_taken(mime_type: str) -> None:
    assert refused(mime_type=mime_type) == "type_not_allowed"


@pytest.mark.parametrize("fields", [{"size": 0}, {"size": True}, {"size": "10"}, {"filename": None}, {"mime_type": 1}])
def test_incomplete_requests_are_refused(fields: dict[str, Any]) -> None:
    assert refused(**fields) == "bad_upload"


def test_filenames_lose_their_path_and_what_cannot_be_shown() -> None:
    assert clean_filename("C:\\temp\\报价 单.pdf") == "报价 单.pdf"
    assert clean_filename("../../etc/passwd") == "passwd"
    assert clean_filename("a\u202egnp.exe\x00") == "agnp.exe"
    assert clean_filename("...") == "file"
    assert clean_filename("x" * 300 + ".png").endswith("x.png")


def test_a_key_names_the_account_the_visitor_and_the_file() -> None:
    assert upload_key("main", "idn_x", MEDIA_ID) == f"uploads/main/idn_x/{MEDIA_ID}"


@pytest.mark.parametrize("media_id", ["", "../other", "med_1", MEDIA_ID + "/x", MEDIA_ID.upper(), MEDIA_ID + "\n"])
def test_no_key_is_made_of_an_id_that_is_not_ours(media_id: str) -> None:
    with pytest.raises(ValueError, match="not a media id"):
        upload_key("main", "idn_x", media_id)
