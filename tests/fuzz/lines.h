// Inputs that are commands: a line each, words between blanks.
#ifndef DUALIS_TESTS_FUZZ_LINES_H_
#define DUALIS_TESTS_FUZZ_LINES_H_

#include <functional>
#include <span>

#include "dualis/bytes.h"
#include "tests/rdb/contents.h"

namespace dualis::fuzz {

// Asks each line whose first word is one of `names`, unless `skip` says that the line is not what is looked for.
void AskLines(const test::Ask& ask, Bytes input, std::span<const Bytes> names,
              const std::function<bool(const test::Words&)>& skip);

}  // namespace dualis::fuzz

#endif  // DUALIS_TESTS_FUZZ_LINES_H_
