// SEMANTICS.md is complete: each operation has the row that ops.def gives it, each command of adapt.def is named.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "script/semantics/op.h"

namespace dualis::script {
namespace {

std::string Page() {
  std::ifstream in("script/SEMANTICS.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(SemanticsPage, HasTheRowOfEachOperation) {
  const std::string page = Page();
  for (int i = 0; i < static_cast<int>(Op::kCount); ++i) {
    const OpInfo& info = InfoOf(static_cast<Op>(i));
    std::string result;
    for (Bytes row : {
#define OP(id, name, arguments, result, effect, lua, sentence) \
  Bytes(name "\0" result, sizeof(name) + sizeof(result) - 1),
#include "script/semantics/ops.def"
#undef OP
         }) {
      if (row.substr(0, row.find('\0')) == info.name) result = row.substr(row.find('\0') + 1);
    }
    std::string row = "| `";
    row.append(info.name).append("` | `").append(info.arguments).append("` | `").append(result).append("` | ");
    row.append(info.sentence).append(" |\n");
    EXPECT_NE(page.find(row), std::string::npos) << "missing or different: " << row;
  }
}

TEST(SemanticsPage, HasNoOtherOperations) {
  std::istringstream page(Page());
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `") || std::count(line.begin(), line.end(), '|') != 5) continue;
    const std::string name = line.substr(3, line.find('`', 3) - 3);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) {
      EXPECT_NE(FindOp(name), nullptr) << name;
    }
  }
}

}  // namespace
}  // namespace dualis::script
