"""Side by side with Python peers on the same numbers, one processor and one thread each, in alternation: processor seconds, medians over seeds.

Writes the table to results/tables/bench.md. Absolute figures vary from machine to machine; the ratios are what to look at. `--only WORD` runs the
rows whose name contains a word and writes nothing.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OTLAB_THREADS="1")
environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402

here = pathlib.Path(__file__).resolve().parent
root = here.parent
bench = root / ".build-bench/release/otlab-bench"
otlab = root / ".build/release/otlab"


def clouds(random, n, shift=0.0):
    return random.normal(size=(n, 2)), random.normal(size=(n, 2)) + shift


def linear(n, shift=0.0, weighted=False):
    def make(random):
        x, y = clouds(random, n, shift)
        arrays = {"C": cdist(x, y, "sqeuclidean")}
        if weighted:
            for name in "ab":
                w = random.exponential(size=n)
                arrays[name] = w / w.sum()
        return arrays

    return make


def uniform_cost(n):
    return lambda random: {"C": cdist(random.uniform(size=(n, 2)), random.uniform(size=(n, 2)), "sqeuclidean")}


def spaces(n, fused=False):
    def make(random):
        arrays = {}
        for name, points in zip(["D1", "D2"], clouds(random, n)):
            distances = cdist(points, points)
            arrays[name] = distances / distances.max()
        if fused:
            arrays["M"] = random.uniform(size=(n, n))
        return arrays

    return make


def rectangles(n, side):
    def make(random):
        arrays = {}
        for name in ["D1", "D2"]:
            points = random.uniform(size=(n, 2)) * [1, 0.5]
            distances = cdist(points, points)
            arrays[name] = distances / distances.max()
        axis = np.linspace(0, 1.14, side)
        grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        arrays["DZ"] = cdist(grid, grid)
        return arrays

    return make


def pixel_graphs(n):
    """Pixels drawn from a square whose side suits them, joined where they touch, corners included."""

    def make(random):
        side = int(np.ceil(np.sqrt(1.06 * n)))
        arrays = {}
        for name in ["A1", "A2"]:
            places = np.sort(random.choice(side * side, n, replace=False))
            points = np.stack([places // side, places % side], -1)
            arrays[name] = (np.abs(points[:, None] - points[None]).max(-1) == 1).astype(float)
        return arrays

    return make


def tables(n, d):
    return lambda random: {"X": random.uniform(size=(n, d)), "Y": random.uniform(size=(n, d))}


def images(s, side):
    def make(random):
        grid = np.linspace(0, 1, side)
        blobs = []
        for _ in range(s):
            (x, y), width = random.uniform(0.2, 0.8, size=2), random.uniform(0.03, 0.1)
            blob = np.exp(-((grid[:, None] - x) ** 2 + (grid[None, :] - y) ** 2) / (2 * width**2))
            blobs.append(blob / blob.sum())
        return {"A": np.array(blobs)}

    return make


# name, case, arrays, settings, peers, target ratio against POT (None: none was set)
ROWS = [
    ("exact, n=1000, uniform weights", "exact", linear(1000, 1), {"n": 1000, "m": 1000}, ["POT"], 2),
    ("exact, n=2000, uniform weights", "exact", linear(2000, 1), {"n": 2000, "m": 2000}, ["POT"], 2),
    ("exact, n=4000, uniform weights", "exact", linear(4000, 1), {"n": 4000, "m": 4000}, ["POT"], 1 / 0.7),
    ("exact, n=2000, random weights", "exact", linear(2000, 1, True), {"n": 2000, "m": 2000}, ["POT"], 2),
    ("exact, n=4000, random weights", "exact", linear(4000, 1, True), {"n": 4000, "m": 4000}, ["POT"], 1 / 0.7),
    (
        "log-Sinkhorn, one iteration, n=2000", "sinkhorn-iteration", uniform_cost(2000),
        {"n": 2000, "m": 2000, "epsilon": 0.05, "form": "logarithmic", "iterations": 20}, ["POT", "ott-jax"], 15,
    ),
    (
        "scaling Sinkhorn, one iteration, n=2000", "sinkhorn-iteration", uniform_cost(2000),
        {"n": 2000, "m": 2000, "epsilon": 0.05, "form": "scaling", "iterations": 200}, ["POT", "ott-jax"], 4,
    ),
    (
        "Sinkhorn to 1e-9, n=2000, ε .002", "sinkhorn", uniform_cost(2000), {"n": 2000, "m": 2000, "epsilon": 0.002}, ["POT"], None,
    ),
    (
        "unbalanced Sinkhorn to 1e-9, n=1000, ε .01, ρ 1", "sinkhorn", uniform_cost(1000),
        {"n": 1000, "m": 1000, "epsilon": 0.01, "rho": 1}, ["POT"], None,
    ),
    ("GW conditional gradient, n=1000", "gw", spaces(1000), {"n": 1000, "m": 1000}, ["POT"], 4),
    ("fused GW conditional gradient, n=1000, α ½", "gw", spaces(1000, True), {"n": 1000, "m": 1000, "alpha": 0.5}, ["POT"], 4),
    (
        "entropic GW, 20 steps, n=1000, POT's ε .005", "entropic-gw", spaces(1000), {"n": 1000, "m": 1000, "epsilon": 0.005, "steps": 20},
        ["POT"], 20,
    ),
    ("unbalanced GW, n=200, ε .01, ρ .1", "ugw", spaces(200), {"n": 200, "m": 200, "epsilon": 0.01, "rho": 0.1}, ["POT"], None),
    ("CO-optimal transport, 1000×100", "coot", tables(1000, 100), {"n": 1000, "m": 1000, "d": 100}, ["POT"], 3),
    (
        "barycenter of 4 images 64×64, 100 iterations", "barycenter", images(4, 64),
        {"s": 4, "side": 64, "epsilon": 0.004, "iterations": 100}, ["POT"], None,
    ),
    (
        "EW_λ, n=1000, 50×50, an outer iteration", "joint-embedding", rectangles(1000, 50),
        {"n": 1000, "m": 2500, "side": 50, "lambda": 50, "epsilon": 0.01, "iterations": 10}, ["numpy"], 4,
    ),
    (
        "conic GW, graphs of 400 pixels, an outer iteration", "conic", pixel_graphs(400),
        {"n": 400, "delta": 1, "sweeps": 10, "iterations": 50}, ["numpy"], 3,
    ),
    (
        "conic GW, graphs of 1500 pixels, an outer iteration", "conic", pixel_graphs(1500),
        {"n": 1500, "delta": 1, "sweeps": 10, "iterations": 10}, ["numpy"], 3,
    ),
]


def run(command):
    result = subprocess.run(["taskset", "-c", "0", *map(str, command)], capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def compare(row, seeds):
    name, case, make, settings, peers, target = row
    keys = [f"{key}={value}" for key, value in settings.items()]
    own, theirs = [], {peer: [] for peer in peers}
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            for key, array in make(np.random.default_rng(seed)).items():
                np.ascontiguousarray(array, dtype=float).tofile(pathlib.Path(folder) / key)
            for peer in peers:
                theirs[peer].append(run([sys.executable, "-W", "ignore", here / "peer.py", peer, case, folder, *keys]))
            own.append(run([bench, case, folder, *keys]))
    return name, own, theirs, target


def median(results, key):
    values = [result[key] for result in results if result.get(key) is not None]
    return statistics.median(values) if values else None


def cells(name, own, theirs, target):
    lines = []
    for peer, results in theirs.items():
        seconds, peer_seconds = median(own, "seconds"), median(results, "seconds")
        ratios = [r["seconds"] / o["seconds"] for r, o in zip(results, own)]
        pairs = [(o["value"], r["value"]) for o, r in zip(own, results) if o.get("value") is not None and r.get("value")]
        excess = [o / r - 1 for o, r in pairs]
        difference = f"{min(excess):+.1e} … {max(excess):+.1e}" if excess else ""
        ratio = statistics.median(ratios)
        verdict = "" if target is None or peer == "ott-jax" else f"{target:.2g}× {'met' if ratio >= target else '**not met**'}"
        note = results[0].get("note") or ""
        if note.startswith("mass"):
            note = f"{note}, ours {own[0]['mass']:.4g}"
        memory = " / ".join("–" if value is None else f"{value:.0f}" for value in (median(results, "megabytes"), median(own, "megabytes")))
        value = f"{pairs[0][0]:.6g}" if pairs else ""
        lines.append(
            [name, peer, value, difference, f"{peer_seconds:.4g}", f"{seconds:.4g}",
             f"{ratio:.1f} ({min(ratios):.1f}–{max(ratios):.1f})", verdict, memory, note]
        )
    return lines


HEAD = ["problem", "peer", "our value", "against the peer's", "its s", "our s", "ratio (range)", "target", "MB, its / ours", "note"]


def start_up():
    for arguments in [["--help"], ["list"]]:
        times = []
        for _ in range(21):
            start = time.perf_counter()
            subprocess.run([otlab, *arguments], cwd=root, capture_output=True, check=True)
            times.append(1e3 * (time.perf_counter() - start))
        yield f"`otlab {arguments[0]}` {statistics.median(times):.0f} ms (target 50)"
    with tempfile.TemporaryDirectory() as results:
        start = time.perf_counter()
        subprocess.run([otlab, "run", "foscttm-alignment", "--results", results], cwd=root, capture_output=True, check=True)
        yield f"smoke run of foscttm-alignment {time.perf_counter() - start:.1f} s (target 10)"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    lines, blas = [], ""
    for row in ROWS:
        if options.only not in row[0]:
            continue
        name, own, theirs, target = compare(row, options.seeds)
        blas = own[0]["blas"]
        for cell in cells(name, own, theirs, target):
            print(" | ".join(cell), flush=True)
            lines.append("| " + " | ".join(cell) + " |")
    if options.only:
        return
    from importlib.metadata import version

    versions = ", ".join(f"{package} {version(package)}" for package in ["POT", "ott-jax", "jax", "numpy"])
    doctor = subprocess.run([otlab, "doctor"], cwd=root, capture_output=True, text=True).stdout
    simd = next((line.split()[-1] for line in doctor.splitlines() if "x86-64" in line), "this processor")
    text = f"""# Side by side with Python peers

`make bench`: {options.seeds} seeds, peer and ours in alternation on the same numbers, each pinned to one processor with one thread; medians of processor
seconds, of ratios (with their range) and of the memory that a call adds at its peak. Peers: {versions}. Ours: {blas}; own kernels
picked for {simd}. Absolute figures belong to one shared virtual machine; the targets are ratios. Values of non-convex problems may differ by the basin; a negative difference is in our favour.

| {" | ".join(HEAD)} |
|{" --- |" * len(HEAD)}
""" + "\n".join(lines) + "\n\n" + "; ".join(start_up()) + ".\n"
    path = root / "results/tables/bench.md"
    path.write_text(text)
    print(f"{path.relative_to(root)}: written")


main()
