"""Which files a recipe may read: all that its texts name, and so on through the YAML it includes."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from tgc import lock, source
from tgc.errors import RecipeError
from tgc.lower import sources

LONGEST = 255
"""A name in a directory has no more bytes on any file system."""

Below = Callable[[PurePosixPath], tuple[PurePosixPath, ...]]
Read = Callable[[PurePosixPath], bytes]


def named(recipe: PurePosixPath, root: PurePosixPath, below: Below, read: Read) -> set[PurePosixPath]:
    """The recipe, its lock and every file that is named in it, relative to what `below` and `read` look into.

    What is named is looked for as a recipe's data is, beside the file that names it and in the project; a
    directory stands for all files below it. Templates that are named by their own rules are not among them.

    Args:
        recipe: the file to begin with.
        root: the project's directory.
        below: the file of a path, or the files of a directory; none where nothing is there.
        read: a file's content.
    """
    found: set[PurePosixPath] = set()
    waiting = [recipe, *below(lock.place(recipe))]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix in source.SUFFIXES:
            for name in _names(path, read(path)):
                places = {_join(folder, name) for folder in (path.parent, root)}
                waiting += [
                    inner for place in places if not root.is_relative_to(place) for inner in below(place)
                ]
    return found


def _names(path: PurePosixPath, content: bytes) -> Iterator[str]:
    try:
        value = source.parse(content.decode("utf-8", "replace"), str(path)).value
    except RecipeError:
        return
    if isinstance(value, dict):  # a file that is a list is data
        names = (text for text in _texts(value) if _is_name(text))
        yield from (one for name in names for one in sources.spelled(name))


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, item in value.items():
                if not (key == "values" and isinstance(item, list)):  # inline data names no file
                    yield from _texts(item)


def _is_name(text: str) -> bool:
    return 0 < len(text.encode(errors="replace")) <= LONGEST and not {"\n", "\0"} & set(text)


def _join(folder: PurePosixPath, name: str) -> PurePosixPath:
    return PurePosixPath(normpath(str(folder / name)))
