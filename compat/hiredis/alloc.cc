// The table of allocators. Writable for the life of the process, because the ABI makes it a public variable.
#include <cstdlib>
#include <cstring>

#include "compat/hiredis/abi.h"

namespace {
const hiredisAllocFuncs kDefault = {malloc, calloc, realloc, strdup, free};
}  // namespace

extern "C" {

#pragma GCC visibility push(default)
hiredisAllocFuncs hiredisAllocFns = {malloc, calloc, realloc, strdup, free};
#pragma GCC visibility pop

hiredisAllocFuncs hiredisSetAllocators(hiredisAllocFuncs* ha) noexcept {
  const hiredisAllocFuncs before = hiredisAllocFns;
  hiredisAllocFns = *ha;
  return before;
}

void hiredisResetAllocators(void) noexcept { hiredisAllocFns = kDefault; }

}  // extern "C"
