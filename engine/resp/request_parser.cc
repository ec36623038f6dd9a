#include "engine/resp/request_parser.h"

#include <cstring>

#include "engine/core/number_text.h"

namespace dualis::resp {
namespace {

// isspace of the C locale.
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Where a line ends; null if it is not complete. Redis looks for it by strchr, so that a line with a zero byte never
// is.
void* FindEnd(const char* p, size_t size, char end) {
  const void* found = std::memchr(p, end, size);
  if (found == nullptr) return nullptr;
  const size_t length = static_cast<size_t>(static_cast<const char*>(found) - p);
  return std::memchr(p, 0, length) == nullptr ? const_cast<void*>(found) : nullptr;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that an escape after `\` stands for. `*p` is at the character behind the backslash and moves past the
// escape.
char Unescape(char** p, char* end) {
  const char c = *(*p)++;
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    case 'x':
      if (end - *p >= 2 && HexDigit((*p)[0]) >= 0 && HexDigit((*p)[1]) >= 0) {
        const int byte = HexDigit((*p)[0]) * 16 + HexDigit((*p)[1]);
        *p += 2;
        return static_cast<char>(byte);
      }
      return c;
    default:
      return c;
  }
}

}  // namespace

void RequestParser::Feed(Bytes bytes) {
  args_.clear();
  if (start_ > 0) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  // A buffer that once held a large value is given back when it is idle.
  if (buffer_.empty() && buffer_.capacity() > 1024 * 1024) buffer_.shrink_to_fit();
  buffer_.append(bytes);
}

RequestParser::State RequestParser::Fail(Bytes what) {
  error_ = Error(ErrorCode::kErr, std::string("ERR Protocol error: ").append(what));
  return State::kError;
}

RequestParser::State RequestParser::Next() {
  args_.clear();
  while (!error_) {
    if (missing_ < 0) {
      spans_.clear();
      at_ = 0;
      if (start_ == buffer_.size()) return State::kMore;
    }
    const State state = buffer_[start_] == '*' ? NextCounted() : NextInline();
    if (state != State::kCommand) return state;
    // Complete: the spans become arguments, and the next command starts behind.
    for (const Span& span : spans_) args_.emplace_back(Bytes(buffer_.data() + start_ + span.at, span.size));
    start_ += at_;
    missing_ = -1;
    if (!args_.empty()) return State::kCommand;
  }
  return State::kError;
}

RequestParser::State RequestParser::Line(size_t at, Bytes too_big, Bytes* line, size_t* next) {
  const char* p = buffer_.data() + start_ + at;
  const size_t size = buffer_.size() - start_ - at;
  const void* end = FindEnd(p, size, '\r');
  if (end == nullptr) return size > limits_.line_bytes ? Fail(too_big) : State::kMore;
  const size_t length = static_cast<size_t>(static_cast<const char*>(end) - p);
  // The byte behind \r is taken for \n without a look, as Redis does.
  if (length + 2 > size) return State::kMore;
  *line = Bytes(p, length);
  *next = at + length + 2;
  return State::kCommand;
}

RequestParser::State RequestParser::NextCounted() {
  Bytes line;
  size_t next = 0;
  if (missing_ < 0) {
    const State state = Line(0, "too big mbulk count string", &line, &next);
    if (state != State::kCommand) return state;
    const auto count = ParseInt64(line.substr(1));
    if (!count || *count > limits_.args) return Fail("invalid multibulk length");
    if (*count > limits_.unauthenticated_args && unauthenticated_) return Fail("unauthenticated multibulk length");
    at_ = next;
    bulk_ = -1;
    missing_ = *count < 0 ? 0 : *count;
  }
  while (missing_ > 0) {
    if (bulk_ < 0) {
      const State state = Line(at_, "too big bulk count string", &line, &next);
      if (state != State::kCommand) return state;
      const char type = buffer_[start_ + at_];
      if (type != '$') return Fail(std::string("expected '$', got '") + type + '\'');
      const auto length = ParseInt64(line.substr(1));
      if (!length || *length < 0 || *length > limits_.bulk_bytes) return Fail("invalid bulk length");
      if (*length > limits_.unauthenticated_bulk_bytes && unauthenticated_) {
        return Fail("unauthenticated bulk length");
      }
      at_ = next;
      bulk_ = *length;
    }
    const size_t size = static_cast<size_t>(bulk_);
    // The line end behind the argument is counted but not looked at.
    if (buffer_.size() - start_ - at_ < size + 2) {
      buffer_.reserve(start_ + at_ + size + 2);
      return State::kMore;
    }
    spans_.push_back(Span{at_, size});
    at_ += size + 2;
    bulk_ = -1;
    --missing_;
  }
  return State::kCommand;
}

RequestParser::State RequestParser::NextInline() {
  char* p = buffer_.data() + start_;
  const size_t size = buffer_.size() - start_;
  char* end = static_cast<char*>(FindEnd(p, size, '\n'));
  if (end == nullptr) return size > limits_.line_bytes ? Fail("too big inline request") : State::kMore;
  at_ = static_cast<size_t>(end - p) + 1;
  if (end > p && end[-1] == '\r') --end;
  return Split(p, end) ? State::kCommand : Fail("unbalanced quotes in request");
}

bool RequestParser::Split(char* p, char* end) {
  const char* const base = p;
  // Unescaping never lengthens a word, so it is written over the text it came from.
  char* out = p;
  while (true) {
    while (p < end && IsSpace(*p)) ++p;
    if (p == end) return true;
    char* const word = out;
    while (p < end && !IsSpace(*p)) {
      const char quote = *p;
      if (quote != '"' && quote != '\'') {
        *out++ = *p++;
        continue;
      }
      ++p;
      while (p < end && *p != quote) {
        if (quote == '"' && *p == '\\' && end - p > 1) {
          ++p;
          *out++ = Unescape(&p, end);
        } else if (quote == '\'' && *p == '\\' && end - p > 1 && p[1] == '\'') {
          *out++ = '\'';
          p += 2;
        } else {
          *out++ = *p++;
        }
      }
      if (p == end) return false;
      ++p;
      // A closing quote ends the word.
      if (p < end && !IsSpace(*p)) return false;
    }
    spans_.push_back(Span{static_cast<size_t>(word - base), static_cast<size_t>(out - word)});
  }
}

}  // namespace dualis::resp
