// MEMORY: what keys and the engine take.
#ifndef DUALIS_COMMANDS_MEMORY_H_
#define DUALIS_COMMANDS_MEMORY_H_

#include <optional>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// MEMORY USAGE key [SAMPLES count]: bytes that the key takes, as maxmemory counts them; `count` changes nothing, as
// nothing is estimated.
struct MemoryUsage {
  static constexpr CommandInfo kInfo{"MEMORY USAGE",
                                     kReadOnly | kVolatileReply,
                                     Group::kServer,
                                     "4.0.0",
                                     "Estimate the memory usage of a key",
                                     "O(N) where N is the number of samples.",
                                     ""};
  using Reply = std::optional<int64_t>;
  Key key;
  std::optional<int64_t> samples;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
    v.trailing([&](auto& o) {
      o.option("SAMPLES", c.samples);
      o.rule(c.samples.value_or(0) >= 0, errors::kSyntax);
    });
  }
};

// MEMORY STATS
struct MemoryStats {
  static constexpr CommandInfo kInfo{
      "MEMORY STATS", kVolatileReply, Group::kServer, "4.0.0", "Show memory usage details", "O(1)"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// MEMORY DOCTOR
struct MemoryDoctor {
  static constexpr CommandInfo kInfo{
      "MEMORY DOCTOR", kVolatileReply, Group::kServer, "4.0.0", "Outputs memory problems report", "O(1)"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// MEMORY PURGE: gives free memory back to the system.
struct MemoryPurge {
  static constexpr CommandInfo kInfo{"MEMORY PURGE",
                                     0,
                                     Group::kServer,
                                     "4.0.0",
                                     "Ask the allocator to release memory",
                                     "Depends on how much memory is allocated, could be slow"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// MEMORY MALLOC-STATS
struct MemoryMallocStats {
  static constexpr CommandInfo kInfo{"MEMORY MALLOC-STATS",
                                     kVolatileReply,
                                     Group::kServer,
                                     "4.0.0",
                                     "Show allocator internal stats",
                                     "Depends on how much memory is allocated, could be slow"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// MEMORY HELP
struct MemoryHelp {
  static constexpr CommandInfo kInfo{
      "MEMORY HELP", kLoading | kStale, Group::kServer, "4.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_MEMORY_H_
