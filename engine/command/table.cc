// CommandTable: names to rows. The built-in part is made once a process and shared; an engine's own commands lie over
// it.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "dualis/command.h"
#include "engine/command/all.h"
#include "engine/command/errors.h"
#include "engine/command/word.h"
#include "engine/core/hash.h"

namespace dualis {
namespace {

constexpr size_t kLongestName = 64;

// What one first word leads to.
struct Node {
  const CommandRow* row = nullptr;  // null for a pure container
  std::vector<const CommandRow*> subcommands;
};

using Nodes = absl::flat_hash_map<Bytes, Node, BytesHash, BytesEqual>;

void AddRow(Nodes& nodes, const CommandRow& row) {
  const Bytes name = row.name();
  const size_t blank = name.find(' ');
  Node& node = nodes[name.substr(0, blank)];
  if (blank == Bytes::npos) {
    node.row = &row;
    return;
  }
  std::erase_if(node.subcommands, [&](const CommandRow* old) { return old->name() == name; });
  node.subcommands.push_back(&row);
}

const Nodes& BuiltIn() {
  static const Nodes* const nodes = [] {
    auto* made = new Nodes();
    for (const Family& family : BuiltInFamilies()) {
      for (const CommandRow* row : family.commands) AddRow(*made, *row);
    }
    return made;
  }();
  return *nodes;
}

Bytes Upper(Bytes word, char (&buffer)[kLongestName]) {
  if (word.size() > kLongestName) return {};
  std::transform(word.begin(), word.end(), buffer, UpperAscii);
  return Bytes(buffer, word.size());
}

const CommandRow* Subcommand(const Node& node, Bytes word) {
  for (const CommandRow* row : node.subcommands) {
    if (IsWord(word, row->name().substr(row->name().find(' ') + 1))) return row;
  }
  return nullptr;
}

}  // namespace

struct CommandTable::Impl {
  Nodes own;
  std::atomic<bool> closed{false};

  const Node* Find(Bytes upper) const {
    if (!own.empty()) {
      const auto it = own.find(upper);
      if (it != own.end()) return &it->second;
    }
    const auto it = BuiltIn().find(upper);
    return it == BuiltIn().end() ? nullptr : &it->second;
  }
};

CommandTable::CommandTable() : impl_(std::make_unique<Impl>()) {}
CommandTable::~CommandTable() = default;

void CommandTable::Close() { impl_->closed.store(true, std::memory_order_relaxed); }

Error CommandTable::Add(const CommandRow& row) {
  if (impl_->closed.load(std::memory_order_relaxed)) return Error(&errors::kRegistrationClosed);
  const Bytes name = row.name();
  if (name.empty() || name.size() > kLongestName ||
      std::any_of(name.begin(), name.end(), [](char c) { return c != UpperAscii(c); })) {
    return Error(ErrorCode::kUsage, "ERR a command's name is 1 to 64 characters in upper case");
  }
  // An overlay node must know the built-in subcommands too.
  const Bytes first = name.substr(0, name.find(' '));
  if (!impl_->own.contains(first)) {
    if (const Node* built_in = impl_->Find(first)) impl_->own[first] = *built_in;
  }
  AddRow(impl_->own, row);
  return Error();
}

const CommandRow* CommandTable::Find(Args argv, Error* error) const {
  char buffer[kLongestName];
  char text[Arg::kTextBytes];
  const Node* node = argv.empty() ? nullptr : impl_->Find(Upper(argv[0].Text(text), buffer));
  if (node == nullptr) {
    *error = errors::UnknownCommand(argv);
    return nullptr;
  }
  if (node->subcommands.empty() || (argv.size() == 1 && node->row != nullptr)) return node->row;
  const Bytes container(buffer, argv[0].Text(text).size());
  if (argv.size() == 1) {
    *error = errors::WrongArity(container);
    return nullptr;
  }
  const Bytes word = argv[1].Text(text);
  if (const CommandRow* row = Subcommand(*node, word)) return row;
  *error = errors::UnknownSubcommand(word, container);
  return nullptr;
}

const CommandRow* CommandTable::FindByName(Bytes full_name) const {
  const size_t cut = full_name.find_first_of(" |");
  char buffer[kLongestName];
  const Node* node = impl_->Find(Upper(full_name.substr(0, cut), buffer));
  if (node == nullptr || cut == Bytes::npos) return node == nullptr ? nullptr : node->row;
  return Subcommand(*node, full_name.substr(cut + 1));
}

std::vector<const CommandRow*> CommandTable::rows() const {
  std::map<Bytes, const CommandRow*> by_name;
  for (const Nodes* nodes : {&BuiltIn(), static_cast<const Nodes*>(&impl_->own)}) {
    for (const auto& [name, node] : *nodes) {
      if (node.row != nullptr) by_name[node.row->name()] = node.row;
      for (const CommandRow* row : node.subcommands) by_name[row->name()] = row;
    }
  }
  std::vector<const CommandRow*> rows;
  for (const auto& [name, row] : by_name) rows.push_back(row);
  return rows;
}

}  // namespace dualis
