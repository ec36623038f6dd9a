// Streams in RDB: see stream_form.cc.
#ifndef DUALIS_ENGINE_RDB_STREAM_FORM_H_
#define DUALIS_ENGINE_RDB_STREAM_FORM_H_

#include "engine/rdb/format.h"
#include "engine/rdb/input.h"
#include "engine/rdb/output.h"
#include "engine/types/stream.h"

namespace dualis::rdb {

// Writes a stream as kFormStream2.
void SaveStream(const Stream& stream, Output& out);
// Reads a stream of one of the three forms into a fresh one. What is wrong is in `in`.
void LoadStream(Input& in, ValueForm form, Stream& stream);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_STREAM_FORM_H_
