// HDF5's native type identifiers are macros that call H5open(); Swift cannot see them.
#ifndef OTLAB_CHDF5_SHIM_H
#define OTLAB_CHDF5_SHIM_H
#include <hdf5.h>

static inline hid_t otlab_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t otlab_h5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t otlab_h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t otlab_h5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t otlab_h5_c_string(void) { return H5T_C_S1; }
static inline size_t otlab_h5_variable(void) { return H5T_VARIABLE; }
static inline hid_t otlab_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t otlab_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t otlab_h5_link_create(void) { return H5P_LINK_CREATE; }
static inline herr_t otlab_h5_silence(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
static inline unsigned otlab_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned otlab_h5_truncate(void) { return H5F_ACC_TRUNC; }
#endif
