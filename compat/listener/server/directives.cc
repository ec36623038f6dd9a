#include "compat/listener/server/directives.h"

#include <algorithm>

#include "dualis/args.h"
#include "engine/resp/request_parser.h"

namespace dualis::server {
namespace {

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 'a' - 'A');
  }
  return text;
}

std::string Trim(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string Quoted(const std::string& word) {
  std::string quoted = "\"";
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string Directive::Joined() const {
  std::string joined;
  for (const std::string& value : values) {
    if (!joined.empty()) joined += ' ';
    joined += value;
  }
  return joined;
}

bool ParseDirectives(const std::string& text, std::vector<Directive>* directives, BadDirective* bad) {
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = Trim(text.substr(at, end - at));
    at = end + 1;
    ++number;
    if (line.empty() || line[0] == '#') continue;
    // The quoting rules are those of inline commands, and so is who knows them. A line that starts with a star would be
    // something else there, but it is no directive either.
    resp::RequestParser parser;
    parser.Feed(" " + line + "\n");
    const auto state = parser.Next();
    if (state != resp::RequestParser::State::kCommand) {
      *bad = {line, number, "Unbalanced quotes in configuration line"};
      return false;
    }
    Directive directive{.line = line, .number = number};
    for (const Arg& word : parser.args()) directive.values.emplace_back(word.bytes);
    directive.name = Lower(directive.values.front());
    directive.values.erase(directive.values.begin());
    directives->push_back(std::move(directive));
  }
  return true;
}

std::string LinesOfWords(const std::vector<std::string>& words) {
  std::string lines;
  for (const std::string& word : words) {
    if (word.starts_with("--")) {
      lines += '\n' + word.substr(2);
    } else {
      lines += ' ' + Quoted(word);
    }
  }
  return lines + '\n';
}

}  // namespace dualis::server
