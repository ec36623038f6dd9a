// ScriptSet: the scripts of one ready-made class, registered together, with the keys that all of them share.
#ifndef DUALIS_CLIENT_HELPERS_SCRIPTS_H_
#define DUALIS_CLIENT_HELPERS_SCRIPTS_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dualis/client.h"
#include "dualis/script.h"
#include "dualis/script_convert.h"

namespace dualis::helpers {

// Thread-safe; constant after construction.
class ScriptSet {
 public:
  struct Source {
    const char* name;
    // Declares all keys of the set and writes the script.
    void (*build)(script::FnContext& ctx);
  };

  // Numbered in the order in which they are given.
  static Result<std::shared_ptr<const ScriptSet>> Make(const Client& client, Script::Keys keys,
                                                       std::initializer_list<Source> sources) {
    auto set = std::make_shared<ScriptSet>();
    set->keys_ = std::move(keys);
    for (const Source& source : sources) {
      script::FnContext ctx(source.name);
      source.build(ctx);
      Result<Script> script = client.register_script(ctx);
      if (!script) return script.error();
      set->scripts_.push_back(std::move(*script));
    }
    return std::shared_ptr<const ScriptSet>(std::move(set));
  }

  template <class T = script::Value>
  Result<T> Run(size_t which, const Script::Arguments& arguments = {}) const {
    const Result<script::Value> value = scripts_[which](keys_, arguments);
    if (!value) return value.error();
    return script::FromValue<T>(*value);
  }
  // With other keys than those of the set, or more.
  template <class T = script::Value>
  Result<T> RunOn(const Script::Keys& keys, size_t which, const Script::Arguments& arguments = {}) const {
    const Result<script::Value> value = scripts_[which](keys, arguments);
    if (!value) return value.error();
    return script::FromValue<T>(*value);
  }
  const Script::Keys& keys() const { return keys_; }

 private:
  Script::Keys keys_;
  std::vector<Script> scripts_;
};

// Text that nobody else has: 128 random bits in hexadecimal digits.
std::string NewToken();

}  // namespace dualis::helpers

#endif  // DUALIS_CLIENT_HELPERS_SCRIPTS_H_
