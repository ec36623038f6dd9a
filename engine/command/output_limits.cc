#include "engine/command/output_limits.h"

#include <algorithm>

#include "engine/core/number_text.h"

namespace dualis {

OutputLimits ReadOutputLimits(Bytes text) {
  const auto word = [&text] {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const Bytes next = text.substr(0, text.find(' '));
    text.remove_prefix(next.size());
    return next;
  };
  OutputLimits limits;
  for (Bytes name = word(); !name.empty(); name = word()) {
    OutputLimit& limit = name == "normal" ? limits.normal : name == "pubsub" ? limits.pubsub : limits.replica;
    limit.hard = static_cast<uint64_t>(ParseInt64(word()).value_or(0));
    limit.soft = static_cast<uint64_t>(ParseInt64(word()).value_or(0));
    limit.soft_seconds = ParseInt64(word()).value_or(0);
  }
  return limits;
}

}  // namespace dualis
