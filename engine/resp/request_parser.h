// RequestParser: what a server reads. Bytes in any portions become commands, by Redis' rules: a line that starts with
// `*` announces a command of counted arguments, any other line is an inline command with quotes and escapes.
//
//   parser.Feed(bytes);
//   while (parser.Next() == RequestParser::State::kCommand) session->Execute(parser.args(), encoder);
//   if (parser.error()) ...reply with the error and close...
#ifndef DUALIS_ENGINE_RESP_REQUEST_PARSER_H_
#define DUALIS_ENGINE_RESP_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/error.h"

namespace dualis::resp {

class RequestParser {
 public:
  enum class State : uint8_t { kMore, kCommand, kError };

  // Redis' limits.
  struct Limits {
    size_t line_bytes = 64 * 1024;           // PROTO_INLINE_MAX_SIZE: an inline command, or a count or length line
    int64_t bulk_bytes = 512 * 1024 * 1024;  // proto-max-bulk-len
    int64_t args = INT32_MAX;                // announced arguments
    int64_t unauthenticated_args = 10;       // the same while authentication is owed
    int64_t unauthenticated_bulk_bytes = 16384;
  };

  RequestParser() = default;
  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  // Appends what arrived. Invalidates args(). Throws std::bad_alloc if there is no memory; the parser is then as
  // before.
  void Feed(Bytes bytes);

  // Takes the next command that is complete; empty commands are skipped. After kError every call gives kError.
  State Next();

  // The command found by the last Next(): never empty. Borrowed until the next call of Feed or Next.
  Args args() const { return args_; }
  // "ERR Protocol error: ..." once Next() gave kError.
  const Error& error() const { return error_; }
  // While true, the smaller limits hold.
  void set_unauthenticated(bool value) { unauthenticated_ = value; }
  // Another limit for the arguments whose length has not been read yet.
  void set_bulk_bytes(int64_t value) { limits_.bulk_bytes = value; }
  // Bytes held that no command has taken.
  size_t pending_bytes() const { return buffer_.size() - start_; }

 private:
  struct Span {
    size_t at;  // from start_
    size_t size;
  };
  State Fail(Bytes what);
  State NextInline();
  State NextCounted();
  // The line from `at` on: its bytes without the line end and the place behind it. kMore if it is not complete.
  State Line(size_t at, Bytes too_big, Bytes* line, size_t* next);
  // Splits a line in place, as redis-cli's quoting rules have it. False if quotes are not balanced.
  bool Split(char* p, char* end);

  Limits limits_;
  std::string buffer_;
  size_t start_ = 0;      // of the command at hand
  size_t at_ = 0;         // parsed so far, from start_
  int64_t missing_ = -1;  // arguments still to come; -1: the count is not known yet
  int64_t bulk_ = -1;     // length of the argument at hand; -1: not known yet
  bool unauthenticated_ = false;
  std::vector<Span> spans_;
  std::vector<Arg> args_;
  Error error_;
};

}  // namespace dualis::resp

#endif  // DUALIS_ENGINE_RESP_REQUEST_PARSER_H_
