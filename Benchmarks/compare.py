"""Side by side with POT in one run, one thread each, on the same numbers: processor seconds, medians over seeds, and ratios.

Absolute figures vary from machine to machine; the ratios are what to look at. With --snare and OTLAB_DATA_MIRROR set, the whole alignment of
the snare cells at SCOT's settings is timed too (minutes).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[variable] = "1"

import numpy as np  # noqa: E402  (after the thread limits)
import ot  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402

root = pathlib.Path(__file__).resolve().parent.parent
bench = root / ".build-bench/release/otlab-bench"
otlab = root / ".build/release/otlab"


def ours(*arguments):
    result = subprocess.run([bench, *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def seconds(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def row(name, theirs, own, target, note=""):
    ratio = theirs / own
    verdict = "met" if ratio >= target else "not met"
    print(f"{name:44s} {theirs:10.4f} {own:10.4f} {ratio:7.1f}x  target {target:4.1f}x  {verdict:8s} {note}", flush=True)


def sinkhorn(folder, seeds):
    n = 2000
    for form, method, iterations, target in [("logarithmic", "sinkhorn_log", 20, 15), ("scaling", "sinkhorn", 200, 4)]:
        theirs, own = [], []
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            cost = ot.dist(random.uniform(size=(n, 2)), random.uniform(size=(n, 2)))
            cost.tofile(folder / "cost")
            weights = np.full(n, 1 / n)
            solve = lambda count: ot.sinkhorn(  # noqa: E731
                weights, weights, cost, 0.05, method=method, numItermax=count, stopThr=0, warn=False
            )
            short, _ = seconds(lambda: solve(1))
            long, _ = seconds(lambda: solve(iterations + 1))
            theirs.append(1e3 * (long - short) / iterations)
            own.append(1e3 * ours("sinkhorn", folder / "cost", n, n, 0.05, form, iterations)["secondsPerIteration"])
        row(f"Sinkhorn {form}, n={n}, ms an iteration", statistics.median(theirs), statistics.median(own), target)


def sinkhorn_to_tolerance(folder, seeds):
    """What a user waits for: the whole solve to marginals of 1e-9 (POT's l2, ours the stricter l1)."""
    n, epsilon = 2000, 0.002
    weights = np.full(n, 1 / n)
    theirs, own, counts = [], [], []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        cost = ot.dist(random.uniform(size=(n, 2)), random.uniform(size=(n, 2)))
        cost.tofile(folder / "cost")
        spent, (_, log) = seconds(
            lambda: ot.sinkhorn(weights, weights, cost, epsilon, method="sinkhorn", numItermax=100000, stopThr=1e-9, warn=False, log=True)
        )
        result = ours("sinkhorn-solve", folder / "cost", n, n, epsilon, "scaling", 1e-9)
        theirs.append(spent)
        own.append(result["seconds"])
        counts.append((log["niter"], int(result["iterations"])))
    note = f"iterations {counts[0][0]} and {counts[0][1]}"
    row(f"Sinkhorn to 1e-9, n={n}, epsilon {epsilon}, s", statistics.median(theirs), statistics.median(own), 4, note)


def exact(folder, seeds):
    for n, target, weighted in [(1000, 2, False), (2000, 2, False), (4000, 1 / 0.7, False), (2000, 2, True), (4000, 1 / 0.7, True)]:
        theirs, own, difference = [], [], []
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            cost = ot.dist(random.normal(size=(n, 2)), random.normal(size=(n, 2)) + 1)
            cost.tofile(folder / "cost")
            weights = [random.exponential(size=n) if weighted else np.ones(n) for _ in range(2)]
            weights = [w / w.sum() for w in weights]
            files = [folder / "a", folder / "b"]
            for file, w in zip(files, weights):
                w.tofile(file)
            spent, (_, log) = seconds(lambda: ot.emd(*weights, cost, log=True, numItermax=10_000_000))
            result = ours("exact", folder / "cost", n, n, *files)
            theirs.append(spent)
            own.append(result["seconds"])
            difference.append(result["value"] / log["cost"] - 1)
        note = f"value against POT's: {min(difference):+.0e} … {max(difference):+.0e}"
        name = f"exact, n={n}, {'random' if weighted else 'uniform'} weights, s"
        row(name, statistics.median(theirs), statistics.median(own), target, note)


def entropic_gw(folder, seeds):
    n, epsilon, steps = 1000, 0.005, 20
    weights = np.full(n, 1 / n)
    theirs, own, excess = [], [], []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        distances = [cdist(points, points) for points in (random.normal(size=(n, 2)), random.normal(size=(n, 2)))]
        distances = [matrix / matrix.max() for matrix in distances]
        for name, matrix in zip(["d1", "d2"], distances):
            matrix.tofile(folder / name)
        spent, (_, log) = seconds(
            lambda: ot.gromov.entropic_gromov_wasserstein(
                *distances, weights, weights, "square_loss", epsilon=epsilon, solver="PGD", max_iter=steps, tol=1e-9, log=True
            )
        )
        result = ours("entropic-gw", folder / "d1", folder / "d2", n, n, epsilon, steps)
        theirs.append(spent)
        own.append(result["seconds"])
        excess.append(result["value"] / log["gw_dist"] - 1)
    note = f"value against POT's: {min(excess):+.1e} … {max(excess):+.1e}"
    row(f"entropic GW, n={n}, {steps} steps, s", statistics.median(theirs), statistics.median(own), 20, note)


def start_up():
    for arguments in [["--help"], ["list"]]:
        times = []
        for _ in range(21):
            start = time.perf_counter()
            subprocess.run([otlab, *arguments], cwd=root, capture_output=True, check=True)
            times.append(1e3 * (time.perf_counter() - start))
        print(f"otlab {arguments[0]}: {statistics.median(times):.0f} ms (target 50)")
    with tempfile.TemporaryDirectory() as results:
        start = time.perf_counter()
        subprocess.run([otlab, "run", "foscttm-alignment", "--results", results], cwd=root, capture_output=True, check=True)
        print(f"smoke run: {time.perf_counter() - start:.1f} s (target 10)")


def snare():
    with tempfile.TemporaryDirectory() as results:
        subprocess.run(
            [otlab, "run", "foscttm-alignment", "--tier", "paper", "--results", results], cwd=root, capture_output=True, check=True
        )
        for record in pathlib.Path(results).glob("*/runs/*/run.json"):
            run = json.loads(record.read_text())
            if run["label"] == "snare-scot":
                environment = run["environment"]
                print(
                    f"snare at SCOT's settings: {environment['secondsElapsed']:.1f} s on {environment['threads']} threads "
                    f"(target 20), {environment['processorSeconds']:.1f} s of processor time"
                )


parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=10)
parser.add_argument("--snare", action="store_true")
options = parser.parse_args()
print(f"POT {ot.__version__}, numpy {np.__version__}, one thread each; medians over {options.seeds} seeds; columns: POT, ours, ratio")
print(subprocess.run([otlab, "doctor"], cwd=root, capture_output=True, text=True).stdout.split("\n")[1])
with tempfile.TemporaryDirectory() as name:
    sinkhorn(pathlib.Path(name), max(1, options.seeds // 3))
    sinkhorn_to_tolerance(pathlib.Path(name), max(1, options.seeds // 3))
    exact(pathlib.Path(name), max(1, options.seeds // 2))
    entropic_gw(pathlib.Path(name), options.seeds)
start_up()
if options.snare:
    snare()
