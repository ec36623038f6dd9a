#include "engine/lua/puc_source.h"

#include <algorithm>
#include <vector>

namespace dualis::lua {
namespace {

enum class Kind : uint8_t { kName, kString, kNumber, kSymbol, kEnd };

struct Token {
  Kind kind;
  size_t at;
  size_t size;
};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Splits a text into tokens; gives up (false) at what cannot be Lua.
class Lexer {
 public:
  explicit Lexer(Bytes code) : code_(code) {}

  bool Run(std::vector<Token>* tokens) {
    for (;;) {
      if (!SkipBlanks()) return false;
      const size_t at = at_;
      if (at == code_.size()) {
        tokens->push_back({Kind::kEnd, at, 0});
        return true;
      }
      Kind kind = Kind::kSymbol;
      const char c = code_[at];
      if (c == '"' || c == '\'') {
        kind = Kind::kString;
        if (!Quoted(c)) return false;
      } else if (c == '[' && LongOpening() != kNoLevel) {
        kind = Kind::kString;
        if (!LongText()) return false;
      } else if ((c >= '0' && c <= '9') || (c == '.' && Peek(1) >= '0' && Peek(1) <= '9')) {
        kind = Kind::kNumber;
        Number();
      } else if (IsNameByte(c)) {
        kind = Kind::kName;
        while (at_ < code_.size() && IsNameByte(code_[at_])) ++at_;
      } else if (code_.substr(at, 3) == "...") {
        at_ += 3;
      } else if (const Bytes two = code_.substr(at, 2);
                 two == ".." || two == "==" || two == "~=" || two == "<=" || two == ">=") {
        at_ += 2;
      } else {
        ++at_;
      }
      tokens->push_back({kind, at, at_ - at});
    }
  }

 private:
  static constexpr size_t kNoLevel = SIZE_MAX;

  char Peek(size_t ahead) const { return at_ + ahead < code_.size() ? code_[at_ + ahead] : '\0'; }

  bool SkipBlanks() {
    while (at_ < code_.size()) {
      const char c = code_[at_];
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        ++at_;
      } else if (c == '-' && Peek(1) == '-') {
        at_ += 2;
        if (Peek(0) == '[' && LongOpening() != kNoLevel) {
          if (!LongText()) return false;
        } else {
          at_ = std::min(code_.find('\n', at_), code_.size());
        }
      } else {
        break;
      }
    }
    return true;
  }

  bool Quoted(char quote) {
    for (++at_; at_ < code_.size(); ++at_) {
      if (code_[at_] == '\\') {
        ++at_;
      } else if (code_[at_] == quote) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  // The number of '=' in "[==[", or kNoLevel.
  size_t LongOpening() const {
    size_t level = 0;
    while (Peek(1 + level) == '=') ++level;
    return Peek(1 + level) == '[' ? level : kNoLevel;
  }

  bool LongText() {
    const std::string close = "]" + std::string(LongOpening(), '=') + "]";
    const size_t found = code_.find(close, at_ + close.size());
    if (found == Bytes::npos) return false;
    at_ = found + close.size();
    return true;
  }

  void Number() {
    while (at_ < code_.size()) {
      const char c = code_[at_];
      const char before = at_ > 0 ? code_[at_ - 1] : '\0';
      const bool sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');
      if (!IsNameByte(c) && c != '.' && !sign) break;
      // "1..x" is a concatenation.
      if (c == '.' && Peek(1) == '.') break;
      ++at_;
    }
  }

  Bytes code_;
  size_t at_ = 0;
};

// How many results a library function has.
enum class Results { kNotOurs, kOne, kAny };

template <size_t N>
bool IsOneOf(Bytes name, const Bytes (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr Bytes kLibraries[] = {"redis",  "cjson", "cmsgpack", "struct",    "bit",
                                "string", "table", "math",     "coroutine", "os"};
constexpr Bytes kOneResult[] = {"error",  "tonumber", "tostring",     "type",         "rawget",
                                "rawset", "rawequal", "setmetatable", "getmetatable", "collectgarbage"};
constexpr Bytes kAnyResults[] = {"assert", "select",     "unpack", "next",   "pcall",
                                 "xpcall", "loadstring", "load",   "ipairs", "pairs"};
constexpr Bytes kSeveral[] = {"find",       "match",        "gmatch", "gfind", "gsub",   "byte",    "unpack",
                              "unpack_one", "unpack_limit", "modf",   "frexp", "resume", "running", "yield"};
constexpr Bytes kStringMethods[] = {"byte",  "find",  "format", "gmatch",  "gfind", "gsub", "len",
                                    "lower", "match", "rep",    "reverse", "sub",   "upper"};

Results OfLibrary(Bytes function) { return IsOneOf(function, kSeveral) ? Results::kAny : Results::kOne; }

Results OfBase(Bytes function) {
  if (IsOneOf(function, kOneResult)) return Results::kOne;
  return IsOneOf(function, kAnyResults) ? Results::kAny : Results::kNotOurs;
}

class Rewriter {
 public:
  Rewriter(Bytes code, const std::vector<Token>& tokens) : code_(code), tokens_(tokens) {}

  std::string Run() {
    FindAliases();
    const bool mentions_arg = Mentions("arg");
    for (size_t i = 0; tokens_[i].kind != Kind::kEnd; ++i) {
      if (Is(i, "return") && !Is(i - 1, ".") && !Is(i - 1, ":")) TailCall(i + 1);
      if (mentions_arg && Is(i, "function")) VarargTable(i + 1);
      if (tokens_[i].kind == Kind::kString && code_[tokens_[i].at] != '[') Escapes(tokens_[i]);
    }
    if (changes_.empty()) return std::string(code_);
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
    std::string out;
    size_t copied = 0;
    for (const Change& change : changes_) {
      out.append(code_, copied, change.at - copied).append(change.text);
      copied = change.at + change.dropped;
    }
    return out.append(code_, copied);
  }

 private:
  struct Change {
    size_t at;
    Bytes text;          // comes in
    size_t dropped = 0;  // bytes of the code that go
  };
  struct Alias {
    Bytes name;
    Results results;
  };

  Bytes Text(size_t i) const { return i < tokens_.size() ? code_.substr(tokens_[i].at, tokens_[i].size) : Bytes(); }
  bool Is(size_t i, Bytes text) const {
    return i < tokens_.size() && tokens_[i].kind != Kind::kString && Text(i) == text;
  }
  bool IsName(size_t i) const { return i < tokens_.size() && tokens_[i].kind == Kind::kName; }

  bool Mentions(Bytes name) const {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (IsName(i) && Is(i, name) && !(i > 0 && Is(i - 1, "."))) return true;
    }
    return false;
  }

  // local call = redis.call
  void FindAliases() {
    for (size_t i = 0; i + 4 < tokens_.size(); ++i) {
      if (!Is(i, "local") || !IsName(i + 1) || !Is(i + 2, "=") || !IsOneOf(Text(i + 3), kLibraries)) continue;
      if (Is(i + 4, ".") && IsName(i + 5) && !Is(i + 6, "(") && !Is(i + 6, ".")) {
        aliases_.push_back({Text(i + 1), OfLibrary(Text(i + 5))});
      }
    }
  }

  Results OfName(Bytes name) const {
    for (const Alias& alias : aliases_) {
      if (alias.name == name) return alias.results;
    }
    return OfBase(name);
  }

  // The token after the bracket that closes the one at `i`.
  size_t AfterBracket(size_t i) const {
    int depth = 0;
    for (; tokens_[i].kind != Kind::kEnd; ++i) {
      if (tokens_[i].kind != Kind::kSymbol) continue;
      const char c = code_[tokens_[i].at];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if ((c == ')' || c == ']' || c == '}') && --depth == 0) return i + 1;
    }
    return i;
  }

  // `i` is the first token after "return".
  void TailCall(size_t i) {
    const size_t first = i;
    if (Is(i, "(")) {
      i = AfterBracket(i);
    } else if (IsName(i)) {
      ++i;
    } else if (tokens_[i].kind == Kind::kString) {
      return;
    }
    // The callee of the last call: [callee, call).
    Results results = Results::kNotOurs;
    for (;;) {
      if (Is(i, "(") || Is(i, "{") || (i < tokens_.size() && tokens_[i].kind == Kind::kString)) {
        results = Callee(first, i);
        i = tokens_[i].kind == Kind::kString ? i + 1 : AfterBracket(i);
      } else if ((Is(i, ".") || Is(i, ":")) && IsName(i + 1)) {
        results = Results::kNotOurs;
        i += 2;
      } else if (Is(i, "[")) {
        results = Results::kNotOurs;
        i = AfterBracket(i);
      } else {
        break;
      }
    }
    if (results == Results::kNotOurs) return;
    constexpr Bytes kEnds[] = {"end", "else", "elseif", "until", ";"};
    if (tokens_[i].kind != Kind::kEnd && !IsOneOf(Text(i), kEnds)) return;
    const size_t end = tokens_[i - 1].at + tokens_[i - 1].size;
    changes_.push_back({tokens_[first].at, results == Results::kOne ? Bytes("(") : Bytes("select(1,")});
    changes_.push_back({end, ")"});
  }

  // What the call at token `call` calls, if the whole expression began at `first`.
  Results Callee(size_t first, size_t call) const {
    if (call == first + 1) return OfName(Text(first));
    if (call == first + 3 && Is(first + 1, ".") && IsOneOf(Text(first), kLibraries)) return OfLibrary(Text(first + 2));
    if (call >= 2 && Is(call - 2, ":") && IsOneOf(Text(call - 1), kStringMethods)) return OfLibrary(Text(call - 1));
    return Results::kNotOurs;
  }

  // `i` is the first token after "function".
  void VarargTable(size_t i) {
    while (IsName(i) || Is(i, ".") || Is(i, ":")) ++i;
    if (!Is(i, "(")) return;
    const size_t after = AfterBracket(i);
    if (after < 2 || !Is(after - 2, "...")) return;
    changes_.push_back({tokens_[after - 1].at + 1, " local arg={n=select('#',...),...}"});
  }

  // The backslash of an escape that PUC Lua does not know goes: what is behind it stands for itself.
  void Escapes(const Token& text) {
    for (size_t at = text.at + 1; at < text.at + text.size; ++at) {
      if (code_[at] != '\\') continue;
      ++at;
      if (Bytes("abfnrtv\\\"'\r\n0123456789").find(code_[at]) == Bytes::npos) changes_.push_back({at - 1, {}, 1});
    }
  }

  Bytes code_;
  const std::vector<Token>& tokens_;
  std::vector<Alias> aliases_;
  std::vector<Change> changes_;
};

}  // namespace

std::string PucSource(Bytes code) {
  std::vector<Token> tokens;
  if (!Lexer(code).Run(&tokens)) return std::string(code);
  return Rewriter(code, tokens).Run();
}

}  // namespace dualis::lua
