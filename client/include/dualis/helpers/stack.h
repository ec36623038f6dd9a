// Stack: a stack of dictionaries. A field is looked up in the top frame, or from the top down until some frame has it:
// scopes, overrides, settings by level.
//
//   Stack stack = Stack::Open(client, "settings").value();
//   stack.set_value("colour", "red");
//   stack.push_frame();
//   stack.get_value("colour", Stack::Lookup::kCascade);    // "red", from below
//   stack.pop_frame();                                     // {}: the top frame had nothing
//
// In Redis: BASE:size, how many frames lie above the bottom one (absent: none), and BASE:frame:N, the hash of frame N.
// These are redipy's RStack's keys. On a cluster, give a base in braces, so that they share a slot.
#ifndef DUALIS_HELPERS_STACK_H_
#define DUALIS_HELPERS_STACK_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dualis/client.h"

namespace dualis {

namespace helpers {
class ScriptSet;
}

// A value, cheap to copy. Any number of clients may use one stack; each call is one atomic turn. Thread-safe.
class Stack {
 public:
  using Frame = std::map<std::string, std::string>;
  enum class Lookup { kTop, kCascade };

  // Error: kUsage if the client cannot have scripts for these keys.
  static Result<Stack> Open(const Client& client, const std::string& base);

  // Puts an empty frame on top. Returns how many there are now, the bottom one included.
  Result<int64_t> push_frame() const;
  // Takes the top frame off and returns it. The bottom frame is emptied and stays.
  Result<Frame> pop_frame() const;
  // Sets a field of the top frame.
  Error set_value(const std::string& field, const std::string& value) const;
  // The field of the top frame, or of the topmost frame that has it.
  Result<std::optional<std::string>> get_value(const std::string& field, Lookup lookup = Lookup::kTop) const;
  // How many frames there are; at least one.
  Result<int64_t> size() const;
  // Removes all frames, and leaves nothing behind.
  Error clear() const;

 private:
  explicit Stack(std::shared_ptr<const helpers::ScriptSet> scripts) : scripts_(std::move(scripts)) {}
  // Shared by the copies.
  std::shared_ptr<const helpers::ScriptSet> scripts_;
};

}  // namespace dualis

#endif  // DUALIS_HELPERS_STACK_H_
