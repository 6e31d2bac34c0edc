"""What the pipeline costs beside the runs themselves: planning and listing 10,000 runs, starting one. Needs no other package.

Each figure is the median of several commands, in wall-clock seconds, the command's own start included. The 10,000 finished runs are copies of one.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

MANIFEST = """
schema: 1
name: many
title: Many runs
kind: gaussian-transport
data: {samples: 20}
sweep: {product: {solver.epsilon: 'log(1.0e-3, 1.0, %d)'}}
metrics: {value: {tolerance: {relative: 1.0e-9}}, converged: {require: true}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    binary = pathlib.Path(__file__).resolve().parent.parent / ".build/release/otlab"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def otlab(*arguments):
            return subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, check=True)

        def seconds(*arguments):
            times = []
            for _ in range(options.repeats):
                start = time.perf_counter()
                otlab(*arguments)
                times.append(time.perf_counter() - start)
            return statistics.median(times)

        manifest = folder / "experiments/many/manifest.yaml"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(MANIFEST % options.runs)
        print(f"--help                          {seconds('--help'):.3f} s")
        print(f"plan, {options.runs} runs, none made    {seconds('plan', 'many'):.3f} s   (limit 1 s)")

        single = ["--set", "solver.epsilon=0.5"]
        otlab("run", "many", *single)
        made = next((folder / "results/many/runs").iterdir())
        overheads = []
        for _ in range(options.repeats):
            start = time.perf_counter()
            otlab("run", "many", "--force", *single)
            wall = time.perf_counter() - start
            own = json.loads((made / "run.json").read_text())["environment"]["secondsElapsed"]
            overheads.append((wall - own, own))
        print(f"run one, beyond its own work    {statistics.median(o for o, _ in overheads):.3f} s   (its own: {statistics.median(o for _, o in overheads):.3f} s)")

        few = [*single, "--set", "repeat=20", "--force"]
        total = min(seconds("run", "many", *few) for _ in range(2))
        owns = [json.loads(p.read_text())["environment"]["secondsElapsed"] for p in (folder / "results/many/runs").glob("*/run.json")]
        print(f"each of 20 runs, beyond its own {(total - sum(owns)) / 20:.3f} s   (limit 0.050 s)")

        record, metrics = json.loads((made / "run.json").read_text()), (made / "metrics.json").read_text()
        shutil.rmtree(folder / "results/many/runs")
        for planned in json.loads(otlab("plan", "many", "--json").stdout):
            directory = folder / "results/many/runs" / planned["key"]
            directory.mkdir(parents=True)
            record.update(key=planned["key"] + "0" * 52, title=planned["row"], label=planned["row"])
            (directory / "run.json").write_text(json.dumps(record, indent=2))
            (directory / "metrics.json").write_text(metrics)
        print(f"list                            {seconds('list'):.3f} s")
        print(f"status, {options.runs} finished runs    {seconds('status', 'many'):.3f} s   (limit 0.5 s)")
        print(f"plan, {options.runs} finished runs      {seconds('plan', 'many'):.3f} s   (limit 1 s)")


main()
