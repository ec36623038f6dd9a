// CONFIG and its subcommands: the parameters of an engine, by Redis' names.
#ifndef DUALIS_COMMANDS_CONFIG_H_
#define DUALIS_COMMANDS_CONFIG_H_

#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// CONFIG GET parameter [parameter ...]: the parameters that a glob or a name matches, with their values.
struct ConfigGet {
  static constexpr CommandInfo kInfo{"CONFIG GET",
                                     kAdmin | kNoScriptFlag | kLoading | kStale,
                                     Group::kServer,
                                     "2.0.0",
                                     "Get the values of configuration parameters",
                                     "O(N) when N is the number of configuration parameters provided"};
  using Reply = std::vector<std::pair<std::string, std::string>>;
  Many<Bytes> parameters;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.parameters, "parameter");
  }
};

// A parameter and its value.
struct ParameterValue {
  Bytes parameter;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.parameter, "parameter");
    v.bytes(c.value, "value");
  }
};

// CONFIG SET parameter value [parameter value ...]: all of them or, with an error, none.
struct ConfigSet {
  static constexpr CommandInfo kInfo{"CONFIG SET",
                                     kAdmin | kNoScriptFlag | kLoading | kStale,
                                     Group::kServer,
                                     "2.0.0",
                                     "Set configuration parameters to the given values",
                                     "O(N) when N is the number of configuration parameters provided"};
  using Reply = Ack;
  Many<ParameterValue> values;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.tuples(c.values, Uneven::kSyntax);
  }
};

// CONFIG RESETSTAT: the counters of INFO start again at 0.
struct ConfigResetStat {
  static constexpr CommandInfo kInfo{"CONFIG RESETSTAT",
                                     kAdmin | kNoScriptFlag | kLoading | kStale,
                                     Group::kServer,
                                     "2.0.0",
                                     "Reset the stats returned by INFO",
                                     "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CONFIG REWRITE: refused, as there is no file that the parameters came from.
struct ConfigRewrite {
  static constexpr CommandInfo kInfo{"CONFIG REWRITE",
                                     kAdmin | kNoScriptFlag | kLoading | kStale,
                                     Group::kServer,
                                     "2.8.0",
                                     "Rewrite the configuration file with the in memory configuration",
                                     "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CONFIG HELP
struct ConfigHelp {
  static constexpr CommandInfo kInfo{
      "CONFIG HELP", kLoading | kStale, Group::kServer, "5.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_CONFIG_H_
