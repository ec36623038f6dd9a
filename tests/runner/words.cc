#include "tests/runner/words.h"

#include <charconv>
#include <stdexcept>

namespace dualis::cases {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Appends the byte that the escape at text[*pos] == '\\' stands for.
void AppendEscaped(std::string_view text, size_t* pos, std::string* out) {
  if (*pos + 1 >= text.size()) throw std::invalid_argument("a backslash ends the text");
  const char c = text[*pos + 1];
  if (c == 'x') {
    if (*pos + 3 >= text.size() || HexDigit(text[*pos + 2]) < 0 || HexDigit(text[*pos + 3]) < 0) {
      throw std::invalid_argument("\\x needs two hexadecimal digits");
    }
    out->push_back(static_cast<char>(HexDigit(text[*pos + 2]) * 16 + HexDigit(text[*pos + 3])));
    *pos += 4;
    return;
  }
  switch (c) {
    case 'n':
      out->push_back('\n');
      break;
    case 'r':
      out->push_back('\r');
      break;
    case 't':
      out->push_back('\t');
      break;
    case 'a':
      out->push_back('\a');
      break;
    case 'b':
      out->push_back('\b');
      break;
    default:
      out->push_back(c);
  }
  *pos += 2;
}

bool Blank(char c) { return c == ' ' || c == '\t'; }

int64_t Number(std::string_view text) {
  int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("'" + std::string(text) + "' is not a number");
  }
  return n;
}

// Expands $name(a,b,...), or returns false if `word` is not of that form.
bool ExpandMacro(std::string_view word, std::vector<std::string>* out) {
  if (word.size() < 3 || word[0] != '$' || word.back() != ')') return false;
  const size_t open = word.find('(');
  if (open == std::string_view::npos) return false;
  const std::string_view name = word.substr(1, open - 1);
  std::vector<std::string> args(1);
  for (char c : word.substr(open + 1, word.size() - open - 2)) {
    if (c == ',') {
      args.emplace_back();
    } else {
      args.back().push_back(c);
    }
  }
  if (name == "rep" && args.size() == 2) {
    std::string text;
    for (int64_t i = Number(args[1]); i > 0; --i) text += args[0];
    out->push_back(std::move(text));
  } else if (name == "seq" && args.size() == 3) {
    const int64_t last = Number(args[2]);
    for (int64_t i = Number(args[1]); i <= last; ++i) out->push_back(args[0] + std::to_string(i));
  } else if (name == "pairs" && args.size() == 4) {
    const int64_t last = Number(args[3]);
    for (int64_t i = Number(args[2]); i <= last; ++i) {
      out->push_back(args[0] + std::to_string(i));
      out->push_back(args[1] + std::to_string(i));
    }
  } else if (name == "client" && args.size() == 1) {
    return false;  // known only to a replay
  } else {
    throw std::invalid_argument("unknown macro " + std::string(word));
  }
  return true;
}

}  // namespace

std::vector<std::string> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  size_t pos = 0;
  while (true) {
    while (pos < line.size() && Blank(line[pos])) ++pos;
    if (pos == line.size()) return words;
    if (line[pos] == '"') {
      words.push_back(UnquoteAt(line, &pos));
    } else if (line[pos] == '\'') {
      std::string word;
      for (++pos; pos < line.size() && line[pos] != '\''; ++pos) {
        if (line[pos] == '\\' && pos + 1 < line.size() && line[pos + 1] == '\'') ++pos;
        word.push_back(line[pos]);
      }
      if (pos == line.size()) throw std::invalid_argument("a single quote is not closed");
      ++pos;
      words.push_back(std::move(word));
    } else {
      const size_t begin = pos;
      while (pos < line.size() && !Blank(line[pos])) ++pos;
      const std::string_view word = line.substr(begin, pos - begin);
      if (!ExpandMacro(word, &words)) words.emplace_back(word);
      continue;
    }
    if (pos < line.size() && !Blank(line[pos])) throw std::invalid_argument("text directly behind a closing quote");
  }
}

std::string Escape(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\\':
        out += "\\\\";
        break;
      default: {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f) {
          out.push_back(c);
        } else {
          out += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
        }
      }
    }
  }
  // A blank at the end of a line is invisible, and lost in some editors.
  if (!out.empty() && out.back() == ' ') out.replace(out.size() - 1, 1, "\\x20");
  return out;
}

std::string Unescape(std::string_view text) {
  std::string out;
  size_t pos = 0;
  while (pos < text.size()) {
    if (text[pos] == '\\') {
      AppendEscaped(text, &pos, &out);
    } else {
      out.push_back(text[pos++]);
    }
  }
  return out;
}

std::string Quote(std::string_view bytes) {
  std::string out = "\"";
  for (char c : Escape(bytes)) {
    if (c == '"') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string UnquoteAt(std::string_view text, size_t* pos) {
  std::string out;
  ++*pos;
  while (*pos < text.size() && text[*pos] != '"') {
    if (text[*pos] == '\\') {
      AppendEscaped(text, pos, &out);
    } else {
      out.push_back(text[(*pos)++]);
    }
  }
  if (*pos >= text.size()) throw std::invalid_argument("a double quote is not closed");
  ++*pos;
  return out;
}

}  // namespace dualis::cases
