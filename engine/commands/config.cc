// CONFIG: the table of parameters (engine/command/settings.h), told to clients.
#include "dualis/commands/config.h"

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kNoFile = {ErrorCode::kErr, "ERR The server is running without a config file"};

}  // namespace

Outcome Run(ReadExec& x, const ConfigGet& c, ReplySink& sink) {
  const auto found = x.server().settings().Get(c.parameters.span());
  sink.Begin(Shape::kMap, found.size());
  for (const auto& [name, value] : found) {
    sink.Bulk(name);
    sink.Bulk(value);
  }
  sink.End();
  return Outcome();
}

Result<Ack> Run(ReadExec& x, const ConfigSet& c) {
  std::vector<Settings::Assignment> assignments;
  for (const ParameterValue& value : c.values) assignments.emplace_back(value.parameter, value.value);
  if (Error refusal = x.server().settings().Set(assignments)) return refusal;
  return Ack{};
}

Result<Ack> Run(ReadExec& x, const ConfigResetStat&) {
  x.server().stats().Reset();
  return Ack{};
}

Result<Ack> Run(ReadExec&, const ConfigRewrite&) { return Error(&kNoFile); }

Outcome Run(ReadExec&, const ConfigHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
  };
  return EmitHelp("CONFIG", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family ConfigCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<ConfigGet>(), Add<ConfigHelp>(), Add<ConfigResetStat>(), Add<ConfigRewrite>(), Add<ConfigSet>(),
  };
  return {kCommands};
}

}  // namespace dualis
