// OBJECT IDLETIME and FREQ: when and how often a key was used, as eviction sees it.
#ifndef DUALIS_COMMANDS_USAGE_H_
#define DUALIS_COMMANDS_USAGE_H_

#include <optional>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// OBJECT IDLETIME key: seconds since its last use; an error while maxmemory-policy is an LFU one.
struct ObjectIdleTime {
  static constexpr CommandInfo kInfo{"OBJECT IDLETIME",
                                     kReadOnly | kVolatileReply,
                                     Group::kGeneric,
                                     "2.2.3",
                                     "Get the time since a Redis object was last accessed",
                                     "O(1)"};
  using Reply = std::optional<int64_t>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

// OBJECT FREQ key: the logarithmic counter of its uses; an error unless maxmemory-policy is an LFU one.
struct ObjectFreq {
  static constexpr CommandInfo kInfo{"OBJECT FREQ",
                                     kReadOnly | kVolatileReply,
                                     Group::kGeneric,
                                     "4.0.0",
                                     "Get the logarithmic access frequency counter of a Redis object",
                                     "O(1)"};
  using Reply = std::optional<int64_t>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_USAGE_H_
