#include "tests/runner/case_file.h"

#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/runner/words.h"

namespace dualis::cases {
namespace {

constexpr std::string_view kResp3Line = "resp3:";

struct Mark {
  bool is_step = false;
  char sign = 0;  // '>' or '<'
  int connection = 1;
  size_t length = 0;  // of the mark
};

// Recognises "> ", "2> " and "2<" at the start of a line.
Mark ReadMark(std::string_view line) {
  size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9') ++digits;
  if (digits >= line.size() || digits > 2) return {};
  const char sign = line[digits];
  if (sign != '>' && !(sign == '<' && digits > 0)) return {};
  Mark mark{true, sign, 1, digits + 1};
  if (digits > 0) std::from_chars(line.data(), line.data() + digits, mark.connection);
  return mark;
}

bool StartsWith(std::string_view line, std::string_view prefix) { return line.substr(0, prefix.size()) == prefix; }

bool EndsReply(std::string_view line) {
  return line.empty() || line[0] == '#' || line[0] == '@' || StartsWith(line, "case ") || ReadMark(line).is_step;
}

std::chrono::milliseconds ParseDuration(std::string_view text) {
  int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (error == std::errc() && unit == "ms") return std::chrono::milliseconds(n);
  if (error == std::errc() && unit == "s") return std::chrono::seconds(n);
  throw std::invalid_argument("a duration is written 50ms or 10s");
}

int ParseVersion(std::string_view text) {
  const size_t dot = text.find('.');
  int major = 0, minor = 0;
  std::from_chars(text.data(), text.data() + std::min(dot, text.size()), major);
  if (dot != std::string_view::npos) std::from_chars(text.data() + dot + 1, text.data() + text.size(), minor);
  if (major == 0) throw std::invalid_argument("a version is written 7.2");
  return major * 100 + minor;
}

int ParseConnection(const std::string& text) {
  int n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  if (n < 1) throw std::invalid_argument("connections are numbered from 1");
  return n;
}

class FileParser {
 public:
  explicit FileParser(CaseFile* file) : file_(file) {}

  void Run() {
    while (line_ < file_->lines.size()) {
      try {
        Line(file_->lines[line_]);
      } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(file_->path + ":" + std::to_string(line_ + 1) + ": " + e.what());
      }
    }
    FinishCase();
  }

 private:
  Case& current() { return file_->cases.empty() ? for_all_ : file_->cases.back(); }

  void Line(std::string_view line) {
    if (line.empty() || line[0] == '#') {
      ++line_;
    } else if (StartsWith(line, "case ")) {
      FinishCase();
      Case c = for_all_;
      c.name = std::string(line.substr(5));
      for (const Case& other : file_->cases) {
        if (other.name == c.name) throw std::invalid_argument("a second case of this name");
      }
      c.file = file_->path;
      c.line = line_++;
      file_->cases.push_back(std::move(c));
    } else if (line[0] == '@') {
      Directive(SplitWords(line.substr(1)));
      ++line_;
    } else if (const Mark mark = ReadMark(line); mark.is_step) {
      CommandOrReceive(line, mark);
    } else {
      throw std::invalid_argument("not a case, a command, a directive or a comment");
    }
  }

  void FinishCase() {
    if (order_ != Order::kAsGiven) throw std::invalid_argument("`@ unordered` belongs to the command below it");
    if (!file_->cases.empty() && file_->cases.back().steps.empty()) {
      throw std::invalid_argument("the case above has no steps");
    }
  }

  void CommandOrReceive(std::string_view line, const Mark& mark) {
    if (file_->cases.empty()) throw std::invalid_argument("a command before the first case");
    Step step;
    step.kind = mark.sign == '>' ? Step::Kind::kCommand : Step::Kind::kReceive;
    step.connection = mark.connection;
    if (step.connection < 1) throw std::invalid_argument("connections are numbered from 1");
    step.words = SplitWords(line.substr(mark.length));
    if (step.words.empty() != (step.kind == Step::Kind::kReceive)) {
      throw std::invalid_argument("'>' takes a command, '<' stands alone");
    }
    step.order = std::exchange(order_, Order::kAsGiven);
    step.line = line_++;
    step.reply = Reply();
    if (line_ < file_->lines.size() && file_->lines[line_] == kResp3Line) {
      if (current().protocols.size() != 2) throw std::invalid_argument("this case runs in one protocol only");
      ++line_;
      step.reply3 = Reply();
    }
    step.replies_end = line_;
    current().steps.push_back(std::move(step));
  }

  std::optional<ReplyTree> Reply() {
    std::vector<std::string> lines;
    while (line_ < file_->lines.size() && !EndsReply(file_->lines[line_]) && file_->lines[line_] != kResp3Line) {
      lines.push_back(file_->lines[line_++]);
    }
    if (lines.empty()) return std::nullopt;
    return ParseReply(lines);
  }

  void Directive(const std::vector<std::string>& words) {
    const std::string name = words.empty() ? "" : words[0];
    const size_t given = words.empty() ? 0 : words.size() - 1;
    if (name == "unordered" && (given == 0 || (given == 1 && words[1] == "pairs"))) {
      order_ = given == 0 ? Order::kFree : Order::kFreePairs;
      return;
    }
    Step step;
    step.line = line_;
    step.replies_end = line_ + 1;
    if (name == "advance" && given == 1) {
      step.kind = Step::Kind::kAdvance;
      step.advance = ParseDuration(words[1]);
    } else if ((name == "connect" || name == "disconnect") && given == 1) {
      step.kind = name == "connect" ? Step::Kind::kConnect : Step::Kind::kDisconnect;
      step.connection = ParseConnection(words[1]);
    } else {
      if (!current().steps.empty())
        throw std::invalid_argument("unknown directive, or one that belongs to the case's head");
      CaseDirective(name, given, words);
      return;
    }
    if (file_->cases.empty()) throw std::invalid_argument("a step before the first case");
    current().steps.push_back(std::move(step));
  }

  void CaseDirective(const std::string& name, size_t given, const std::vector<std::string>& words) {
    Case& c = current();
    if (name == "since" && given == 1) {
      c.since = ParseVersion(words[1]);
    } else if (name == "before" && given == 1) {
      c.before = ParseVersion(words[1]);
    } else if (name == "embedded" && given == 0) {
      c.embedded_only = true;
    } else if ((name == "resp2" || name == "resp3") && given == 0) {
      c.protocols = {name == "resp2" ? 2 : 3};
    } else if (name == "encodings" && given == 1 && (words[1] == "compact" || words[1] == "expanded")) {
      c.encodings = {words[1] == "compact" ? Encoding::kCompact : Encoding::kExpanded};
    } else if (name == "config" && given == 2) {
      c.config.emplace_back(words[1], words[2]);
    } else if (name == "except" && given >= 2) {
      std::string reason = words[2];
      for (size_t i = 3; i < words.size(); ++i) reason += " " + words[i];
      c.except.emplace_back(words[1], reason);
    } else {
      throw std::invalid_argument("unknown directive '" + name + "', or wrong arguments for it");
    }
  }

  CaseFile* file_;
  Case for_all_;  // collects the directives above the first case
  size_t line_ = 0;
  Order order_ = Order::kAsGiven;
};

}  // namespace

std::optional<ReplyTree> Step::Expected(int protocol) const {
  if (protocol == 2 || !reply) return reply;
  return reply3 ? *reply3 : ImpliedInResp3(*reply);
}

CaseFile ParseCaseFile(std::string path, std::string_view text) {
  CaseFile file;
  file.path = std::move(path);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    file.lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  FileParser(&file).Run();
  return file;
}

CaseFile ReadCaseFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::invalid_argument("cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return ParseCaseFile(path, text.str());
}

std::string WriteCaseFile(const CaseFile& file) {
  std::string out;
  size_t next = 0;
  const auto put = [&out](const std::string& line) { out.append(line).push_back('\n'); };
  for (const Case& c : file.cases) {
    for (const Step& step : c.steps) {
      while (next <= step.line) put(file.lines[next++]);
      if (step.kind != Step::Kind::kCommand && step.kind != Step::Kind::kReceive) continue;
      if (step.reply) {
        for (const std::string& line : PrintReply(*step.reply)) put(line);
      }
      if (step.reply3) {
        put(std::string(kResp3Line));
        for (const std::string& line : PrintReply(*step.reply3)) put(line);
      }
      next = step.replies_end;
    }
  }
  while (next < file.lines.size()) put(file.lines[next++]);
  return out;
}

}  // namespace dualis::cases
