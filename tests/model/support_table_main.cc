// dualis-support: the table of support in README.md, made from the engine's own command table.
//
//   dualis-support README.md            fails if the table there is not today's
//   dualis-support --write README.md    puts today's in its place
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "engine/command/flag_names.h"

namespace dualis {
namespace {

constexpr Bytes kBegin = "<!-- commands: build/bin/dualis-support --write README.md -->\n";
constexpr Bytes kEnd = "<!-- end of commands -->\n";
constexpr size_t kLineWidth = 125;

// Adds words to the paragraph, with line breaks.
class Paragraph {
 public:
  void Add(const std::string& word) {
    if (column_ > 0 && column_ + 1 + word.size() > kLineWidth) {
      text_ += "\n ";  // as part of the list item
      column_ = 1;
    }
    if (column_ > 0) {
      text_ += ' ';
      ++column_;
    }
    text_ += word;
    column_ += word.size();
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
  size_t column_ = 0;
};

std::string Table() {
  const CommandTable table;
  std::map<Group, std::vector<Bytes>> groups;
  size_t count = 0;
  for (const CommandRow* row : table.rows()) {
    groups[row->info->group].push_back(row->name());
    ++count;
  }
  std::string text = "\n" + std::to_string(count) + " commands and subcommands:\n";
  for (const auto& [group, names] : groups) {
    Paragraph paragraph;
    paragraph.Add("\n* **" + std::string(GroupName(group)) + "**");
    Bytes container;
    for (size_t i = 0; i < names.size(); ++i) {
      // CONFIG (GET, SET): the subcommands of one container follow each other, and the container if it is a command.
      const size_t blank = names[i].find(' ');
      const Bytes first = names[i].substr(0, blank);
      const bool last = i + 1 == names.size() || !names[i + 1].starts_with(std::string(first) + " ");
      if (blank == Bytes::npos) {
        if (last) paragraph.Add(std::string(names[i]));
        continue;
      }
      std::string word(names[i].substr(blank + 1));
      if (first != container) {
        paragraph.Add(std::string(first));
        word.insert(0, "(");
      }
      container = first;
      paragraph.Add(word + (last ? ")" : ","));
    }
    text += paragraph.Take();
  }
  return text + "\n\n";
}

int Main(std::vector<std::string> words) {
  const bool write = words.size() == 2 && words[0] == "--write";
  if (!write && words.size() != 1) {
    std::cerr << "usage: dualis-support [--write] FILE\n";
    return 2;
  }
  const std::string path = words.back();
  std::ifstream in(path);
  std::string text(std::istreambuf_iterator<char>(in), {});
  const size_t begin = text.find(kBegin);
  const size_t end = text.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    std::cerr << path << ": the lines around the table are missing\n";
    return 1;
  }
  const size_t place = begin + kBegin.size();
  if (text.compare(place, end - place, Table()) == 0) return 0;
  if (!write) {
    std::cerr << path << ": the table of commands is stale: build/bin/dualis-support --write " << path << "\n";
    return 1;
  }
  std::ofstream(path) << text.replace(place, end - place, Table());
  return 0;
}

}  // namespace
}  // namespace dualis

int main(int argc, char** argv) { return dualis::Main(std::vector<std::string>(argv + 1, argv + argc)); }
