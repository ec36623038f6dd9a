// SEMANTICS.md is complete: each operation has the row that ops.def gives it. DUALIS_UPDATE_GOLDEN=1 writes the rows
// that are missing or differ, a new one behind the row of the operation before it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "script/semantics/op.h"

namespace dualis::script {
namespace {

constexpr char kPath[] = "script/SEMANTICS.md";

struct Row {
  std::string name, line;
};

// The rows of all operations, in the order of ops.def.
std::vector<Row> Rows() {
  std::vector<Row> rows;
#define OP(id, name, arguments, result, effect, lua, sentence) \
  rows.push_back({name, "| `" name "` | `" arguments "` | `" result "` | " sentence " |"});
#include "script/semantics/ops.def"
#undef OP
  return rows;
}

std::vector<std::string> Page() {
  std::ifstream in(kPath);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The operation of which a line of the page is the row, or nothing.
std::string NameOf(const std::string& line) {
  if (!line.starts_with("| `") || std::count(line.begin(), line.end(), '|') != 5) return {};
  const std::string name = line.substr(3, line.find('`', 3) - 3);
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos ? name : std::string();
}

void Update(const std::vector<Row>& rows) {
  std::vector<std::string> page = Page();
  auto before = std::find_if(page.begin(), page.end(), [](const std::string& line) { return !NameOf(line).empty(); });
  for (const Row& row : rows) {
    const auto at =
        std::find_if(page.begin(), page.end(), [&](const std::string& line) { return NameOf(line) == row.name; });
    before = at != page.end() ? (*at = row.line, at) : page.insert(before + 1, row.line);
  }
  std::ofstream out(kPath);
  for (const std::string& line : page) out << line << '\n';
}

TEST(SemanticsPage, HasTheRowOfEachOperation) {
  const std::vector<Row> rows = Rows();
  if (std::getenv("DUALIS_UPDATE_GOLDEN") != nullptr) Update(rows);
  const std::vector<std::string> page = Page();
  for (const Row& row : rows) {
    EXPECT_NE(std::find(page.begin(), page.end(), row.line), page.end()) << "missing or different: " << row.line;
  }
}

TEST(SemanticsPage, HasNoOtherOperations) {
  for (const std::string& line : Page()) {
    const std::string name = NameOf(line);
    EXPECT_TRUE(name.empty() || FindOp(name) != nullptr) << name;
  }
}

}  // namespace
}  // namespace dualis::script
