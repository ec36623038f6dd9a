// SORT as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SORT_H_
#define DUALIS_API_SORT_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/sort.h"

namespace dualis {

// The options of SORT. A client whose prefix holds a '*' cannot send it: patterns would put the element there.
struct SortOptions {
  std::optional<SortPattern> by = {};
  std::optional<cmd::SortLimit> limit = {};
  Many<SortPattern> get = {};
  cmd::SortOrder order = cmd::SortOrder::kAscending;
  bool alpha = false;
};

template <class Self>
class SortCommands {
 public:
  auto sort(Key key, const SortOptions& options = {}) { return Do(Fill(cmd::Sort{}, key, options)); }
  auto sort_ro(Key key, const SortOptions& options = {}) { return Do(Fill(cmd::SortRo{}, key, options)); }
  // The length of the list that was stored.
  auto sort_store(Key key, Key destination, const SortOptions& options = {}) {
    return Do(cmd::SortStore(Fill(cmd::Sort{}, key, options), destination));
  }

 private:
  template <class C>
  static C Fill(C command, Key key, const SortOptions& options) {
    command.key = key;
    command.by = options.by;
    command.limit = options.limit;
    command.get = options.get;
    command.order = options.order;
    command.alpha = options.alpha;
    return command;
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SORT_H_
