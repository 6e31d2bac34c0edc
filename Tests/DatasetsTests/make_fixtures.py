"""Writes the fixtures of the reader tests with the formats' own Python libraries (numpy, h5py; PNG by hand through zlib).

Run in a virtual environment that has numpy and h5py: python make_fixtures.py. Every array holds k(i) = 0.5 i - 3 in C order, or what is
said beside it, so that the tests know the content without reading it from here.
"""

import gzip
import pathlib
import struct
import zlib

import h5py
import numpy as np

here = pathlib.Path(__file__).parent / "Fixtures"
here.mkdir(exist_ok=True)


def ramp(*shape):
    return (0.5 * np.arange(np.prod(shape)) - 3).reshape(shape)


with h5py.File(here / "arrays.h5", "w", libver="earliest") as file:
    file["vector"] = ramp(7)
    file["matrix"] = ramp(4, 5)
    file["cube"] = ramp(2, 3, 4)
    file["single"] = ramp(4, 5).astype("<f4")
    file["bigendian"] = ramp(4, 5).astype(">f8")
    file["integers"] = np.arange(12, dtype="<i2").reshape(3, 4) - 5
    file["bytes"] = np.arange(6, dtype="u1").reshape(2, 3)
    file["scalar"] = 4.25
    file.create_dataset("group/compressed", data=ramp(40, 30), chunks=(7, 11), compression="gzip", shuffle=True)
    file["text"] = "no numbers"
    file["four"] = ramp(1, 2, 2, 2)
with h5py.File(here / "one.h5", "w") as file:
    file["only"] = ramp(3, 2)

# AnnData's layout: the ramp with every element but the third ones left out, by rows and by columns.
sparse = ramp(4, 5) * (np.arange(20).reshape(4, 5) % 3 == 0)


def lines(matrix):
    rows = [np.flatnonzero(row) for row in matrix]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return np.concatenate([matrix[i, row] for i, row in enumerate(rows)]), np.concatenate(rows), starts


with h5py.File(here / "cells.h5ad", "w") as file:
    for name, encoding, matrix in [("X", "csr_matrix", sparse), ("layers/columns", "csc_matrix", sparse.T), ("obsm/old", None, sparse)]:
        group = file.create_group(name)
        data, indices, starts = lines(matrix)
        group["data"], group["indices"], group["indptr"] = data, indices.astype("i4"), starts.astype("i4")
        if encoding:
            group.attrs["encoding-type"], group.attrs["encoding-version"], group.attrs["shape"] = encoding, "0.1.0", np.array([4, 5])
        else:
            group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = "csr", np.array([4, 5])
    file["obsm/X_pca"] = ramp(4, 2)
    broken = file.create_group("layers/broken")
    broken["data"], broken["indices"], broken["indptr"] = np.ones(3), np.array([0, 1, 9]), np.array([0, 1, 2, 2, 3])
    broken.attrs["shape"] = np.array([4, 5])
    short = file.create_group("layers/short")
    short["data"], short["indices"], short["indptr"] = np.ones(3), np.array([0, 1, 2]), np.array([0, 1, 2])
    huge = file.create_group("layers/huge")
    huge["data"], huge["indices"], huge["indptr"] = np.ones(1), np.array([0]), np.array([0, 1])
    huge.attrs["shape"] = np.array([1, 2**60])

np.save(here / "c.npy", ramp(4, 5))
np.save(here / "fortran.npy", np.asfortranarray(ramp(4, 5)))
np.save(here / "fortran3.npy", np.asfortranarray(ramp(2, 3, 4)))
np.save(here / "single.npy", ramp(4, 5).astype("<f4"))
np.save(here / "bigendian.npy", ramp(4, 5).astype(">f8"))
np.save(here / "integers.npy", np.arange(12, dtype="<i8").reshape(3, 4) - 5)
np.save(here / "bools.npy", np.array([True, False, True]))
np.save(here / "complex.npy", np.array([1 + 2j]))

idx = bytes([0, 0, 8, 3]) + struct.pack(">III", 2, 3, 4) + bytes(range(24))
(here / "images-idx3-ubyte").write_bytes(idx)
(here / "images-idx3-ubyte.gz").write_bytes(gzip.compress(idx, mtime=0))
(here / "floats.idx").write_bytes(bytes([0, 0, 0x0D, 1]) + struct.pack(">I", 3) + struct.pack(">3f", 1.5, -2, 0.25))


def png(name, kind, depth, width, height, samples, palette=None):
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[kind]
    dtype = ">u2" if depth == 16 else "u1"
    rows = np.asarray(samples, dtype=dtype).reshape(height, width * channels)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    out = b"\x89PNG\r\n\x1a\n"
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))]
    if palette:
        chunks.append((b"PLTE", bytes(palette)))
    chunks += [(b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    for tag, data in chunks:
        out += struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
    (here / name).write_bytes(out)


# Samples 0, 11, 22, … modulo 256; 16-bit ones 0, 5003, 10006, …
png("grey8.png", 0, 8, 3, 2, [11 * i % 256 for i in range(6)])
png("grey16.png", 0, 16, 3, 2, [5003 * i for i in range(6)])
png("rgb8.png", 2, 8, 3, 2, [11 * i % 256 for i in range(18)])
png("rgba8.png", 6, 8, 3, 2, [11 * i % 256 for i in range(24)])
png("rgba16.png", 6, 16, 1, 2, [5003 * i for i in range(8)])
png("palette.png", 3, 8, 2, 1, [1, 0], palette=[10, 20, 30, 40, 50, 60])

np.savez(here / "arrays.npz", matrix=ramp(4, 5), vector=ramp(7))
np.savez_compressed(here / "compressed.npz", matrix=ramp(4, 5), vector=ramp(7))
np.savez(here / "one.npz", only=ramp(4, 5))

corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]], dtype="<f4")
(here / "square.off").write_text(
    "OFF\n# a comment\n4 2 0\n" + "".join(f"{x:g} {y:g} {z:g}\n" for x, y, z in corners) + "3 0 1 2\n4 0 1 2 3\n"
)
for form in ["ascii", "binary_little_endian", "binary_big_endian"]:
    header = (
        f"ply\nformat {form} 1.0\ncomment made for tests\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
        "property uchar quality\nelement face 2\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()
    faces = [[0, 1, 2], [0, 1, 2, 3]]
    if form == "ascii":
        body = "".join(f"{x:g} {y:g} {z:g} 9\n" for x, y, z in corners).encode()
        body += "".join(" ".join(map(str, [len(f)] + f)) + "\n" for f in faces).encode()
    else:
        order = "<" if "little" in form else ">"
        body = b"".join(struct.pack(order + "3fB", *map(float, row), 9) for row in corners)
        body += b"".join(struct.pack(order + "B%di" % len(f), len(f), *f) for f in faces)
    (here / f"square-{form.replace('_', '-')}.ply").write_bytes(header + body)
