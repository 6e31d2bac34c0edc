"""Writes the fixtures of what other programs put into HDF5 files: links, booleans, compression by plugins, tables of AnnData, MuData and 10x.

Run in a virtual environment that has numpy, h5py, hdf5plugin, pandas, scipy and anndata: python make_foreign_fixtures.py. As in make_fixtures.py,
arrays hold k(i) = 0.5 i - 3 in C order, or what is said beside them.
"""

import gzip
import pathlib
import warnings

import anndata
import h5py
import hdf5plugin
import numpy as np
import pandas as pd
import scipy.sparse as sp

here = pathlib.Path(__file__).parent / "Fixtures"


def ramp(*shape):
    return (0.5 * np.arange(np.prod(shape)) - 3).reshape(shape)


# A square matrix that is not its transpose, by columns.
square = sp.csc_matrix(np.array([[0, 1.0, 2], [0, 0, 3], [0, 0, 0]]))


def sparse(file, name, matrix, **attributes):
    group = file.create_group(name)
    group["data"], group["indices"], group["indptr"] = matrix.data, matrix.indices, matrix.indptr
    for key, value in attributes.items():
        group.attrs[key.replace("_type", "-type")] = value
    return group


with h5py.File(here / "foreign.h5", "w", libver="earliest") as file:
    file["matrix"] = ramp(4, 5)
    file["hard"] = file["matrix"]
    file["soft"] = h5py.SoftLink("/matrix")
    file["external"] = h5py.ExternalLink("one.h5", "/only")
    file["group/inside"] = ramp(7)
    file["group/above"] = h5py.SoftLink("/")
    file["linked"] = h5py.SoftLink("/group")
    file["broken/soft"] = h5py.SoftLink("/nothing")
    file["broken/external"] = h5py.ExternalLink("absent.h5", "/x")
    file["booleans"] = np.array([[True, False], [False, True]])
    file["bits"] = np.array([1, 0, 1], dtype="u1").view(np.uint8)
    file["codes"] = np.array([2, 0, 1], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 2}, basetype="i2"))
    file["empty"] = h5py.Empty("f8")
    file["half"] = ramp(4, 5).astype("f2")
    file["long"] = ramp(4, 5).astype(np.longdouble)
    file["unsigned"] = np.array([0, 1, 2**40], dtype="u8")
    file["complex"] = np.array([1 + 2j])
    file["texts"] = np.array([b"one", b"two"])
    shape = np.array(square.shape)
    sparse(file, "sparse/fixed", square, encoding_type=np.bytes_("csc_matrix"), shape=shape)
    sparse(file, "sparse/array", square, encoding_type=np.array([b"csc_matrix"]), shape=shape)
    sparse(file, "sparse/variable", square, encoding_type="csc_matrix", shape=shape)
    sparse(file, "sparse/old", square, h5sparse_format=np.bytes_("csc"), h5sparse_shape=shape)
    sparse(file, "sparse/number", square, encoding_type=3, shape=shape)
    sparse(file, "sparse/unknown", square, encoding_type="coo_matrix", shape=shape)
    sparse(file, "sparse/silent", square.tocsr(), shape=shape)
    # Without a word on its encoding, but only columns fit.
    sparse(file, "sparse/tall", sp.csc_matrix(np.arange(6.0).reshape(3, 2)), shape=np.array([3, 2]))
    wide = sparse(file, "sparse/wide-indices", square, encoding_type="csc_matrix", shape=shape)
    for part, dtype in [("indices", "i8"), ("indptr", "u8")]:
        values = wide[part][...].astype(dtype)
        del wide[part]
        wide[part] = values

# 10x: 4 cells × 12 features, the last two of which no cell has.
counts = np.zeros((12, 4))
counts[[0, 9, 3, 9], [0, 1, 2, 3]] = [5, 1, 2, 7]
with h5py.File(here / "tenx.h5", "w") as file:
    group = sparse(file, "matrix", sp.csc_matrix(counts).astype("i4"))
    group["shape"] = np.array(counts.shape, dtype="i4")
    group["barcodes"] = np.array([b"AAAC-1", b"AAAG-1", b"AACA-1", b"AACC-1"])
    group["features/id"] = np.array([f"ENSG{k:03}".encode() for k in range(12)])

# One dataset a filter; numbers that compress.
with h5py.File(here / "filters.h5", "w") as file:
    data = ramp(40, 30)
    for name, filters in {
        "lzf": {"compression": "lzf"},
        "blosc": hdf5plugin.Blosc(cname="lz4", shuffle=hdf5plugin.Blosc.SHUFFLE),
        "blosc-zstd": hdf5plugin.Blosc(cname="zstd"),
        "lz4": hdf5plugin.LZ4(),
        "bzip2": hdf5plugin.BZip2(),
        "zstd": hdf5plugin.Zstd(clevel=5),
        "zstd-shuffled": {**hdf5plugin.Zstd(), "shuffle": True, "fletcher32": True},
        "szip": {"compression": "szip"},
        "blosc2": hdf5plugin.Blosc2(),
    }.items():
        try:
            file.create_dataset(name, data=data, chunks=(20, 30), **filters)
        except ValueError as problem:
            print(f"{name}: {problem}")
    # A sparse matrix whose parts are compressed, as AnnData writes them.
    group = file.create_group("sparse")
    for part in ["data", "indices", "indptr"]:
        group.create_dataset(part, data=getattr(square, part), chunks=True, **hdf5plugin.Zstd())
    group.attrs["encoding-type"], group.attrs["shape"] = "csc_matrix", np.array(square.shape)

# Legal, and large of a few stored bytes: most chunks were never written; a sparse matrix that no memory holds. And a NaN whose conversion fills its bits.
with h5py.File(here / "unwritten.h5", "w") as file:
    chunks = {"shape": (3000, 4000), "dtype": "f8", "chunks": (100, 4000), "compression": "gzip"}
    file.create_dataset("few", fillvalue=2.5, **chunks)[100:200] = 1
    file.create_dataset("none", **chunks)
    sparse(file, "sparse", sp.csr_matrix(np.eye(2)), encoding_type="csr_matrix", shape=np.array([2, 2_000_000_000]))
    file["half"] = np.array([np.nan, 1], "f2")

# A chain of groups with two links each to the next: 2^20 names of the array at its end.
with h5py.File(here / "web.h5", "w") as file:
    file["20/x"] = ramp(2)
    for k in range(20)[::-1]:
        file[f"{k}/a"] = file[f"{k + 1}"]
        file[f"{k}/b"] = file[f"{k + 1}"]

# A file that its writer has not closed, as its marks say; and one of the newest format that it has.
with h5py.File(here / "unclosed.h5", "w", libver="latest") as file:
    file["x"] = np.eye(3)
content = bytearray((here / "unclosed.h5").read_bytes())
content[11] |= 1
(here / "unclosed.h5").write_bytes(content)

warnings.simplefilter("ignore")
names = [f"cell{k}" for k in range(6)]
obs = pd.DataFrame(
    {
        "type": pd.Categorical(["B", "T", None, "B", "NK", "T"]),
        "depth": ramp(6),
        "good": [True, False, True, True, False, False],
        "rank": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
        "note": ["a", "b", "c", "d", "e", "f"],
    },
    index=names,
)
# The notes are to stay texts.
anndata.settings.allow_write_nullable_strings = True
cells = anndata.AnnData(X=ramp(6, 4), obs=obs, var=pd.DataFrame(index=list("wxyz")))
cells.obsm["X_frame"] = pd.DataFrame({"second": ramp(6), "first": np.arange(6)}, index=names)
cells.obsm["X_pca"] = ramp(6, 2)
cells.obsm["mixed"] = pd.DataFrame({"a": ramp(6), "t": pd.Categorical(list("xyxyxy"))}, index=names)
cells.layers["counts"] = sp.csr_matrix(np.arange(24).reshape(6, 4) % 5)
cells.write_h5ad(here / "tables.h5ad")

with h5py.File(here / "modalities.h5mu", "w") as file:
    with h5py.File(here / "tables.h5ad") as source:
        source.copy("X", file.create_group("mod/rna"))
        source.copy("obs", file["mod/rna"])
    sparse(file, "mod/atac/X", square, encoding_type="csc_matrix", shape=np.array(square.shape))
    file["obs/index"] = ramp(6)

np.save(here / "half.npy", np.array([0, -0.0, 1, -2.5, 65504, 6e-8, np.inf, np.nan], dtype="<f2"))
np.save(here / "half-big.npy", ramp(4, 5).astype(">f2"))
extended = np.array([0, 1, -2.5, 1e300, 1e-310, np.inf, np.nan], dtype=np.longdouble)
np.save(here / "long.npy", extended)
np.save(here / "long-big.npy", ramp(4, 5).astype(np.longdouble).astype(np.dtype(np.longdouble).newbyteorder(">")))
# A third has more digits than a double; the value is rounded. Long doubles may be beyond doubles.
np.save(here / "long-third.npy", np.array([1, np.longdouble(10) ** 4000], dtype=np.longdouble) / 3)
# Quadruple precision, as other machines have it: 1 and a third.
quadruple = bytes(14) + bytes([0xFF, 0x3F]) + bytes([0x55] * 14) + bytes([0xFD, 0x3F])
np.save(here / "quadruple.npy", np.frombuffer(quadruple, dtype="<f16"))

# As `cat a.csv.gz b.csv.gz` makes it.
(here / "members.csv.gz").write_bytes(gzip.compress(b"1,2\n" * 5, mtime=0) + gzip.compress(b"3,4\n" * 5, mtime=0))
