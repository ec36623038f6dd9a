// CommandIndex: the commands of an engine as access control counts them. Each has a number; a container has one too,
// and what is said of it holds for its subcommands.
#ifndef DUALIS_ENGINE_RUNTIME_ACL_COMMAND_INDEX_H_
#define DUALIS_ENGINE_RUNTIME_ACL_COMMAND_INDEX_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"

namespace dualis::runtime {

class CommandIndex {
 public:
  struct Item {
    std::string name;         // as rules write it: "get", "config|get"
    uint32_t categories = 0;  // one bit for each of AclCategories()
    bool subcommand = false;
    std::vector<size_t> subcommands;
  };

  // The table must be closed. Engines without commands of their own share one.
  static std::shared_ptr<const CommandIndex> Of(const CommandTable& table);
  explicit CommandIndex(const CommandTable& table);

  size_t size() const { return items_.size(); }
  const Item& operator[](size_t number) const { return items_[number]; }
  // By a rule's name, in any case.
  std::optional<size_t> Find(Bytes name) const;
  // Of a command, or of a typed form of one.
  std::optional<size_t> Find(const CommandRow& row) const;

 private:
  std::vector<Item> items_;  // ordered by name
};

// The bit of a category; 0 if there is none of that name.
uint32_t CategoryBit(Bytes name);

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ACL_COMMAND_INDEX_H_
