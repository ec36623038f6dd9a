#include "tests/runner/fronts.h"

#include <stdexcept>
#include <utility>

#include "tests/runner/oracle_front.h"
#include "tests/runner/wrapping_fronts.h"

namespace dualis::cases {
namespace {

struct Row {
  const char* name;
  std::unique_ptr<CaseFront> (*open)();
};

const Row kFronts[] = {
    {"oracle", [] { return std::unique_ptr<CaseFront>(std::make_unique<OracleFront>()); }},
    {"oracle-multi",
     [] {
       return std::unique_ptr<CaseFront>(std::make_unique<MultiFront>("oracle-multi", std::make_unique<OracleFront>()));
     }},
    {"oracle-lua",
     [] {
       return std::unique_ptr<CaseFront>(std::make_unique<LuaFront>("oracle-lua", std::make_unique<OracleFront>()));
     }},
};

}  // namespace

std::vector<std::string> FrontNames() {
  std::vector<std::string> names;
  for (const Row& row : kFronts) names.emplace_back(row.name);
  return names;
}

std::unique_ptr<CaseFront> OpenFront(const std::string& name) {
  for (const Row& row : kFronts) {
    if (name == row.name) return row.open();
  }
  throw std::invalid_argument("there is no front called " + name);
}

}  // namespace dualis::cases
