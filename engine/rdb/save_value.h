// Writes one value in the RDB form that suits its present encoding best: a packed collection becomes one string that
// holds a listpack, an expanded one its elements one by one.
#ifndef DUALIS_ENGINE_RDB_SAVE_VALUE_H_
#define DUALIS_ENGINE_RDB_SAVE_VALUE_H_

#include "engine/keyspace/entry.h"
#include "engine/rdb/format.h"
#include "engine/rdb/output.h"

namespace dualis::rdb {

// The form in which SaveValue writes this entry's value.
ValueForm FormOf(const Entry& entry);
// The lowest version of the format that has this form.
int VersionOf(ValueForm form);
// Writes the value; neither the form nor the key.
void SaveValue(const Entry& entry, Output& out);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_SAVE_VALUE_H_
