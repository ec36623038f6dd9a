// COMMAND and its subcommands: the engine's table, told to clients.
#ifndef DUALIS_COMMANDS_INTROSPECTION_H_
#define DUALIS_COMMANDS_INTROSPECTION_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// COMMAND: a description of every command.
struct CommandAll {
  static constexpr CommandInfo kInfo{"COMMAND",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "2.8.13",
                                     "Get array of Redis command details",
                                     "O(N) where N is the total number of Redis commands",
                                     "connection"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// COMMAND COUNT
struct CommandCount {
  static constexpr CommandInfo kInfo{
      "COMMAND COUNT", kLoading | kStale, Group::kServer, "2.8.13", "Get total number of Redis commands",
      "O(1)",          "connection"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// COMMAND INFO [command-name ...]: null for a name that is unknown.
struct CommandInfoOf {
  static constexpr CommandInfo kInfo{"COMMAND INFO",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "2.8.13",
                                     "Get array of specific Redis command details, or all when no argument is given.",
                                     "O(N) where N is the number of commands to look up",
                                     "connection"};
  using Reply = AnyReply;
  Many<Bytes> names;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.names, "command-name");
  }
};

// COMMAND DOCS [command-name ...]: unknown names are left out.
struct CommandDocs {
  static constexpr CommandInfo kInfo{"COMMAND DOCS",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "7.0.0",
                                     "Get array of specific Redis command documentation",
                                     "O(N) where N is the number of commands to look up",
                                     "connection"};
  using Reply = AnyReply;
  Many<Bytes> names;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.names, "command-name");
  }
};

// COMMAND GETKEYS command arg [arg ...]
struct CommandGetKeys {
  static constexpr CommandInfo kInfo{"COMMAND GETKEYS",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "2.8.13",
                                     "Extract keys given a full Redis command",
                                     "O(N) where N is the number of arguments to the command",
                                     "connection"};
  using Reply = std::vector<KeyName>;
  Bytes command;
  Many<Bytes> arguments;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.command, "command");
    v.any(c.arguments, "arg");
  }
};

// COMMAND GETKEYSANDFLAGS command arg [arg ...]: each key with what the command does to it.
struct CommandGetKeysAndFlags {
  static constexpr CommandInfo kInfo{"COMMAND GETKEYSANDFLAGS",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "7.0.0",
                                     "Extract keys and access flags given a full Redis command",
                                     "O(N) where N is the number of arguments to the command",
                                     "connection"};
  using Reply = std::vector<std::pair<KeyName, std::vector<std::string>>>;
  Bytes command;
  Many<Bytes> arguments;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.command, "command");
    v.any(c.arguments, "arg");
  }
};

// COMMAND LIST [FILTERBY ACLCAT category | PATTERN pattern | MODULE name]
struct CommandList {
  static constexpr CommandInfo kInfo{"COMMAND LIST",
                                     kLoading | kStale,
                                     Group::kServer,
                                     "7.0.0",
                                     "Get an array of Redis command names",
                                     "O(N) where N is the total number of Redis commands",
                                     "connection"};
  using Reply = std::vector<std::string>;
  Many<Bytes> filter;  // nothing, or FILTERBY with its two words
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.filter, "filterby");
    v.rule(c.filter.empty() || IsFilter(c.filter), errors::kSyntax);
  }
  static bool IsFilter(const Many<Bytes>& words);
};

// COMMAND HELP
struct CommandHelp {
  static constexpr CommandInfo kInfo{
      "COMMAND HELP", kLoading | kStale, Group::kServer, "5.0.0", "Show helpful text about the different subcommands",
      "O(1)",         "connection"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_INTROSPECTION_H_
