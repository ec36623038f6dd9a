#include "tests/runner/resp_reader.h"

#include <charconv>
#include <stdexcept>

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// Reads one value from the front of the bytes; every step answers false when the bytes end too early.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }

  bool Value(ReplyTree* out) {
    std::string_view line;
    if (!Line(&line)) return false;
    if (line.empty()) throw std::runtime_error("RESP: an empty line");
    const std::string_view rest = line.substr(1);
    switch (line[0]) {
      case '+':
        return Put(ReplyTree::Status(rest), out);
      case '-':
        return Put(ReplyTree::Error(rest), out);
      case ':':
        return Put(ReplyTree::Integer(Number(rest)), out);
      case ',':
        return Put(ReplyTree::Double(rest), out);
      case '#':
        return Put(ReplyTree::Bool(rest == "t"), out);
      case '(':
        return Put({Kind::kBigNumber, Kind::kNull, std::string(rest)}, out);
      case '_':
        return Put(ReplyTree::Of(Kind::kNull), out);
      case '$':
      case '=':
        return Blob(line[0], Number(rest), out);
      case '*':
        return Children(Kind::kArray, Number(rest), out);
      case '~':
        return Children(Kind::kSet, Number(rest), out);
      case '>':
        return Children(Kind::kPush, Number(rest), out);
      case '%':
        return Children(Kind::kMap, 2 * Number(rest), out);
      default:
        throw std::runtime_error("RESP: unknown type " + std::string(line));
    }
  }

 private:
  static bool Put(ReplyTree value, ReplyTree* out) {
    *out = std::move(value);
    return true;
  }

  static int64_t Number(std::string_view text) {
    int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw std::runtime_error("RESP: not a number: " + std::string(text));
    }
    return n;
  }

  bool Line(std::string_view* line) {
    const size_t end = bytes_.find("\r\n", position_);
    if (end == std::string_view::npos) return false;
    *line = bytes_.substr(position_, end - position_);
    position_ = end + 2;
    return true;
  }

  bool Blob(char type, int64_t length, ReplyTree* out) {
    if (length < 0) return Put(ReplyTree::Of(Kind::kNull), out);
    const auto size = static_cast<size_t>(length);
    if (bytes_.size() < position_ + size + 2) return false;
    const std::string_view text = bytes_.substr(position_, size);
    position_ += size + 2;
    if (type == '$') return Put(ReplyTree::Bulk(text), out);
    if (size < 4) throw std::runtime_error("RESP: a verbatim string without a format");
    return Put({Kind::kVerbatim, Kind::kNull, std::string(text.substr(4)), std::string(text.substr(0, 3))}, out);
  }

  bool Children(Kind kind, int64_t count, ReplyTree* out) {
    if (count < 0) return Put(ReplyTree::Of(Kind::kNullArray), out);
    ReplyTree whole = ReplyTree::Of(kind);
    for (int64_t i = 0; i < count; ++i) {
      ReplyTree child;
      if (!Value(&child)) return false;
      whole.children.push_back(std::move(child));
    }
    return Put(std::move(whole), out);
  }

  std::string_view bytes_;
  size_t position_ = 0;
};

}  // namespace

std::optional<ReplyTree> RespReader::Next() {
  if (buffer_.empty()) return std::nullopt;
  Cursor cursor(buffer_);
  ReplyTree value;
  if (!cursor.Value(&value)) return std::nullopt;
  buffer_.erase(0, cursor.position());
  return value;
}

std::string EncodeRequest(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

}  // namespace dualis::cases
