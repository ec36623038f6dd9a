// Selector: one set of permissions: commands, key patterns, channel patterns. A user has one, and may have more, each
// written in parentheses; a command may run if one of them allows all of it.
#ifndef DUALIS_ENGINE_RUNTIME_ACL_SELECTOR_H_
#define DUALIS_ENGINE_RUNTIME_ACL_SELECTOR_H_

#include <map>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "engine/command/describe.h"
#include "engine/runtime/acl/command_index.h"

namespace dualis::runtime {

// What a command wants, found once for all selectors.
struct Wanted {
  const CommandRow& row;
  Args argv;  // name included
  size_t number;
  std::vector<KeyPosition> keys;
};

// Why a command is denied. Of several the greatest counts.
struct Denial {
  enum Reason : uint8_t { kNone = 0, kCommand = 1, kKey = 2, kAuth = 3, kChannel = 4 };
  Reason reason = kNone;
  size_t word = 0;  // of kKey and kChannel: its index in argv
};

class Selector {
 public:
  explicit Selector(bool all_channels) : all_channels_(all_channels) {}

  // Applies one rule: "+get", "-@all", "~key*", "%R~key*", "&channel", "allkeys" ... Returns what is wrong with it, as
  // Redis says it; empty if nothing.
  Bytes Apply(Bytes rule, const CommandIndex& commands);

  Denial Check(const Wanted& wanted) const;
  // Whether every key may be used so: kKeyAccess, kKeyUpdate ...
  bool AllowsEveryKey(uint16_t use) const;
  // Whether the channel, or the very pattern, may be subscribed to.
  bool AllowsChannel(Bytes channel, bool is_pattern) const;
  bool allows_everything() const { return all_commands_ && all_keys_ && all_channels_; }

  // The parts as ACL GETUSER shows them.
  std::string Commands() const;
  std::string Keys() const;
  std::string Channels() const;
  // The whole as ACL LIST shows it.
  std::string Text() const;

 private:
  enum Use : uint8_t { kRead = 1, kWrite = 2, kBoth = 3 };
  struct KeyPattern {
    std::string glob;
    uint8_t use;
  };

  Bytes AddKeys(Bytes rule);
  Bytes AddChannels(Bytes rule);
  Bytes AllowCommand(Bytes name, const CommandIndex& commands);
  void SetAll(bool allowed);
  void Set(const CommandIndex& commands, size_t number, bool allowed);
  // Remembers the rule for Commands(), without those that it makes void.
  void Note(char sign, Bytes name);
  bool AllowsKey(Bytes key, uint16_t use) const;
  static bool Grants(uint8_t granted, uint16_t use);

  bool all_commands_ = false;
  bool all_keys_ = false;
  bool all_channels_;
  bool base_ = false;          // of commands that no rule speaks of: those to come
  std::vector<bool> allowed_;  // by the command's number; shorter: the rest is as base_
  // Commands allowed with these first arguments only, by number: "+select|0".
  std::map<size_t, std::vector<std::string>> first_args_;
  std::vector<std::string> rules_;
  std::vector<KeyPattern> keys_;
  std::vector<std::string> channels_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ACL_SELECTOR_H_
