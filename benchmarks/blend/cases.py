"""Ways to blend a tenth of one file into another, shuffled, without tgc: `cases.py CASE HOME`, run by `rows.py`.

Each reads `mix.json` and `own.json` under HOME, and takes all of the one and so many rows of the other that they
are a tenth of the whole.
"""

import json
import random
import sys
from pathlib import Path

SEED = 7


def dumped(home: Path) -> None:
    """As most scripts do it: all in memory, shuffled, dumped into a file."""
    with (home / "dumped.json").open("w", encoding="utf-8") as out:
        json.dump(_shuffled(home), out, ensure_ascii=False)


def dumps(home: Path) -> None:
    """The same by one text, which the encoder of C makes."""
    (home / "dumps.json").write_text(json.dumps(_shuffled(home), ensure_ascii=False), encoding="utf-8")


def pandas(home: Path) -> None:
    """Two frames, one of them sampled, put together and shuffled; ids stay texts."""
    import pandas as pd

    mix, own = (pd.read_json(home / name, dtype=False) for name in ("mix.json", "own.json"))
    both = pd.concat([mix, own.sample(n=_tenth(len(mix)), random_state=SEED)])
    shuffled = both.sample(frac=1, random_state=SEED)
    shuffled.to_json(home / "pandas.json", orient="records", force_ascii=False)


def data_juicer(home: Path) -> None:
    """Its data sets with weights and a number of samples, and no operators; one after the other, as lines."""
    import yaml
    from data_juicer.tools.process_data import main as process

    rows = sum(line.startswith(b"{") for line in (home / "mix.json").open("rb"))
    sources = {"mix.json": 0.9, "own.json": 0.1}
    recipe = {
        "dataset": {
            "configs": [
                {"type": "local", "path": str(home / name), "weight": weight}
                for name, weight in sources.items()
            ],
            "max_sample_num": rows + _tenth(rows),
        },
        "text_keys": "id",
        "np": 2,
        "use_cache": False,
        "export_path": str(home / "juiced" / "data_juicer.jsonl"),
        "work_dir": str(home / "juiced"),
        "process": [],
    }
    (home / "juicer.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    sys.argv = ["dj-process", "--config", str(home / "juicer.yaml")]
    process()


def _shuffled(home: Path) -> list[object]:
    rows, own = (json.loads((home / name).read_bytes()) for name in ("mix.json", "own.json"))
    dice = random.Random(SEED)
    rows += dice.sample(own, _tenth(len(rows)))
    dice.shuffle(rows)
    return rows


def _tenth(others: int) -> int:
    """How many rows are a tenth of the whole beside others."""
    return round(others / 9)


CASES = {"json": dumped, "json-dumps": dumps, "pandas": pandas, "data-juicer": data_juicer}

if __name__ == "__main__":
    CASES[sys.argv[1]](Path(sys.argv[2]))
