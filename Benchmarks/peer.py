"""Solves one problem with a Python peer and prints what it took as JSON. Usage: peer.py LIBRARY CASE FOLDER key=value…

The arrays lie in FOLDER as files of raw float64 numbers. Each call runs in a process of its own, so that its peak memory is its own.
"""

import json
import pathlib
import sys
import time

import numpy as np

library, case, folder = sys.argv[1:4]
keys = dict(pair.split("=", 1) for pair in sys.argv[4:])


def array(name, *shape):
    file = pathlib.Path(folder) / name
    return np.fromfile(file).reshape([int(keys[s]) for s in shape]) if file.exists() else None


def memory(key):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024


def measure(work):
    before = memory("VmRSS")
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass
    start = time.process_time()
    result = work()
    return time.process_time() - start, memory("VmHWM") - before, result


def uniform(n):
    return np.full(n, 1 / n)


def pot():
    import ot
    import ot.coot

    n = int(keys.get("n", 0))
    m = int(keys.get("m", 0))
    if case == "exact":
        a, b = array("a", "n"), array("b", "m")
        a, b = (uniform(n) if a is None else a), (uniform(m) if b is None else b)
        cost = array("C", "n", "m")
        spent = measure(lambda: ot.emd(a, b, cost, log=True, numItermax=10_000_000))
        return spent[0], spent[1], spent[2][1]["cost"], None
    if case == "sinkhorn-iteration":
        cost = array("C", "n", "m")
        method = "sinkhorn_log" if keys["form"] == "logarithmic" else "sinkhorn"
        count = int(keys["iterations"])

        def seconds(iterations):
            start = time.process_time()
            ot.sinkhorn(
                uniform(n), uniform(m), cost, float(keys["epsilon"]), method=method, numItermax=iterations, stopThr=0, warn=False
            )
            return time.process_time() - start

        seconds(1)
        return (seconds(count + 1) - seconds(1)) / count, None, None, None
    if case == "sinkhorn":
        cost = array("C", "n", "m")
        epsilon = float(keys["epsilon"])
        if "rho" in keys:
            work = lambda: ot.unbalanced.sinkhorn_unbalanced(  # noqa: E731
                uniform(n), uniform(m), cost, epsilon, float(keys["rho"]), method="sinkhorn_stabilized", numItermax=1_000_000,
                stopThr=1e-9, log=True,
            )
        else:
            work = lambda: ot.sinkhorn(  # noqa: E731
                uniform(n), uniform(m), cost, epsilon, method=keys.get("method", "sinkhorn"), numItermax=1_000_000, stopThr=1e-9,
                warn=False, log=True,
            )
        seconds, megabytes, (plan, log) = measure(work)
        return seconds, megabytes, float((plan * cost).sum()), f"mass {plan.sum():.4g}" if "rho" in keys else None
    if case in ("gw", "entropic-gw", "ugw"):
        d1, d2 = array("D1", "n", "n"), array("D2", "m", "m")
        if case == "gw" and "alpha" in keys:
            cost = array("M", "n", "m")
            seconds, megabytes, (_, log) = measure(
                lambda: ot.gromov.fused_gromov_wasserstein(
                    cost, d1, d2, uniform(n), uniform(m), "square_loss", alpha=float(keys["alpha"]), max_iter=1000, log=True
                )
            )
            return seconds, megabytes, log["fgw_dist"], None
        if case == "gw":
            seconds, megabytes, (_, log) = measure(
                lambda: ot.gromov.gromov_wasserstein(d1, d2, uniform(n), uniform(m), "square_loss", max_iter=1000, log=True)
            )
            return seconds, megabytes, log["gw_dist"], f"{len(log['loss'])} steps"
        if case == "entropic-gw":
            seconds, megabytes, (_, log) = measure(
                lambda: ot.gromov.entropic_gromov_wasserstein(
                    d1, d2, uniform(n), uniform(m), "square_loss", epsilon=float(keys["epsilon"]), solver="PGD",
                    max_iter=int(keys["steps"]), tol=1e-9, log=True,
                )
            )
            return seconds, megabytes, log["gw_dist"], None
        seconds, megabytes, (*_, log) = measure(
            lambda: ot.gromov.fused_unbalanced_gromov_wasserstein(
                d1, d2, uniform(n), uniform(m), reg_marginals=float(keys["rho"]), epsilon=float(keys["epsilon"]), alpha=0,
                unbalanced_solver="sinkhorn_log", max_iter=1000, tol=1e-7, max_iter_ot=3000, tol_ot=1e-9, log=True,
            )
        )
        return seconds, megabytes, float(log["fugw_cost"]), None
    if case == "coot":
        x, y = array("X", "n", "d"), array("Y", "m", "d")
        seconds, megabytes, value = measure(lambda: ot.coot.co_optimal_transport2(x, y, nits_ot=10_000_000))
        # With its default of 100 pivots an exact solve, its value is above that of the product plans.
        return seconds, megabytes, float(value), "nits_ot 1e7"
    if case == "barycenter":
        images = array("A", "s", "side", "side")
        seconds, megabytes, image = measure(
            lambda: ot.bregman.convolutional_barycenter2d(
                images, float(keys["epsilon"]), numItermax=int(keys["iterations"]), stopThr=0, warn=False
            )
        )
        return seconds, megabytes, float((image**2).sum()), None


def ott():
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from ott.geometry import geometry
    from ott.problems.linear import linear_problem
    from ott.solvers.linear import sinkhorn

    cost = jnp.asarray(array("C", "n", "m"))
    problem = linear_problem.LinearProblem(geometry.Geometry(cost_matrix=cost, epsilon=float(keys["epsilon"])))
    count = int(keys["iterations"])

    def seconds(iterations):
        solve = jax.jit(
            sinkhorn.Sinkhorn(
                threshold=-1.0, max_iterations=iterations, min_iterations=iterations, inner_iterations=iterations,
                lse_mode=keys["form"] == "logarithmic",
            )
        )
        # The first call compiles.
        solve(problem).f.block_until_ready()
        start = time.process_time()
        solve(problem).f.block_until_ready()
        return time.process_time() - start

    return (seconds(count + 1) - seconds(1)) / count, None, None, "compiled before"


def plain_numpy():
    """Outer iterations of what no library has, as a notebook would make them."""
    return {"joint-embedding": plain_joint_embedding, "conic": plain_conic}[case]()


def plain_conic():
    """Block ascent of conic Gromov–Wasserstein between two graphs, sums by sparse products."""
    import scipy.sparse

    n, count, sweeps = int(keys["n"]), int(keys["iterations"]), int(keys["sweeps"])
    a, b = (scipy.sparse.csr_matrix(array(name, "n", "n")) for name in ["A1", "A2"])
    lost = 1 - np.exp(-0.5 / float(keys["delta"]) ** 2)
    mu = np.full(n, 1 / n)

    def block(s, p1):
        m = np.maximum(s.sum() - lost * ((a @ s.sum(1))[:, None] + (b @ s.sum(0))[None] - 2 * (b @ (a @ s).T).T), 0)
        m *= m
        for _ in range(sweeps):
            p0 = m * p1
            p0 *= (mu / p0.sum(1))[:, None]
            p1 = m * p0
            p1 *= (mu / p1.sum(0))[None]
        return np.sqrt(p0 * p1), p1

    start = time.process_time()
    p1 = q1 = np.outer(mu, mu)
    s = p1
    for _ in range(count):
        s, p1 = block(s, p1)
        s, q1 = block(s, q1)
    return (time.process_time() - start) / count, None, None, f"an outer iteration: two blocks of {sweeps} sweeps"


def plain_joint_embedding():
    """Outer iterations of a joint embedding by dense double products, as a notebook would: no library has the problem."""
    n, m, count = int(keys["n"]), int(keys["m"]), int(keys["iterations"])
    d1, d2, dz = array("D1", "n", "n"), array("D2", "n", "n"), array("DZ", "m", "m")
    p1, p2, k0 = np.full((n, m), 1 / (n * m)), np.full((m, n), 1 / (n * m)), dz**2
    weight = float(keys["lambda"]) * k0.max() / 2
    noise = np.random.default_rng(0)

    def steps(p1, p2, count):
        for step in range(count):
            t1 = ((d1**2) @ p1.sum(1))[:, None] + ((dz**2) @ p1.sum(0))[None] - 2 * d1 @ p1 @ dz
            t2 = ((dz**2) @ p2.sum(1))[:, None] + ((d2**2) @ p2.sum(0))[None] - 2 * dz @ p2 @ d2
            if step == 0:
                t1, t2 = t1 + 1e-3 * noise.normal(size=t1.shape), t2 + 1e-3 * noise.normal(size=t2.shape)
            costs = [weight * (t1 - t1.min()), k0 / 2, weight * (t2 - t2.min())]
            epsilon = float(keys["epsilon"]) * max(np.ptp(c) for c in costs)
            a, z, b = [np.exp(-c / epsilon) for c in costs]
            kernel = a @ z @ b
            v = np.ones(n)
            for _ in range(200):
                u = 1 / (n * (kernel @ v))
                after = kernel.T @ u
                if np.abs(v * after - 1 / n).sum() < 1e-6:
                    break
                v = 1 / (n * after)
            right = z @ (b * v)
            p1 = u[:, None] * a * (right.sum(1))[None]
            p2 = ((u @ a) @ z)[:, None] * b * v
        return p1, p2

    def seconds(count):
        start = time.process_time()
        steps(p1, p2, count)
        return time.process_time() - start

    return (seconds(count + 1) - seconds(1)) / count, None, None, "an outer iteration"


seconds, megabytes, value, note = {"POT": pot, "ott-jax": ott, "numpy": plain_numpy}[library]()
print(json.dumps({"seconds": seconds, "megabytes": megabytes, "value": value, "note": note}))
