#ifndef OTLAB_CHDF5_FILTERS_H
#define OTLAB_CHDF5_FILTERS_H

// Each teaches the HDF5 library to read a compression that Debian has no plugin for, or none that can be loaded (its
// plugin for LZF lacks the functions that it calls). Negative on failure.
int otlab_h5_register_lzf(void);
int otlab_h5_register_zstd(void);

#endif
