// A small RESP2 and RESP3 reader of the tests' own, so that what checks the engine's decoder does not lean on it.
#ifndef DUALIS_TESTS_RUNNER_RESP_READER_H_
#define DUALIS_TESTS_RUNNER_RESP_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/runner/reply_tree.h"

namespace dualis::cases {

class RespReader {
 public:
  void Feed(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole reply, or nothing until more bytes are fed. Throws std::runtime_error if the bytes are not RESP.
  std::optional<ReplyTree> Next();

  bool empty() const { return buffer_.empty(); }

 private:
  std::string buffer_;
};

// `words` as a RESP array of bulk strings.
std::string EncodeRequest(const std::vector<std::string>& words);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_RESP_READER_H_
