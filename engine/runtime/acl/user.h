// User: a name, passwords, and what it may do. Sessions share it and see its changes at once.
#ifndef DUALIS_ENGINE_RUNTIME_ACL_USER_H_
#define DUALIS_ENGINE_RUNTIME_ACL_USER_H_

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/acl/selector.h"

namespace dualis::runtime {

// What rules make of a user. A value: SETUSER works on a copy, so that a rule in error changes nothing.
class Permissions {
 public:
  // As a user begins: off, without password, nothing allowed but (perhaps) every channel.
  explicit Permissions(bool all_channels) : selectors_{Selector(all_channels)} {}

  // Applies one rule: of a user ("on", ">password", "(selector)", "reset" ...), or of its own selector. Returns what is
  // wrong with it, as Redis says it; empty if nothing. `all_channels`: what "reset" and new selectors begin with.
  Bytes Apply(Bytes rule, const CommandIndex& commands, bool all_channels);

  bool enabled() const { return enabled_; }
  bool needs_no_password() const { return no_password_; }
  bool Accepts(Bytes password) const;
  Denial Check(const Wanted& wanted) const;
  // Whether one selector allows the command and every key for `use`.
  bool AllowsEveryKey(const Wanted& wanted, uint16_t use) const;
  bool AllowsChannel(Bytes channel, bool is_pattern) const;
  bool allows_everything() const;

  std::vector<Bytes> Flags() const;
  const std::vector<std::string>& passwords() const { return passwords_; }
  // The user's own, then the additional ones.
  const std::vector<Selector>& selectors() const { return selectors_; }
  // Behind "user NAME " in ACL LIST.
  std::string Text() const;

 private:
  enum class Sanitize : uint8_t { kUnsaid, kYes, kSkip };

  Bytes AddPassword(std::string hash);
  Bytes RemovePassword(Bytes hash);
  Bytes AddSelector(Bytes rule, const CommandIndex& commands, bool all_channels);

  bool enabled_ = false;
  bool no_password_ = false;
  Sanitize sanitize_ = Sanitize::kUnsaid;
  std::vector<std::string> passwords_;  // SHA-256, in hexadecimal
  std::vector<Selector> selectors_;
};

struct User {
  User(std::string n, Permissions p) : name(std::move(n)), permissions(std::move(p)) { Changed(); }

  void Changed() { restricted.store(!permissions.allows_everything(), std::memory_order_relaxed); }

  const std::string name;
  Permissions permissions;       // guarded by the engine's gate
  std::atomic<bool> restricted;  // whether permissions must be asked at all
};

// The rules of one ACL SETUSER or of one line: the words of a selector, "(~x" "+get)", put together again. False if a
// parenthesis stays open; then `open` is the word with it.
bool JoinSelectors(std::span<const Bytes> words, std::vector<std::string>* rules, Bytes* open);

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ACL_USER_H_
