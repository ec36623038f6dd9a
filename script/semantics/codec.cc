// The encoding of arguments and results; its twin in Lua is `encode` and `decode` of script/lua/prelude/.
#include <charconv>
#include <limits>

#include "script/semantics/value.h"

namespace dualis::script {
namespace {

// What is nested too deeply for any script becomes text that does not decode.
void Write(const Value& v, std::string* out, int depth) {
  if (depth > 2 * kMaxNesting) {
    out->push_back('!');
    return;
  }
  char buffer[kNumberText];
  auto size = [&](char tag, size_t n) {
    if (tag) out->push_back(tag);
    out->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
    out->push_back(':');
  };
  switch (v.kind()) {
    case Value::Kind::kNone:
      out->push_back('z');
      return;
    case Value::Kind::kBool:
      out->push_back(v.boolean() ? 't' : 'f');
      return;
    case Value::Kind::kNumber:
      out->push_back('n');
      out->append(NumberText(v.number(), buffer));
      out->push_back(';');
      return;
    case Value::Kind::kBytes:
      size('s', v.bytes().size());
      out->append(v.bytes());
      return;
    case Value::Kind::kList:
      size('l', v.items().size());
      for (const Value& item : v.items()) Write(item, out, depth + 1);
      return;
    case Value::Kind::kDict:
      size('d', v.entries().size());
      for (const auto& [key, item] : v.entries()) {
        size(0, key.size());
        out->append(key);
        Write(item, out, depth + 1);
      }
      return;
  }
}

class Reader {
 public:
  explicit Reader(Bytes text) : text_(text) {}
  bool done() const { return text_.empty(); }

  bool Read(Value* out, int depth) {
    if (text_.empty()) return false;
    const char tag = text_[0];
    text_.remove_prefix(1);
    size_t n;
    switch (tag) {
      case 'z':
        *out = Value();
        return true;
      case 't':
      case 'f':
        *out = Value(tag == 't');
        return true;
      case 'n': {
        const size_t end = text_.find(';');
        double number;
        if (end == Bytes::npos) return false;
        if (text_.substr(0, end) == "nan") {
          number = std::numeric_limits<double>::quiet_NaN();
        } else if (!ParseNumber(text_.substr(0, end), &number)) {
          return false;
        }
        text_.remove_prefix(end + 1);
        *out = Value(number);
        return true;
      }
      case 's': {
        Bytes bytes;
        if (!String(&bytes)) return false;
        *out = Value(bytes);
        return true;
      }
      case 'l': {
        // Every item takes a byte at least, so a count beyond the rest is a lie that must not be allocated for.
        if (!Size(&n) || n > text_.size() || depth == 2 * kMaxNesting) return false;
        Value::Items items(n);
        for (Value& item : items) {
          if (!Read(&item, depth + 1)) return false;
        }
        *out = Value::List(std::move(items));
        return true;
      }
      case 'd': {
        if (!Size(&n) || depth == 2 * kMaxNesting) return false;
        Value::Entries entries;
        for (; n > 0; --n) {
          Bytes key;
          Value item;
          if (!String(&key) || !Read(&item, depth + 1)) return false;
          entries.insert_or_assign(std::string(key), std::move(item));
        }
        *out = Value::Dict(std::move(entries));
        return true;
      }
      default:
        return false;
    }
  }

 private:
  bool Size(size_t* n) {
    const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), *n);
    const size_t used = read.ptr - text_.data();
    if (read.ec != std::errc() || used == text_.size() || text_[used] != ':') return false;
    text_.remove_prefix(used + 1);
    return true;
  }
  bool String(Bytes* out) {
    size_t n;
    if (!Size(&n) || n > text_.size()) return false;
    *out = text_.substr(0, n);
    text_.remove_prefix(n);
    return true;
  }

  Bytes text_;
};

}  // namespace

std::string EncodeValue(const Value& value) {
  std::string out;
  Write(value, &out, 0);
  return out;
}

bool DecodeValue(Bytes encoded, Value* out) {
  Reader reader(encoded);
  return reader.Read(out, 0) && reader.done();
}

}  // namespace dualis::script
