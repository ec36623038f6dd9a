// What a fuzzer defines. It must leave nothing behind from one input to the next, and crash (abort, a failed check, a
// sanitizer's report) if an input shows a fault.
#ifndef DUALIS_TESTS_FUZZ_FUZZ_H_
#define DUALIS_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// Tries one input. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace dualis::fuzz {

// Inputs that mean something, to begin with.
std::vector<std::string> Seeds();

// Ends the program if `ok` does not hold, also without assert.
inline void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::abort();
}

}  // namespace dualis::fuzz

#endif  // DUALIS_TESTS_FUZZ_FUZZ_H_
