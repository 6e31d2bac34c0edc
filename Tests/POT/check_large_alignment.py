"""Aligns twice five thousand drawn cells, more than are aligned themselves, and reads the answer as the README does.

    python check_large_alignment.py path/to/otlab

Prints the number of cells that were matched.
"""

import json
import subprocess
import sys
import tempfile

import h5py
import numpy as np

otlab = sys.argv[1]
cells = 5000
rng = np.random.default_rng(4)

# Four unequal types at unequal distances, seen through two smooth maps; rows of both in orders of their own.
centres = np.array([[0, 0], [4, 0], [9, 1], [3, 6]])
types = rng.choice(4, size=cells, p=[0.4, 0.3, 0.2, 0.1])
latent = centres[types] + 0.6 * rng.normal(size=(cells, 2))


def seen(features):
    return np.tanh(latent @ rng.normal(size=(2, features)) / 8) + latent @ rng.normal(size=(2, features)) / 8 + 0.02 * rng.normal(size=(cells, features))


orders = rng.permutation(cells), rng.permutation(cells)
first, second = seen(8)[orders[0]], seen(6)[orders[1]]
own, other = types[orders[0]], types[orders[1]]

with tempfile.TemporaryDirectory() as folder:
    np.save(f"{folder}/x.npy", first)
    np.save(f"{folder}/y.npy", second)
    run = subprocess.run(
        [otlab, "align", f"{folder}/x.npy", f"{folder}/y.npy", "--output", f"{folder}/aligned.h5", "--json"],
        check=True, capture_output=True, text=True)
    summary = json.loads(run.stdout)
    assert summary["aligned"] == "2500 of 5000 and 2500 of 5000 cells; the others follow their neighbors", summary["aligned"]
    assert "2500 of 5000 and 2500 of 5000 cells aligned" in run.stderr, run.stderr
    with h5py.File(f"{folder}/aligned.h5") as f:
        assert "plan" not in f, "a plan of some cells must not look like one of all"
        for name in ["landmarks/first", "landmarks/second", "matches/index", "matches/reverse/index", "basins", "iterations", "aligned_first"]:
            assert f[name].dtype == np.int64, (name, f[name].dtype)
        rows, columns = f["landmarks/first"][:], f["landmarks/second"][:]
        plan = f["landmarks/plan"][:]
        assert plan.shape == (2500, 2500) == (len(set(rows)), len(set(columns)))
        index, weight = f["matches/index"][:], f["matches/weight"][:]
        back = f["matches/reverse/index"][:]
        assert index.shape == weight.shape == back.shape == (cells, 10)
        # The heaviest partner of an aligned cell is that of the plan.
        assert (index[rows, 0] == columns[plan.argmax(1)]).all()
        assert np.allclose(weight[rows, 0], plan.max(1) * 2500, rtol=1e-9)
        assert (np.diff(weight, axis=1) <= 0).all()
        # How many of the types the alignment gets right is not this check's matter (it gets some 86 % of these); that the
        # cells which follow their neighbours do as well as the aligned ones, is.
        for types, partners, aligned in [(own, other[index[:, 0]], rows), (other, own[back[:, 0]], columns)]:
            right = types == partners
            follows = np.ones(cells, dtype=bool)
            follows[aligned] = False
            print(f"own type: {right[aligned].mean():.3f} of the aligned, {right[follows].mean():.3f} of the others", file=sys.stderr)
            assert right[aligned].mean() > 0.8 and abs(right[aligned].mean() - right[follows].mean()) < 0.02
print(cells)
