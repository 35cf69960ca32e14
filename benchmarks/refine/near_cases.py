"""The same near-duplicates found by several tools, each as it is documented to be used for it.

`near_cases.py CASE TEXTS.ipc REMOVED.ipc` removes texts in a process of its own and prints seconds, on the clock
and of CPU, and the peak of its memory as JSON; exit 3 where the tool is not installed. All compare 5-grams at a
threshold of 0.7, but datatrove, which takes none: the curve of its defaults is steepest at 0.72.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

THRESHOLD, NGRAM = 0.7, 5
PERMUTATIONS, BANDS = 128, 16
NOT_INSTALLED = 3

Removed = list[int]


def tgc(texts: pl.Series) -> Removed:
    """The filter's join, with numba."""
    from tgc import jaccard

    jaccard.MANY = 0
    return jaccard.repeats(texts, NGRAM, THRESHOLD)["text"].to_list()


def tgc_plain(texts: pl.Series) -> Removed:
    """The same without numba."""
    from tgc import jaccard

    jaccard.MANY = len(texts) + 1
    return jaccard.repeats(texts, NGRAM, THRESHOLD)["text"].to_list()


def rensa(texts: pl.Series) -> Removed:
    """Its streaming deduplicator, which checks candidates by their sketches."""
    from rensa import RMinHashDeduplicator

    known = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True, num_bands=BANDS)
    kept = known.add_pairs((str(number), shingles(text)) for number, text in enumerate(texts))
    return [number for number, keep in enumerate(kept) if not keep]


def rensa_batch(texts: pl.Series) -> Removed:
    """Its fastest way, by sketches of a sample of each text's shingles; flags all of a group, unverified."""
    from rensa import RMinHash

    return _flagged(RMinHash.digest_matrix_from_token_sets_rho(list(map(shingles, texts)), PERMUTATIONS, 42))


def rensa_hashed(texts: pl.Series) -> Removed:
    """The same of whole sets, of which tgc makes the hashes; what sketches alone cost."""
    from rensa import RMinHash

    from tgc.jaccard import fast

    read = fast.read(texts, np.zeros(len(texts), dtype=np.uint64), NGRAM)
    starts = read.starts.astype(np.uint64)
    return _flagged(RMinHash.digest_matrix_from_flat_token_hashes(read.shingles, starts, PERMUTATIONS, 42))


def gaoya(texts: pl.Series) -> Removed:
    """Its index, filled and asked in parallel; of each group found the first is kept."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        32, THRESHOLD, BANDS, PERMUTATIONS // BANDS, None, "word", True, (NGRAM, NGRAM)
    )
    told = texts.to_list()
    index.par_bulk_insert_docs(list(range(len(told))), told)
    found = enumerate(index.par_bulk_query(told))
    return [number for number, alike in found if min(alike, default=number) < number]


def datasketch(texts: pl.Series) -> Removed:
    """Its index, asked before each insertion."""
    from datasketch import MinHash, MinHashLSH

    index, removed = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS), []
    told = ([shingle.encode() for shingle in shingles(text)] for text in texts)
    for number, sketch in enumerate(MinHash.generator(told, num_perm=PERMUTATIONS)):
        if index.query(sketch):
            removed.append(number)
        else:
            index.insert(number, sketch)
    return removed


def datatrove(texts: pl.Series) -> Removed:
    """Its four steps with two workers, defaults throughout: 14 buckets of 8 hashes."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    with tempfile.TemporaryDirectory() as home:
        told = pl.DataFrame({"id": pl.Series(range(len(texts))).cast(pl.String), "text": texts})
        Path(home, "in").mkdir()
        for part in range(2):
            told[part::2].write_ndjson(f"{home}/in/{part}.jsonl")
        out = JsonlWriter(f"{home}/out", compression=None)
        steps = [
            ([JsonlReader(f"{home}/in"), MinhashDedupSignature(f"{home}/sign")], 2),
            ([MinhashDedupBuckets(f"{home}/sign", f"{home}/buckets")], 14),
            ([MinhashDedupCluster(f"{home}/buckets", f"{home}/ids")], 1),
            ([JsonlReader(f"{home}/in"), MinhashDedupFilter(f"{home}/ids"), out], 2),
        ]
        for number, (steps_of_one, tasks) in enumerate(steps):
            home_of_logs = f"{home}/log{number}"
            LocalPipelineExecutor(
                steps_of_one, tasks=tasks, workers=2, logging_dir=home_of_logs, start_method="spawn"
            ).run()
        kept = [int(json.loads(line)["id"]) for file in Path(home, "out").iterdir() for line in file.open()]
    return sorted(set(range(len(texts))) - set(kept))


def data_juicer(texts: pl.Series) -> Removed:
    """Its operator with two processes, defaults throughout: 256 permutations."""
    from data_juicer.core.data import NestedDataset
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator

    rows = NestedDataset.from_dict({"text": texts.to_list(), "number": list(range(len(texts)))})
    operator = DocumentMinhashDeduplicator(jaccard_threshold=THRESHOLD, window_size=NGRAM)
    kept, _ = operator.process(rows.map(operator.compute_hash, num_proc=2))
    return sorted(set(range(len(texts))) - set(kept["number"]))


def _flagged(sketches: object) -> Removed:
    from rensa import RMinHashLSH

    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    return [
        number for number, flag in enumerate(index.query_duplicate_flags_matrix_one_shot(sketches)) if flag
    ]


def shingles(text: str) -> list[str]:
    """5-grams of words, as a user of a library of sketches would make them."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + NGRAM]) for at in range(max(len(words) - NGRAM + 1, 1))]


CASES: dict[str, Callable[[pl.Series], Removed]] = {
    "tgc": tgc,
    "tgc-plain": tgc_plain,
    "rensa": rensa,
    "rensa-batch": rensa_batch,
    "rensa-hashed": rensa_hashed,
    "gaoya": gaoya,
    "datasketch": datasketch,
    "datatrove": datatrove,
    "data-juicer": data_juicer,
}


def main() -> None:
    """Run one case."""
    case, given, taken = sys.argv[1:]
    texts = pl.read_ipc(given)["text"]
    try:
        if not case.startswith("tgc"):
            CASES[case](texts[:2])
    except ImportError as missing:
        print(missing, file=sys.stderr)
        sys.exit(NOT_INSTALLED)
    started, before = time.perf_counter(), worked()
    removed = CASES[case](texts)
    seconds, cpu = time.perf_counter() - started, worked() - before
    pl.DataFrame({"text": removed}, schema={"text": pl.Int64}).write_ipc(taken)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak() / 1024}))


def worked() -> float:
    """Seconds of CPU that this process and those of its own took."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak() -> int:
    """KiB that this process or one of its own had at most; Linux only."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    mine = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return max(mine, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    main()
