"""Loads each configuration of a folder with `datasets`, and compares its rows with those of the Parquet file.

Prints the number of rows by configuration.
"""

import json
import sys
import tempfile
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import yaml

folder = Path(sys.argv[1])
_, head, _ = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
# Found by `datasets` itself, from the same card.
names = datasets.get_dataset_config_names(str(folder))
described = yaml.safe_load(head)["configs"]
assert names == [item["config_name"] for item in described], names
counts = {}
for item in described:
    (file,) = folder.glob(item["data_files"])
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(str(folder), item["config_name"], split="train", cache_dir=cache)
        assert loaded[:] == pq.read_table(file).to_pydict(), item
        counts[item["config_name"]] = len(loaded)
print(json.dumps(counts))
