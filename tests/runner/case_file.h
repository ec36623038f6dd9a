// Case files: commands and the replies they must give. tests/cases/README.md is the grammar; this is its reader.
//
// A file keeps its lines, and each step knows which of them hold its expected replies, so that recording rewrites
// replies and leaves comments, order and hand-written matchers as they are.
#ifndef DUALIS_TESTS_RUNNER_CASE_FILE_H_
#define DUALIS_TESTS_RUNNER_CASE_FILE_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/runner/match.h"
#include "tests/runner/reply_tree.h"

namespace dualis::cases {

enum class Encoding { kCompact, kExpanded };

struct Step {
  enum class Kind {
    kCommand,     // N> WORDS
    kReceive,     // N<: what was delivered to the connection meanwhile
    kAdvance,     // @ advance 10s
    kConnect,     // @ connect N: opens it (it would be opened by its first command), or opens it anew
    kDisconnect,  // @ disconnect N
  };
  Kind kind = Kind::kCommand;
  int connection = 1;
  std::vector<std::string> words;
  std::chrono::milliseconds advance{0};
  Order order = Order::kAsGiven;
  std::optional<ReplyTree> reply;   // in RESP2, or in the case's only protocol
  std::optional<ReplyTree> reply3;  // in RESP3 where ImpliedInResp3(*reply) would be wrong
  size_t line = 0;                  // index into CaseFile::lines of the step itself
  size_t replies_end = 0;           // lines [line + 1, replies_end) hold its replies

  // The reply in `protocol`; empty if the case was not recorded.
  std::optional<ReplyTree> Expected(int protocol) const;
};

struct Case {
  std::string name;
  std::string file;
  size_t line = 0;
  int since = 0;               // 702: for Redis 7.2 and later
  int before = 0;              // 702: for Redis older than 7.2; 0: for all
  bool embedded_only = false;  // not on redis-server, which would have to sleep
  std::vector<int> protocols = {2, 3};
  std::vector<Encoding> encodings = {Encoding::kCompact, Encoding::kExpanded};
  std::vector<std::pair<std::string, std::string>> config;
  std::vector<std::pair<std::string, std::string>> except;  // front, reason
  std::vector<Step> steps;
};

struct CaseFile {
  std::string path;
  std::vector<std::string> lines;
  std::vector<Case> cases;
};

// Parses `text`. Throws std::invalid_argument with path, line number and reason.
CaseFile ParseCaseFile(std::string path, std::string_view text);

CaseFile ReadCaseFile(const std::string& path);

// The text of `file` with each step's replies replaced by what its `reply` and `reply3` hold now.
std::string WriteCaseFile(const CaseFile& file);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_CASE_FILE_H_
