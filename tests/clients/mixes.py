"""Mixes for real clients, built as users build them: of a tree, of chats with odd texts, of rows with images."""

import json
import shutil
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tests.formats.rows import TEXTS
from tests.workshop import Workshop

DEMO = Path(__file__).parents[3] / "shared" / "data" / "qwenvl_demo" / "qwen-vl-finetune"
"""Real rows with charts to look at; where they are absent, images are drawn."""

PICTURED = (
    "format: llava",
    "format: llava_next",
    "format: qwen_vl",
    "format: internvl",
    "format: llamafactory",
    "format: trl",
    "format: hf, images: bytes",
    "format: axolotl",
    "format: swift",
    "format: verl",
)
PLAIN = (
    *PICTURED,
    "format: messages",
    "format: openai",
    "format: sharegpt",
    "format: alpaca",
    "format: prompt_completion",
    "format: text",
)

RECIPE = """\
name: clients
seed: 7
model: builtin:atlas
tree:
  topic: {{values: [physics, law, music]}}
  question: {{role: user, system: "Talk about {{{{ topic }}}}.", branch: {branch}, max_tokens: 16}}
  answer: {{role: assistant, branch: 2, max_tokens: 32}}
  followup: {{role: user, max_tokens: 16}}
  reply: {{role: assistant, max_tokens: 32}}
mix:
  size: {size}
  turns: {{1: 0.5, 2: 0.5}}
  split: {{validation: 0.1, by: question}}
  blend:
{blend}
emit:
{emit}
"""
CHATS = "    - {source: chats.jsonl, format: sharegpt, rows: all}\n"
SEEN = "    - {source: seen.json, format: llava, images: photos, rows: all}\n"

ODD = (
    *TEXTS,
    "2024-01-01",
    "NaN",
    "null",
    "```html\n<img src='a.png'><br/>\n```",
    "你好，世界",
    "def f(x):\n\treturn {'a': [x]}\n",
    "$$\\int_0^1 x\\,dx = \\frac{1}{2}$$",
    "مرحبا 😀 e\u0301",
    "USER: a\nASSISTANT: b",
    "[INST] <<SYS>> {{ a }} {% b %}",
)
"""Texts that are right, and that somebody may read as something else."""


Seen = tuple[str, str, str]
"""The path of an image, a question about it and the answer."""


@dataclass(frozen=True)
class Mix:
    """A mix that was built.

    Attributes:
        root: the project, from which the files name each other.
        folder: where the files of the mix are.
        rows: how many there are to be, by split.
        images: how many rows have one; all of them are to be trained on.
    """

    root: Path
    folder: Path
    rows: dict[str, int]
    images: int


def plain(root: Path, size: int) -> Mix:
    """A mix of texts, a quarter of the tree and the others of chats, in every format."""
    workshop = Workshop(root)
    chats(root / "recipes" / "chats.jsonl", size - size // 4)
    return built(workshop, size, CHATS, PLAIN, 0)


def pictured(root: Path, size: int) -> Mix:
    """A mix of which one row in four has an image, in every format that has images."""
    workshop = Workshop(root)
    chats(root / "recipes" / "chats.jsonl", size - 2 * (size // 4))
    seen(root / "recipes" / "seen.json", root / "photos", size // 4)
    return built(workshop, size, CHATS + SEEN, PICTURED, size // 4)


def built(workshop: Workshop, size: int, blend: str, outputs: Iterable[str], images: int) -> Mix:
    """The mix of a recipe; a quarter of the rows are the tree's."""
    emit = "".join(f"  - {{{output}}}\n" for output in outputs)
    workshop.write(RECIPE.format(branch=size // 12 + 1, size=size // 4, blend=blend, emit=emit))
    assert workshop.build() is not None
    folder = workshop.root / "warehouse" / "mixes" / "clients"
    held_out = json.loads((folder / "manifest.json").read_text())["splits"]["validation"]["rows"]
    return Mix(workshop.root, folder, {"train": size - held_out, "validation": held_out}, images)


def chats(path: Path, count: int) -> None:
    """A file of so many conversations of one to three turns."""
    rows = []
    for number in range(count):
        odd = ODD[number % len(ODD)]
        turns = [(f"Say {number}: {odd}", odd), *[("And?", f"{odd} {number}")] * (number % 3)]
        rows.append({"id": f"chat {number}", "conversations": told(turns)})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def seen(path: Path, photos: Path, count: int) -> None:
    """A file of so many rows with an image each, and the images."""
    rows = real(photos) if DEMO.exists() else drawn(photos)
    numbered = [
        {
            "id": f"seen {number}",
            "image": image,
            "conversations": told([(f"{asked}\nNumber {number}.", said)]),
        }
        for number, (image, asked, said) in zip(range(count), cycle(rows), strict=False)
    ]
    path.write_text(json.dumps(numbered), encoding="utf-8")


def real(photos: Path) -> list[Seen]:
    """The rows of the demo, whose images are copied."""
    shutil.copytree(DEMO / "demo", photos / "demo")
    rows = json.loads((DEMO / "demo" / "single_images.json").read_text())
    return [(row["image"], *(turn["value"] for turn in row["conversations"])) for row in rows]


def drawn(photos: Path) -> list[Seen]:
    """Rows about squares of one colour, which are drawn."""
    photos.mkdir()
    colours = {"red": (220, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}
    for name, colour in colours.items():
        (photos / f"{name}.png").write_bytes(square(colour))
    return [(f"{name}.png", "<image>\nWhich colour?", f"It is {name}.") for name in colours]


def square(colour: tuple[int, int, int], side: int = 64) -> bytes:
    """A PNG of one colour."""
    lines = (b"\0" + bytes(colour) * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    told = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def told(turns: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Turns as ShareGPT spells them."""
    return [
        {"from": speaker, "value": text}
        for turn in turns
        for speaker, text in zip(("human", "gpt"), turn, strict=True)
    ]
