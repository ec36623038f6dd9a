#include "script/semantics/json.h"

#include <cmath>

#include "script/semantics/value.h"

namespace dualis::script {
namespace {

void WriteString(Bytes bytes, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n') {
      out->append("\\n");
    } else if (c == '\r') {
      out->append("\\r");
    } else if (c == '\t') {
      out->append("\\t");
    } else if (byte < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

class Reader {
 public:
  explicit Reader(Bytes text) : text_(text) {}

  bool Document(Value* out) {
    Blanks();
    if (!Any(out, 0)) return false;
    Blanks();
    return at_ == text_.size();
  }

 private:
  bool Any(Value* out, int depth) {
    if (at_ == text_.size()) return false;
    switch (text_[at_]) {
      case '{':
        return depth < kMaxNesting && Object(out, depth);
      case '[':
        return depth < kMaxNesting && Array(out, depth);
      case '"': {
        std::string text;
        if (!String(&text)) return false;
        *out = Value(text);
        return true;
      }
      case 't':
        *out = Value(true);
        return Word("true");
      case 'f':
        *out = Value(false);
        return Word("false");
      case 'n':
        *out = Value();
        return Word("null");
      default:
        return Number(out);
    }
  }

  bool Object(Value* out, int depth) {
    ++at_;
    Value::Entries entries;
    Blanks();
    if (!Take('}')) {
      do {
        Blanks();
        std::string key;
        if (at_ == text_.size() || text_[at_] != '"' || !String(&key)) return false;
        Blanks();
        if (!Take(':')) return false;
        Blanks();
        Value v;
        if (!Any(&v, depth + 1)) return false;
        entries.insert_or_assign(std::move(key), std::move(v));
        Blanks();
      } while (Take(','));
      if (!Take('}')) return false;
    }
    *out = Value::Dict(std::move(entries));
    return true;
  }

  bool Array(Value* out, int depth) {
    ++at_;
    Value::Items items;
    Blanks();
    if (!Take(']')) {
      do {
        Blanks();
        Value v;
        if (!Any(&v, depth + 1)) return false;
        items.push_back(std::move(v));
        Blanks();
      } while (Take(','));
      if (!Take(']')) return false;
    }
    *out = Value::List(std::move(items));
    return true;
  }

  // -? (0 | [1-9] digits) (. digits)? (e [+-]? digits)?
  bool Number(Value* out) {
    const size_t start = at_;
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('-')) Take('+');
      if (!Digits()) return false;
    }
    double number;
    if (!ParseNumber(text_.substr(start, at_ - start), &number)) return false;
    *out = Value(number);
    return true;
  }

  bool String(std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out->push_back(c);
      } else if (!Escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool Escape(std::string* out) {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    static constexpr Bytes kNames = "\"\\/bfnrt", kBytes = "\"\\/\b\f\n\r\t";
    if (size_t i = kNames.find(c); i != Bytes::npos) {
      out->push_back(kBytes[i]);
      return true;
    }
    unsigned code, low;
    if (c != 'u' || !Hex(&code)) return false;
    if (code >= 0xd800 && code < 0xe000) {
      const size_t here = at_;
      if (code < 0xdc00 && text_.substr(at_, 2) == "\\u" && (at_ += 2, Hex(&low)) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = here;
        code = 0xfffd;
      }
    }
    Utf8(code, out);
    return true;
  }

  bool Hex(unsigned* code) {
    if (text_.size() - at_ < 4) return false;
    *code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_ + i];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      *code = *code * 16 + digit;
    }
    at_ += 4;
    return true;
  }

  static void Utf8(unsigned code, std::string* out) {
    auto add = [out](unsigned byte) { out->push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xc0 | code >> 6);
      add(0x80 | (code & 63));
    } else if (code < 0x10000) {
      add(0xe0 | code >> 12);
      add(0x80 | (code >> 6 & 63));
      add(0x80 | (code & 63));
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 63));
      add(0x80 | (code >> 6 & 63));
      add(0x80 | (code & 63));
    }
  }

  bool Digits() {
    const size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
  }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(Bytes word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void Blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  Bytes text_;
  size_t at_ = 0;
};

}  // namespace

const char* WriteJson(const Value& value, JsonStyle style, std::string* out, int depth) {
  const bool exact = style == JsonStyle::kExact;
  switch (value.kind()) {
    case Value::Kind::kNone:
      out->append("null");
      return nullptr;
    case Value::Kind::kBool:
      out->append(value.boolean() ? "true" : "false");
      return nullptr;
    case Value::Kind::kNumber: {
      if (exact && !std::isfinite(value.number())) return "a number that is not finite has no JSON";
      char buffer[kNumberText];
      out->append(NumberText(value.number(), buffer));
      return nullptr;
    }
    case Value::Kind::kBytes:
      WriteString(value.bytes(), out);
      return nullptr;
    case Value::Kind::kList:
    case Value::Kind::kDict:
      break;
  }
  if (depth == kMaxNesting) {
    if (exact) return "nested too deeply";
    out->append("...");
    return nullptr;
  }
  bool first = true;
  if (value.is_list()) {
    out->push_back('[');
    for (const Value& item : value.items()) {
      if (!std::exchange(first, false)) out->push_back(',');
      if (const char* bad = WriteJson(item, style, out, depth + 1)) return bad;
    }
    out->push_back(']');
  } else {
    out->push_back('{');
    for (const auto& [key, item] : value.entries()) {
      if (!std::exchange(first, false)) out->push_back(',');
      WriteString(key, out);
      out->push_back(':');
      if (const char* bad = WriteJson(item, style, out, depth + 1)) return bad;
    }
    out->push_back('}');
  }
  return nullptr;
}

bool ReadJson(Bytes text, Value* out) { return Reader(text).Document(out); }

}  // namespace dualis::script
