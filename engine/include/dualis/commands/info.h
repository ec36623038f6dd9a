// INFO: what an engine tells of itself.
#ifndef DUALIS_COMMANDS_INFO_H_
#define DUALIS_COMMANDS_INFO_H_

#include <string>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// INFO [section ...]: lines "field:value" under a heading for each section. Without sections the usual ones; `all` and
// `everything` name the rest too. What has no meaning inside a process is there with the value of an idle server.
struct Info {
  static constexpr CommandInfo kInfo{
      "INFO", kLoading | kStale | kDangerous | kVolatileReply, Group::kServer, "1.0.0",
      "Get information and statistics about the server", "O(1)"};
  using Reply = std::string;
  Many<Bytes> sections;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.sections, "section");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_INFO_H_
