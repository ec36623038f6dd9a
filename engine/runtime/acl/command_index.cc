#include "engine/runtime/acl/command_index.h"

#include <algorithm>
#include <map>

#include "engine/command/errors.h"
#include "engine/command/flag_names.h"
#include "engine/command/word.h"

namespace dualis::runtime {
namespace {

uint32_t CategoryBits(const CommandInfo& info) {
  uint32_t bits = 0;
  for (Bytes name : CategoryNames(info)) bits |= CategoryBit(name);
  return bits;
}

}  // namespace

uint32_t CategoryBit(Bytes name) {
  const auto categories = AclCategories();
  for (size_t i = 0; i < categories.size(); ++i) {
    if (SameWord(name, categories[i])) return 1u << i;
  }
  return 0;
}

std::shared_ptr<const CommandIndex> CommandIndex::Of(const CommandTable& table) {
  static const std::vector<const CommandRow*> rows = CommandTable().rows();
  static const auto built_in = std::make_shared<const CommandIndex>(CommandTable());
  return table.rows() == rows ? built_in : std::make_shared<const CommandIndex>(table);
}

CommandIndex::CommandIndex(const CommandTable& table) {
  std::map<std::string, Item, std::less<>> items;
  for (const CommandRow* row : table.rows()) {
    std::string name = errors::DisplayName(row->name());
    const size_t bar = name.find('|');
    items[name] = {name, CategoryBits(*row->info), bar != std::string::npos};
    if (bar == std::string::npos) continue;
    // A container that is no command itself is slow, and nothing else.
    name.resize(bar);
    if (!items.contains(name)) items[name] = {name, CategoryBit("slow")};
  }
  for (auto& [name, item] : items) items_.push_back(std::move(item));
  for (size_t i = 0; i < items_.size(); ++i) {
    if (!items_[i].subcommand) continue;
    const Bytes name = items_[i].name;
    items_[*Find(name.substr(0, name.find('|')))].subcommands.push_back(i);
  }
}

std::optional<size_t> CommandIndex::Find(Bytes name) const {
  const std::string wanted = errors::DisplayName(name);
  const auto it = std::lower_bound(items_.begin(), items_.end(), wanted,
                                   [](const Item& item, const std::string& n) { return item.name < n; });
  if (it == items_.end() || it->name != wanted || name.find(' ') != Bytes::npos) return std::nullopt;
  return static_cast<size_t>(it - items_.begin());
}

std::optional<size_t> CommandIndex::Find(const CommandRow& row) const { return Find(errors::DisplayName(row.name())); }

}  // namespace dualis::runtime
