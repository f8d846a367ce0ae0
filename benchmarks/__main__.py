"""`python -m benchmarks SECTION`, as `benchmarks.scratch` starts it: on a database of its own."""

import argparse
import importlib
from pathlib import Path

import django


def main() -> None:
    """Make the tables, measure one section, show it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("section")
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--entries", type=int, required=True)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    django.setup()

    from benchmarks import measure, preparing, scratch

    preparing.prepare()
    facts = {**measure.machine(scratch.FOLDER), **preparing.database()}
    for name, value in facts.items():
        print(f"{name}: {value}", flush=True)
    figures = importlib.import_module(f"benchmarks.{asked.section}").run(asked)
    facts["load_average_after"] = measure.machine(scratch.FOLDER)["load_average"]
    print(f"load_average_after: {facts['load_average_after']}\n\n{measure.table(figures)}")
    if asked.json:
        asked.json.write_text(measure.as_json(facts, figures))


if __name__ == "__main__":
    main()
