// The reader of the hiredis ABI against a parser that is obviously right and slow: it has all bytes, looks for line
// ends one by one, and calls itself for what is nested. The reader gets the same bytes in portions. What they make of
// them, errors and their texts included, must be the same; with functions of the program, and without.
#include <hiredis/dualis.h>
#include <hiredis/hiredis.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "engine/core/rng.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr int kDepth = 6;
constexpr long long kElements = 40;

// The slow parser. Values are printed as Print() below prints replies.
class Slow {
 public:
  explicit Slow(const std::string& input) : input_(input) {}

  // Replies and the error, if there is one.
  std::string All() {
    std::string all;
    std::string value;
    while (Value(0, true, &value)) all += value + "; ";
    return all + error_;
  }

 private:
  // False: bytes are missing, or error_ is set.
  bool Fail(const std::string& text) {
    error_ = "! " + text;
    return false;
  }
  bool Line(std::string* line) {
    for (size_t i = at_; i + 1 < input_.size(); ++i) {
      if (input_[i] != '\r' || input_[i + 1] != '\n') continue;
      *line = input_.substr(at_, i - at_);
      at_ = i + 2;
      return true;
    }
    return false;
  }
  static std::optional<long long> Integer(const std::string& s) {
    const std::string digits = !s.empty() && s[0] == '-' ? s.substr(1) : s;
    if (digits.empty() || digits.size() > 19 || digits.find_first_not_of("0123456789") != std::string::npos) return {};
    if (digits[0] == '0' && s != "0") return {};
    unsigned long long n = 0;
    for (const char c : digits) n = n * 10 + static_cast<unsigned>(c - '0');
    const bool minus = s[0] == '-';
    if (n > 9223372036854775807ULL + (minus ? 1 : 0)) return {};
    return minus ? static_cast<long long>(-n) : static_cast<long long>(n);
  }
  // The text has the form of a double, and is one that a double can hold.
  static bool Double(const std::string& s) {
    std::string lower;
    for (const char c : s) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower == "inf" || lower == "-inf" || lower == "nan" || lower == "-nan") return true;
    size_t i = lower.empty() || lower[0] != '-' ? 0 : 1;
    const auto digits = [&](bool* nonzero) {
      size_t n = 0;
      for (; i < lower.size() && lower[i] >= '0' && lower[i] <= '9'; ++i, ++n) *nonzero |= lower[i] != '0';
      return n;
    };
    bool nonzero = false, ignored = false;
    size_t n = digits(&nonzero);
    if (i < lower.size() && lower[i] == '.') {
      ++i;
      n += digits(&nonzero);
    }
    if (n == 0) return false;
    if (i < lower.size() && lower[i] == 'e') {
      ++i;
      if (i < lower.size() && (lower[i] == '+' || lower[i] == '-')) ++i;
      if (digits(&ignored) == 0) return false;
    }
    if (i != lower.size()) return false;
    const double value = std::strtod(lower.c_str(), nullptr);
    return !std::isinf(value) && (value != 0 || !nonzero);
  }

  // `depth`: open aggregates around. Attributes inside are read and forgotten.
  bool Value(int depth, bool outermost, std::string* out) {
    if (at_ >= input_.size()) return false;
    const size_t begin = at_;
    const char type = input_[at_++];
    std::string line;
    switch (type) {
      case '+':
      case '-':
        if (!Line(&line)) break;
        if (line.find_first_of("\r\n") != std::string::npos) return Fail("Bad simple string value");
        *out = type + line;
        return true;
      case ':': {
        if (!Line(&line)) break;
        const auto n = Integer(line);
        if (!n) return Fail("Bad integer value");
        *out = ":" + std::to_string(*n);
        return true;
      }
      case ',':
        if (!Line(&line)) break;
        if (line.size() > 325) return Fail("Double value is too large");
        if (!Double(line)) return Fail("Bad double value");
        *out = "," + line;
        return true;
      case '_':
        if (!Line(&line)) break;
        if (!line.empty()) return Fail("Bad nil value");
        *out = "nil";
        return true;
      case '#':
        if (!Line(&line)) break;
        if (line.size() != 1 || std::strchr("tTfF", line[0]) == nullptr) return Fail("Bad bool value");
        *out = line == "t" || line == "T" ? "#t" : "#f";
        return true;
      case '(': {
        if (!Line(&line)) break;
        const std::string digits = !line.empty() && line[0] == '-' ? line.substr(1) : line;
        if (digits.find_first_not_of("0123456789") != std::string::npos) return Fail("Bad bignum value");
        *out = "(" + line;
        return true;
      }
      case '$':
      case '=': {
        if (!Line(&line)) break;
        const auto n = Integer(line);
        if (!n) return Fail("Bad bulk string length");
        // No address space holds the half of it.
        if (*n < -1 || *n > 9223372036854775807 / 2) return Fail("Bulk string length out of range");
        if (*n == -1) {
          *out = "nil";
          return true;
        }
        if (static_cast<unsigned long long>(*n) + 2 > input_.size() - at_) break;
        const std::string text = input_.substr(at_, static_cast<size_t>(*n));
        at_ += text.size() + 2;
        if (type == '=' && (text.size() < 4 || text[3] != ':')) {
          return Fail("Verbatim string 4 bytes of content type are missing or incorrectly encoded.");
        }
        *out = type + text;
        return true;
      }
      case '*':
      case '%':
      case '~':
      case '>':
      case '|': {
        if (!Line(&line)) break;
        const auto n = Integer(line);
        if (!n) return Fail("Bad multi-bulk length");
        if (*n < -1 || *n > kElements) return Fail("Multi-bulk length out of range");
        if (*n == -1) {
          *out = "nil";
          return true;
        }
        if (depth >= kDepth) return Fail("Max nesting depth exceeded");
        std::string whole = type + std::string("[");
        const long long elements = type == '%' || type == '|' ? *n * 2 : *n;
        for (long long i = 0; i < elements; ++i) {
          std::string element;
          if (!Value(depth + 1, false, &element)) {
            at_ = begin;
            return false;
          }
          whole += element + " ";
        }
        if (type == '|' && !outermost) {
          if (Value(depth, false, out)) return true;
          break;
        }
        *out = whole + "]";
        return true;
      }
      default:
        return BadType(type);
    }
    at_ = begin;
    return false;
  }

  bool BadType(char type) {
    std::string shown;
    switch (type) {
      case '\n':
        shown = "\\n";
        break;
      case '\r':
        shown = "\\r";
        break;
      case '\t':
        shown = "\\t";
        break;
      case '\a':
        shown = "\\a";
        break;
      case '\b':
        shown = "\\b";
        break;
      case '"':
      case '\\':
        shown = std::string("\\") + type;
        break;
      default: {
        char hex[8];
        std::snprintf(hex, sizeof(hex), "\\x%02x", static_cast<unsigned char>(type));
        shown = type >= 32 && type < 127 ? std::string(1, type) : hex;
      }
    }
    return Fail("Protocol error, got \"" + shown + "\" as reply type byte");
  }

  const std::string& input_;
  size_t at_ = 0;
  std::string error_;
};

std::string Print(const redisReply* r) {
  const std::string text(r->str == nullptr ? "" : r->str, r->str == nullptr ? 0 : r->len);
  const auto aggregate = [r](const char* open) {
    std::string all = open;
    for (size_t i = 0; i < r->elements; ++i) all += Print(r->element[i]) + " ";
    return all + "]";
  };
  switch (r->type) {
    case REDIS_REPLY_STATUS:
      return "+" + text;
    case REDIS_REPLY_ERROR:
      return "-" + text;
    case REDIS_REPLY_INTEGER:
      return ":" + std::to_string(r->integer);
    case REDIS_REPLY_DOUBLE:
      return "," + text;
    case REDIS_REPLY_NIL:
      return "nil";
    case REDIS_REPLY_BOOL:
      return r->integer != 0 ? "#t" : "#f";
    case REDIS_REPLY_BIGNUM:
      return "(" + text;
    case REDIS_REPLY_STRING:
      return "$" + text;
    case REDIS_REPLY_VERB:
      return "=" + std::string(r->vtype, 3) + ":" + text;
    case REDIS_REPLY_ARRAY:
      return aggregate("*[");
    case REDIS_REPLY_MAP:
      return aggregate("%[");
    case REDIS_REPLY_SET:
      return aggregate("~[");
    case REDIS_REPLY_PUSH:
      return aggregate(">[");
    case REDIS_REPLY_ATTR:
      return aggregate("|[");
    default:
      return "?";
  }
}

// Which functions the reader has: the default ones, for which it has a path of its own, and with whole replies in
// blocks; a copy of these; none.
enum class Functions { kDefault, kCompact, kCopied, kNone };

// The reader's result on the input in portions; without functions, only how many replies there are.
std::string Read(const std::string& input, uint64_t seed, Functions functions, size_t* count) {
  const bool typed = functions != Functions::kNone;
  redisReader* reader = typed ? redisReaderCreate() : redisReaderCreateWithFunctions(nullptr);
  redisReplyObjectFunctions copy = {};
  if (functions == Functions::kCompact) dualisReaderSetCompact(reader, 1);
  if (functions == Functions::kCopied) {
    copy = *reader->fn;
    reader->fn = &copy;
  }
  reader->maxdepth = kDepth;
  reader->maxelements = kElements;
  dualis::Rng rng(seed);
  std::string all;
  *count = 0;
  for (size_t at = 0; at < input.size();) {
    const size_t portion = std::min(input.size() - at, 1 + rng.Uniform(rng.Uniform(4) == 0 ? 4096 : 7));
    // A copy of exactly this size, so that a sanitizer sees any step beyond.
    const std::vector<char> bytes(input.begin() + static_cast<long>(at),
                                  input.begin() + static_cast<long>(at + portion));
    at += portion;
    if (redisReaderFeed(reader, bytes.data(), bytes.size()) != REDIS_OK) break;
    void* reply = nullptr;
    while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply != nullptr) {
      ++*count;
      if (!typed) continue;
      all += Print(static_cast<redisReply*>(reply)) + "; ";
      freeReplyObject(reply);
    }
    if (reader->err != 0) break;
  }
  if (reader->err != 0) all += std::string("! ") + reader->errstr;
  redisReaderFree(reader);
  return all;
}

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  return {
      "+OK\r\n-ERR x\r\n:-12\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n_\r\n%-1\r\n=-1\r\n",
      "*0\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n%1\r\n+k\r\n~1\r\n#t\r\n>1\r\n#F\r\n|1\r\n+a\r\n+b\r\n",
      ",1.5\r\n,-inf\r\n,.5\r\n,5.\r\n,1e-400\r\n(-123\r\n(\r\n=7\r\ntxt:hey\r\n",
      "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
      "*2\r\n|1\r\n+a\r\n*1\r\n|0\r\n+b\r\n:1\r\n*1\r\n|1\r\n+c\r\n+d\r\n|1\r\n+e\r\n+f\r\n:2\r\n:3\r\n",
      "*40\r\n*41\r\n$9223372036854775807\r\n:9223372036854775808\r\n:-9223372036854775808\r\n+a\rb\r\n\x01",
      ",1" + std::string(330, '0') + "\r\n!3\r\nabc\r\n$?\r\n;1\r\n",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint64_t seed = data[0];
  const std::string input(reinterpret_cast<const char*>(data), size);
  size_t replies = 0, same = 0;
  const std::string want = Slow(input).All();
  const std::string got = Read(input, seed, Functions::kDefault, &replies);
  if (got != want) std::fprintf(stderr, "reader: %s\nslow:   %s\n", got.c_str(), want.c_str());
  dualis::fuzz::Check(got == want, "the reader and the slow parser differ");
  dualis::fuzz::Check(Read(input, seed + 3, Functions::kCompact, &same) == want, "compact replies differ");
  dualis::fuzz::Check(Read(input, seed + 2, Functions::kCopied, &same) == want, "a copied table makes a difference");
  Read(input, seed + 1, Functions::kNone, &same);
  dualis::fuzz::Check(same == replies, "without functions there are more or fewer replies");
  return 0;
}
