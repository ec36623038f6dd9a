#include "tests/runner/fronts.h"

#include <stdexcept>
#include <utility>

#include "tests/runner/client_fronts.h"
#include "tests/runner/engine_front.h"
#include "tests/runner/oracle_front.h"
#include "tests/runner/script_fronts.h"
#include "tests/runner/wrapping_fronts.h"

namespace dualis::cases {
namespace {

using FrontPtr = std::unique_ptr<CaseFront>;

FrontPtr Engine(const char* name, std::vector<int> protocols, MakeLink link, EngineFront::Refusal refusal = nullptr,
                EngineFront::Narrowing narrowing = nullptr) {
  return std::make_unique<EngineFront>(name, std::move(protocols), std::move(link), std::move(refusal),
                                       std::move(narrowing));
}

struct Row {
  const char* name;
  FrontPtr (*open)();
};

const Row kFronts[] = {
    {"oracle", [] { return FrontPtr(std::make_unique<OracleFront>()); }},
    {"oracle-multi",
     [] { return FrontPtr(std::make_unique<MultiFront>("oracle-multi", std::make_unique<OracleFront>())); }},
    {"oracle-lua", [] { return FrontPtr(std::make_unique<LuaFront>("oracle-lua", std::make_unique<OracleFront>())); }},
    {"oracle-client", [] { return FrontPtr(std::make_unique<ServerClientFront>()); }},
    {"argv",
     [] {
       return Engine("argv", {2, 3}, MakeArgvLink);
     }},
    {"tagged",
     [] {
       return Engine("tagged", {2, 3}, MakeTaggedLink);
     }},
    {"typed",
     [] {
       return Engine("typed", {2, 3}, MakeTypedLink);
     }},
    {"resp2", [] { return Engine("resp2", {2}, MakeRespLink); }},
    {"resp3", [] { return Engine("resp3", {3}, MakeRespLink); }},
    {"listener",
     [] {
       return Engine("listener", {2, 3}, MakeListenerLink);
     }},
    {"client",
     [] {
       return Engine("client", {2, 3}, MakeClientLink, ClientRefuses);
     }},
    {"hiredis",
     [] {
       return Engine("hiredis", {2, 3}, MakeHiredisLink, HiredisRefuses, HiredisNarrow);
     }},
    {"hiredis-loop",
     [] {
       return Engine("hiredis-loop", {2, 3}, MakeHiredisLoopLink, nullptr, HiredisNarrow);
     }},
    {"script", [] { return Engine("script", {2}, MakeNativeScriptLink, ScriptRefuses, ScriptNarrow); }},
    {"script-lua",
     [] { return FrontPtr(std::make_unique<ScriptLuaFront>("script-lua", Engine("argv", {2}, MakeArgvLink))); }},
    {"oracle-script",
     [] { return FrontPtr(std::make_unique<ScriptLuaFront>("oracle-script", std::make_unique<OracleFront>())); }},
    {"multi",
     [] {
       return FrontPtr(std::make_unique<MultiFront>("multi", Engine("argv", {2, 3}, MakeArgvLink)));
     }},
    {"lua", [] { return FrontPtr(std::make_unique<LuaFront>("lua", Engine("argv", {2}, MakeArgvLink))); }},
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
