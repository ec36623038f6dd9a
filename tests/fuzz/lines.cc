#include "tests/fuzz/lines.h"

#include <algorithm>

namespace dualis::fuzz {

void AskLines(const test::Ask& ask, Bytes input, std::span<const Bytes> names,
              const std::function<bool(const test::Words&)>& skip) {
  for (size_t at = 0; at < input.size();) {
    const size_t end = std::min(input.find('\n', at), input.size());
    test::Words words;
    for (size_t from = at; from < end;) {
      const size_t blank = std::min(input.find(' ', from), end);
      words.emplace_back(input.substr(from, blank - from));
      from = blank + 1;
    }
    at = end + 1;
    if (words.empty() || std::find(names.begin(), names.end(), words[0]) == names.end() || skip(words)) continue;
    ask(words);
  }
}

}  // namespace dualis::fuzz
