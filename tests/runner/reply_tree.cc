#include "tests/runner/reply_tree.h"

#include <charconv>
#include <stdexcept>
#include <utility>

#include "tests/runner/words.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

constexpr std::pair<Kind, std::string_view> kKindNames[] = {
    {Kind::kStatus, "status"}, {Kind::kError, "error"}, {Kind::kInteger, "integer"}, {Kind::kBulk, "bulk"},
    {Kind::kDouble, "double"}, {Kind::kBool, "bool"},   {Kind::kBigNumber, "big"},   {Kind::kVerbatim, "verbatim"},
    {Kind::kArray, "array"},   {Kind::kSet, "set"},     {Kind::kMap, "map"},         {Kind::kPush, "push"},
};

// The forms without parameters.
constexpr std::pair<Kind, std::string_view> kFixed[] = {
    {Kind::kNull, "(nil)"},        {Kind::kNullArray, "(nil array)"}, {Kind::kBlocked, "(blocked)"},
    {Kind::kNothing, "(nothing)"}, {Kind::kClosed, "(closed)"},       {Kind::kAny, "(any)"},
    {Kind::kRest, "..."},          {Kind::kArray, "(empty array)"},   {Kind::kSet, "(empty set)"},
    {Kind::kMap, "(empty map)"},   {Kind::kPush, "(empty push)"},
};

std::string_view KindName(Kind kind) {
  for (const auto& [k, name] : kKindNames) {
    if (k == kind) return name;
  }
  return "?";
}

Kind KindOfName(std::string_view name) {
  for (const auto& [kind, n] : kKindNames) {
    if (n == name) return kind;
  }
  throw std::invalid_argument("unknown kind of reply '" + std::string(name) + "'");
}

char Marker(Kind kind) {
  switch (kind) {
    case Kind::kSet:
      return '~';
    case Kind::kMap:
      return '#';
    case Kind::kPush:
      return '!';
    default:
      return ')';
  }
}

Kind KindOfMarker(char c) {
  switch (c) {
    case '~':
      return Kind::kSet;
    case '#':
      return Kind::kMap;
    case '!':
      return Kind::kPush;
    default:
      return Kind::kArray;
  }
}

bool IsWordChar(char c, bool first) {
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return !first && ((c >= '0' && c <= '9') || c == '_' || c == '-');
}

bool IsPlainWord(std::string_view text) {
  if (text.empty() || text == "case") return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsWordChar(text[i], i == 0)) return false;
  }
  return true;
}

std::string PrintScalar(const ReplyTree& r) {
  switch (r.kind) {
    case Kind::kStatus:
      return IsPlainWord(r.text) ? r.text : "(status) " + Quote(r.text);
    case Kind::kError:
      return "(error) " + Escape(r.text);
    case Kind::kInteger:
      return std::to_string(r.integer);
    case Kind::kBulk:
      return Quote(r.text);
    case Kind::kDouble:
      return "(double) " + r.text;
    case Kind::kBool:
      return r.integer ? "(true)" : "(false)";
    case Kind::kBigNumber:
      return "(big) " + r.text;
    case Kind::kVerbatim:
      return "(verbatim " + r.extra + ") " + Quote(r.text);
    case Kind::kAnyOf:
      return "(any " + std::string(KindName(r.of)) + ")";
    case Kind::kBetween:
      return "(between " + r.text + " " + r.extra + ")";
    case Kind::kNumber:
      return "(number " + r.text + ")";
    case Kind::kMatch:
      return "(match " + std::string(KindName(r.of)) + ") " + r.text;
    default:
      for (const auto& [kind, text] : kFixed) {
        if (kind == r.kind) return std::string(text);
      }
      return "?";
  }
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& lines) : lines_(lines) {}

  ReplyTree Whole() {
    ReplyTree reply = Value(0);
    if (line_ != lines_.size()) Fail("more lines than the reply needs");
    return reply;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    const std::string where = line_ < lines_.size() ? lines_[line_] : "(end)";
    throw std::invalid_argument(what + ", at: " + where);
  }

  // The length of "12) " at `column` of the current line, or 0; *marker receives its punctuation.
  size_t Prefix(size_t column, size_t index, char* marker) const {
    const std::string& line = lines_[line_];
    const std::string number = std::to_string(index);
    if (line.size() < column + number.size() + 2 || line.compare(column, number.size(), number) != 0) return 0;
    const char c = line[column + number.size()];
    if ((c != ')' && c != '~' && c != '#' && c != '!') || line[column + number.size() + 1] != ' ') return 0;
    *marker = c;
    return number.size() + 2;
  }

  // The value that starts at `column` of the current line; afterwards the current line is the one behind it.
  ReplyTree Value(size_t column) {
    if (line_ >= lines_.size()) Fail("a reply is missing");
    char marker = 0;
    if (Prefix(column, 1, &marker) == 0) {
      size_t pos = column;
      ReplyTree reply = Scalar(&pos, false);
      if (pos != lines_[line_].size()) Fail("text behind the value");
      ++line_;
      return reply;
    }
    ReplyTree reply = ReplyTree::Of(KindOfMarker(marker));
    for (size_t index = 1; line_ < lines_.size(); ++index) {
      if (index > 1 && lines_[line_].find_first_not_of(' ') < column) break;
      if (lines_[line_].compare(column, std::string::npos, "...") == 0) {
        reply.children.push_back(ReplyTree::Of(Kind::kRest));
        ++line_;
        break;
      }
      char this_marker = 0;
      const size_t length = Prefix(column, index, &this_marker);
      if (length == 0 || this_marker != marker) Fail("expected element " + std::to_string(index));
      size_t at = column + length;
      if (marker == '#') {
        reply.children.push_back(Scalar(&at, true));
        if (lines_[line_].compare(at, 4, " => ") != 0) Fail("expected ' => ' behind a map's key");
        at += 4;
      }
      reply.children.push_back(Value(at));
    }
    return reply;
  }

  ReplyTree Scalar(size_t* pos, bool is_key) {
    const std::string& line = lines_[line_];
    if (*pos < line.size() && line[*pos] == '"') return ReplyTree::Bulk(UnquoteAt(line, pos));
    const size_t arrow = is_key ? line.find(" => ", *pos) : std::string::npos;
    const std::string_view text =
        std::string_view(line).substr(*pos, arrow == std::string::npos ? arrow : arrow - *pos);
    *pos += text.size();
    for (const auto& [kind, fixed] : kFixed) {
      if (text == fixed) return ReplyTree::Of(kind);
    }
    if (text == "(true)" || text == "(false)") return ReplyTree::Bool(text == "(true)");
    if (IsPlainWord(text)) return ReplyTree::Status(text);
    if (!text.empty() && text[0] == '(') return Parenthesised(text);
    int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size()) Fail("not a reply");
    return ReplyTree::Integer(n);
  }

  ReplyTree Parenthesised(std::string_view text) const {
    const size_t close = text.find(')');
    if (close == std::string_view::npos) Fail("a parenthesis is not closed");
    const std::vector<std::string> head = SplitWords(text.substr(1, close - 1));
    std::string_view tail = text.substr(close + 1);
    if (!tail.empty() && tail[0] == ' ') tail.remove_prefix(1);
    const std::string_view name = head.empty() ? std::string_view() : std::string_view(head[0]);
    if (head.size() == 1 && name == "error") return ReplyTree::Error(Unescape(tail));
    if (head.size() == 1 && name == "double") return ReplyTree::Double(tail);
    if (head.size() == 1 && name == "big") return {Kind::kBigNumber, Kind::kNull, std::string(tail)};
    if (head.size() == 2 && name == "match") return {Kind::kMatch, KindOfName(head[1]), std::string(tail)};
    size_t pos = 0;
    if (head.size() == 1 && name == "status" && !tail.empty() && tail[0] == '"') {
      ReplyTree reply = ReplyTree::Status(UnquoteAt(tail, &pos));
      if (pos == tail.size()) return reply;
    } else if (head.size() == 2 && name == "verbatim" && !tail.empty() && tail[0] == '"') {
      ReplyTree reply{Kind::kVerbatim, Kind::kNull, UnquoteAt(tail, &pos), head[1]};
      if (pos == tail.size()) return reply;
    } else if (tail.empty()) {
      if (head.size() == 2 && name == "any") return {Kind::kAnyOf, KindOfName(head[1])};
      if (head.size() == 3 && name == "between") return {Kind::kBetween, Kind::kNull, head[1], head[2]};
      if (head.size() == 2 && name == "number") return {Kind::kNumber, Kind::kNull, head[1]};
    }
    Fail("not a reply");
  }

  const std::vector<std::string>& lines_;
  size_t line_ = 0;
};

}  // namespace

std::vector<std::string> PrintReply(const ReplyTree& reply) {
  if (!reply.IsAggregate() || reply.children.empty()) return {PrintScalar(reply)};
  std::vector<std::string> lines;
  const size_t step = reply.kind == Kind::kMap ? 2 : 1;
  for (size_t i = 0; i < reply.children.size(); i += step) {
    if (reply.children[i].kind == Kind::kRest) {
      lines.push_back("...");
      break;
    }
    std::string head = std::to_string(i / step + 1) + Marker(reply.kind) + " ";
    if (step == 2) head += PrintScalar(reply.children[i]) + " => ";
    const std::string indent(head.size(), ' ');
    for (const std::string& line : PrintReply(reply.children[i + step - 1])) {
      lines.push_back(head + line);
      head = indent;
    }
  }
  return lines;
}

ReplyTree ParseReply(const std::vector<std::string>& lines) { return Parser(lines).Whole(); }

bool HasMatcher(const ReplyTree& reply) {
  if (reply.kind >= Kind::kAny) return true;
  for (const ReplyTree& child : reply.children) {
    if (HasMatcher(child)) return true;
  }
  return false;
}

}  // namespace dualis::cases
