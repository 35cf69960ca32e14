"""What an image is, by its first bytes."""

import re

LENGTH = 12
"""So many bytes tell."""

_KINDS = (
    (re.compile(rb"\x89PNG"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
    (re.compile(rb"GIF8"), "gif"),
    (re.compile(rb"BM"), "bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), "tif"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "avif"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "heic"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "jp2"),
    (re.compile(rb"\0\0\0\x0cJXL |\xff\x0a"), "jxl"),
    (re.compile(rb"\x00\x00\x01\x00"), "ico"),
    (re.compile(rb"P[1-7]\s"), "pnm"),
    (re.compile(rb"8BPS"), "psd"),
)


def kind(head: bytes) -> str | None:
    r"""How names of such files end; None where these are the bytes of no image.

    >>> kind(b"\xff\xd8\xff\xe0"), kind(b"<html>"), kind(b"")
    ('jpg', None, None)
    """
    return next((ending for magic, ending in _KINDS if magic.match(head)), None)
