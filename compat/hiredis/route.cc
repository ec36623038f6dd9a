#include "compat/hiredis/route.h"

#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "compat/hiredis/abi.h"

namespace dualis::hiredis {
namespace {

constexpr Bytes kScheme = "mem://";

// The rules of dualisHiredisRoute, newest first. One table a process, because the C API has no other place for it;
// never destroyed, because programs connect in their own destructors.
struct Rules {
  std::mutex mutex;
  std::vector<std::pair<std::string, std::string>> list;
};
Rules& TheRules() {
  static Rules* const rules = new Rules;
  return *rules;
}

bool Matches(Bytes rule, const char* endpoint, int port) {
  if (rule == "*" || rule == endpoint) return true;
  return port >= 0 && rule == std::string(endpoint) + ":" + std::to_string(port);
}

// The target of the variable's first rule that matches; empty: none.
Bytes FromEnvironment(Bytes variable, const char* endpoint, int port) {
  if (variable.starts_with(kScheme)) return variable;
  while (!variable.empty()) {
    const size_t end = variable.find_first_of(",;");
    const Bytes item = variable.substr(0, end);
    variable.remove_prefix(end == Bytes::npos ? variable.size() : end + 1);
    const size_t equals = item.find("=mem://");
    if (equals != Bytes::npos && Matches(item.substr(0, equals), endpoint, port)) return item.substr(equals + 1);
  }
  return Bytes();
}

Result<std::optional<Route>> Parse(Bytes url, bool rerouted) {
  Result<wire::Uri> uri = wire::ParseUri(url);
  if (!uri) return uri.error();
  return std::optional<Route>(Route{std::move(*uri), rerouted});
}

}  // namespace

Result<std::optional<Route>> FindRoute(const char* endpoint, int port) {
  if (endpoint == nullptr) return std::optional<Route>();
  if (Bytes(endpoint).starts_with(kScheme)) return Parse(endpoint, false);
  {
    Rules& rules = TheRules();
    const std::lock_guard<std::mutex> lock(rules.mutex);
    for (const auto& [rule, target] : rules.list) {
      if (Matches(rule, endpoint, port)) return Parse(target, true);
    }
  }
  const char* variable = std::getenv("DUALIS_HIREDIS_ROUTE");
  if (variable == nullptr) return std::optional<Route>();
  const Bytes target = FromEnvironment(variable, endpoint, port);
  if (target.empty()) return std::optional<Route>();
  return Parse(target, true);
}

}  // namespace dualis::hiredis

extern "C" int dualisHiredisRoute(const char* endpoint, const char* target) noexcept try {
  using dualis::hiredis::TheRules;
  if (endpoint == nullptr) return REDIS_ERR;
  if (target != nullptr) {
    const auto uri = dualis::wire::ParseUri(target);
    if (!uri || uri->scheme != dualis::wire::Uri::Scheme::kMem) return REDIS_ERR;
  }
  auto& rules = TheRules();
  const std::lock_guard<std::mutex> lock(rules.mutex);
  std::erase_if(rules.list, [&](const auto& rule) { return rule.first == endpoint; });
  if (target != nullptr) rules.list.emplace(rules.list.begin(), endpoint, target);
  return REDIS_OK;
} catch (...) {
  return REDIS_ERR;
}
