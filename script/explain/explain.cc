// A program in its three forms, side by side. The lines of a form know their C++ statement; what belongs to the same
// one stands in the same rows.
#include <algorithm>

#include "script/ir/program.h"

namespace dualis::script {
namespace {

using Lines = std::vector<ir::PlacedLine>;

Lines LuaLines(const Program& program) {
  const LuaScript lua = CompileLua(program);
  Lines lines;
  size_t number = 1;
  for (size_t at = 0; at < lua.source.size(); ++number) {
    const size_t end = lua.source.find('\n', at);
    if (number == lua.first_line) {
      lines.emplace_back("", "-- lines 1 to " + std::to_string(number - 1) + " are shared functions");
    }
    if (number >= lua.first_line) lines.emplace_back(lua.places[number], lua.source.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Hands out the lines of a form, statement by statement.
class Column {
 public:
  explicit Column(Lines lines) : lines_(std::move(lines)) {}

  size_t width() const {
    size_t widest = 0;
    for (const auto& [place, line] : lines_) widest = std::max(widest, line.size());
    return std::min<size_t>(widest, 72);
  }
  // Those before the next line of this place: what the statement before it still has.
  std::vector<std::string> Before(const std::string& place) {
    size_t to = next_;
    while (to < lines_.size() && lines_[to].first != place) ++to;
    return to == lines_.size() ? std::vector<std::string>() : Take(to);
  }
  std::vector<std::string> Of(const std::string& place) {
    size_t to = next_;
    while (to < lines_.size() && lines_[to].first == place) ++to;
    return Take(to);
  }
  std::vector<std::string> Rest() { return Take(lines_.size()); }

 private:
  std::vector<std::string> Take(size_t to) {
    std::vector<std::string> taken;
    for (; next_ < to; ++next_) taken.push_back(lines_[next_].second);
    return taken;
  }

  const Lines lines_;
  size_t next_ = 0;
};

}  // namespace

std::string Explain(const Program& program, const CommandTable* commands) {
  const Lines pseudo = ir::ProgramLines(program.data());
  Column columns[] = {Column(pseudo), Column(LuaLines(program)), Column(NativeScript(program, commands).ToLines())};
  std::string text;
  auto add = [&](const std::vector<std::string>(&cells)[3]) {
    const size_t rows = std::max({cells[0].size(), cells[1].size(), cells[2].size()});
    for (size_t row = 0; row < rows; ++row) {
      std::string line;
      for (size_t c = 0; c < 3; ++c) {
        if (c > 0) line += " | ";
        if (row < cells[c].size()) line += cells[c][row];
        size_t used = 0;
        for (size_t before = 0; before <= c; ++before) used += columns[before].width() + (before > 0 ? 3 : 0);
        if (c < 2 && line.size() < used) line.append(used - line.size(), ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  };
  for (size_t i = 0; i < pseudo.size();) {
    const std::string& place = pseudo[i].first;
    add({columns[0].Before(place), columns[1].Before(place), columns[2].Before(place)});
    const size_t before = i;
    while (i < pseudo.size() && pseudo[i].first == place) ++i;
    if (before == i) break;
    add({columns[0].Of(place), columns[1].Of(place), columns[2].Of(place)});
  }
  add({columns[0].Rest(), columns[1].Rest(), columns[2].Rest()});
  return text;
}

}  // namespace dualis::script
