// COMMAND and its subcommands. All of it is read off the rows and their descriptions.
#include "dualis/commands/introspection.h"

#include <algorithm>

#include "engine/command/doc_notes.h"
#include "engine/command/exec.h"
#include "engine/command/flag_names.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/tips.h"
#include "engine/command/word.h"
#include "engine/core/glob.h"

namespace dualis::cmd {
namespace {

// A top-level name: the row itself, if it is a command, and its subcommands.
struct Top {
  Bytes name;
  const CommandRow* row = nullptr;
  std::vector<const CommandRow*> subcommands;
};

// Of a name that only has subcommands.
constexpr CommandInfo kContainerInfo{"", 0, Group::kServer};

std::vector<Top> TopLevel(const CommandTable& table) {
  std::vector<Top> tops;
  for (const CommandRow* row : table.rows()) {  // ordered by name: subcommands follow their container
    const size_t blank = row->name().find(' ');
    const Bytes name = row->name().substr(0, blank);
    if (tops.empty() || tops.back().name != name) tops.push_back({name});
    if (blank == Bytes::npos) {
      tops.back().row = row;
    } else {
      tops.back().subcommands.push_back(row);
    }
  }
  return tops;
}

void EmitStatuses(const std::vector<Bytes>& names, ReplySink& sink, Bytes before = {}) {
  sink.Begin(Shape::kSet, names.size());
  for (Bytes name : names) sink.Simple(std::string(before).append(name));
  sink.End();
}

// One half of a key spec that tells nothing.
void EmitUnknown(Bytes name, ReplySink& sink) {
  sink.Bulk(name);
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("type");
  sink.Bulk("unknown");
  sink.Bulk("spec");
  sink.Begin(Shape::kMap, 0);
  sink.End();
  sink.End();
}

void EmitKeySpec(const KeySpec& spec, ReplySink& sink) {
  sink.Begin(Shape::kMap, spec.notes.empty() ? 3 : 4);
  if (!spec.notes.empty()) {
    sink.Bulk("notes");
    sink.Bulk(spec.notes);
  }
  sink.Bulk("flags");
  EmitStatuses(KeyUseNames(spec.use), sink);
  if (spec.unknown) {
    EmitUnknown("begin_search", sink);
    EmitUnknown("find_keys", sink);
    sink.End();
    return;
  }
  sink.Bulk("begin_search");
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("type");
  sink.Bulk(spec.keyword.empty() ? "index" : "keyword");
  sink.Bulk("spec");
  if (spec.keyword.empty()) {
    sink.Begin(Shape::kMap, 1);
    sink.Bulk("index");
    sink.Int(spec.index);
  } else {
    sink.Begin(Shape::kMap, 2);
    sink.Bulk("keyword");
    sink.Bulk(spec.keyword);
    sink.Bulk("startfrom");
    sink.Int(spec.index);
  }
  sink.End();
  sink.End();
  sink.Bulk("find_keys");
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("type");
  sink.Bulk(spec.counted ? "keynum" : "range");
  sink.Bulk("spec");
  sink.Begin(Shape::kMap, 3);
  sink.Bulk(spec.counted ? "keynumidx" : "lastkey");
  sink.Int(spec.counted ? 0 : spec.last);
  sink.Bulk(spec.counted ? "firstkey" : "keystep");
  sink.Int(spec.counted ? 1 : spec.step);
  sink.Bulk(spec.counted ? "keystep" : "limit");
  sink.Int(spec.counted ? 1 : spec.limit);
  sink.End();
  sink.End();
  sink.End();
}

// First key, last key and step as Redis told them before there were key specs.
struct Legacy {
  int first = 0;
  int last = 0;
  int step = 0;
};

Legacy LegacyOf(const CommandDescription& description) {
  if (description.keys.empty()) return {};
  const KeySpec& first = description.keys[0];
  if (first.counted || !first.keyword.empty()) return {};
  Legacy legacy{first.index, first.last >= 0 ? first.index + first.last : first.last, first.step};
  // Neighbouring single keys make one range (RENAME).
  for (size_t i = 1; i < description.keys.size(); ++i) {
    const KeySpec& next = description.keys[i];
    if (legacy.last >= 0 && !next.unknown && !next.counted && next.keyword.empty() && next.index == legacy.last + 1) {
      legacy.last = next.last >= 0 ? next.index + next.last : next.last;
    }
  }
  return legacy;
}

// Whether COMMAND LIST names it: nothing filters, or FILTERBY with its two words.
bool IsListed(const Many<Bytes>& filter, Bytes name, const CommandInfo& info) {
  if (filter.empty()) return true;
  if (IsWord(filter[1], "PATTERN")) return GlobMatch(filter[2], name, GlobCase::kIgnore);
  if (IsWord(filter[1], "MODULE")) return false;
  const auto categories = CategoryNames(info);
  return std::any_of(categories.begin(), categories.end(), [&](Bytes c) { return SameWord(c, filter[2]); });
}

bool HasMovableKeys(const CommandDescription& description) {
  return std::any_of(description.keys.begin(), description.keys.end(),
                     [](const KeySpec& spec) { return spec.counted || spec.unknown || !spec.keyword.empty(); });
}

void EmitInfo(Bytes name, const CommandRow* row, const std::vector<const CommandRow*>& subcommands, ReplySink& sink) {
  static const CommandDescription kContainer{.arity = -2};
  const CommandDescription& description = row != nullptr ? row->describe() : kContainer;
  const CommandInfo& info = row != nullptr ? *row->info : kContainerInfo;
  const Legacy legacy = LegacyOf(description);
  sink.Begin(Shape::kArray, 10);
  sink.Bulk(errors::DisplayName(name));
  sink.Int(row != nullptr && !subcommands.empty() ? -1 : description.arity);
  std::vector<Bytes> flags = FlagNames(info.flags);
  if (HasMovableKeys(description) && (info.flags & kMovableKeys) == 0) flags.push_back("movablekeys");
  EmitStatuses(flags, sink);
  sink.Int(legacy.first);
  sink.Int(legacy.last);
  sink.Int(legacy.step);
  EmitStatuses(CategoryNames(info), sink, "@");
  const std::vector<Bytes> tips = TipsOf(name);
  sink.Begin(Shape::kSet, tips.size());
  for (Bytes tip : tips) sink.Bulk(tip);
  sink.End();
  sink.Begin(Shape::kSet, description.keys.size());
  for (const KeySpec& spec : description.keys) EmitKeySpec(spec, sink);
  sink.End();
  sink.Begin(subcommands.empty() ? Shape::kSet : Shape::kArray, subcommands.size());
  for (const CommandRow* subcommand : subcommands) EmitInfo(subcommand->name(), subcommand, {}, sink);
  sink.End();
  sink.End();
}

Bytes TypeName(ArgDoc::Type type) {
  static constexpr Bytes kNames[] = {"key", "string", "integer", "double", "pattern", "pure-token", "oneof", "block"};
  return kNames[static_cast<size_t>(type)];
}

void EmitArguments(const std::vector<ArgDoc>& args, ReplySink& sink) {
  sink.Begin(Shape::kArray, args.size());
  for (const ArgDoc& arg : args) {
    const bool flags = arg.optional || arg.multiple;
    sink.Begin(Shape::kMap,
               2 + size_t{arg.key_spec >= 0} + size_t{!arg.token.empty()} + size_t{flags} + size_t{!arg.parts.empty()});
    sink.Bulk("name");
    sink.Bulk(errors::DisplayName(arg.name));
    sink.Bulk("type");
    sink.Bulk(TypeName(arg.type));
    if (arg.key_spec >= 0) {
      sink.Bulk("key_spec_index");
      sink.Int(arg.key_spec);
    }
    if (!arg.token.empty()) {
      sink.Bulk("token");
      sink.Bulk(arg.token);
    }
    if (flags) {
      sink.Bulk("flags");
      std::vector<Bytes> names;
      if (arg.optional) names.push_back("optional");
      if (arg.multiple) names.push_back("multiple");
      EmitStatuses(names, sink);
    }
    if (!arg.parts.empty()) {
      sink.Bulk("arguments");
      EmitArguments(arg.parts, sink);
    }
    sink.End();
  }
  sink.End();
}

void EmitField(Bytes name, Bytes value, ReplySink& sink) {
  sink.Bulk(name);
  sink.Bulk(value);
}

void EmitDocs(Bytes name, const CommandRow* row, const std::vector<const CommandRow*>& subcommands, ReplySink& sink) {
  const ContainerDoc* container = row == nullptr ? ContainerDocOf(name) : nullptr;
  const DocNote* note = DocNoteOf(name);
  const bool known = row != nullptr || container != nullptr;
  const bool dated = note != nullptr && !note->since.empty();
  const bool arguments = row != nullptr && !row->describe().args.empty();
  sink.Bulk(errors::DisplayName(name));
  sink.Begin(Shape::kMap, (known ? 4 : 0) + size_t{note != nullptr} + (dated ? 2 : 0) + size_t{arguments} +
                              size_t{!subcommands.empty()});
  if (row != nullptr) {
    EmitField("summary", row->info->summary, sink);
    EmitField("since", row->info->since, sink);
    EmitField("group", GroupName(row->info->group), sink);
    EmitField("complexity", row->info->complexity, sink);
  } else if (container != nullptr) {
    EmitField("summary", container->summary, sink);
    EmitField("since", container->since, sink);
    EmitField("group", GroupName(container->group), sink);
    EmitField("complexity", "Depends on subcommand.", sink);
  }
  if (note != nullptr) {
    sink.Bulk("doc_flags");
    EmitStatuses({note->flag}, sink);
  }
  if (dated) {
    EmitField("deprecated_since", note->since, sink);
    EmitField("replaced_by", note->replaced_by, sink);
  }
  if (arguments) {
    sink.Bulk("arguments");
    EmitArguments(row->describe().args, sink);
  }
  if (!subcommands.empty()) {
    sink.Bulk("subcommands");
    sink.Begin(Shape::kMap, subcommands.size());
    for (const CommandRow* subcommand : subcommands) EmitDocs(subcommand->name(), subcommand, {}, sink);
    sink.End();
  }
  sink.End();
}

// The top-level entry or the single subcommand that a client's name ("get", "config|get") means.
const Top* Lookup(const std::vector<Top>& tops, Bytes name, Top& subcommand) {
  const size_t bar = name.find('|');
  for (const Top& top : tops) {
    if (!IsWord(name.substr(0, bar), top.name)) continue;
    if (bar == Bytes::npos) return &top;
    for (const CommandRow* row : top.subcommands) {
      if (!IsWord(name.substr(bar + 1), row->name().substr(top.name.size() + 1))) continue;
      subcommand = {row->name(), row, {}};
      return &subcommand;
    }
  }
  return nullptr;
}

// The words of a command that GETKEYS was given, its row, and where its keys are.
Result<std::vector<KeyPosition>> KeysOf(ReadExec& x, Bytes command, const Many<Bytes>& arguments,
                                        std::vector<Arg>& argv) {
  argv.assign(1, command);
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Error unknown;
  const CommandRow* row = x.commands().Find(argv, &unknown);
  if (row == nullptr) return Error(&errors::kGetKeysUnknown);
  const CommandDescription& description = row->describe();
  if (description.keys.empty()) return Error(&errors::kNoKeysInCommand);
  if (!description.Accepts(argv.size())) return Error(&errors::kGetKeysArity);
  std::vector<KeyPosition> keys;
  if (!FindKeys(description, argv, &keys) || keys.empty()) {
    if (row->is(kNoMandatoryKeys)) return std::vector<KeyPosition>();
    return Error(&errors::kGetKeysInvalid);
  }
  return keys;
}

}  // namespace

bool CommandList::IsFilter(const Many<Bytes>& words) {
  return words.size() == 3 && IsWord(words[0], "FILTERBY") &&
         (IsWord(words[1], "ACLCAT") || IsWord(words[1], "PATTERN") || IsWord(words[1], "MODULE"));
}
Outcome Run(ReadExec& x, const CommandAll&, ReplySink& sink) {
  const auto tops = TopLevel(x.commands());
  sink.Begin(Shape::kArray, tops.size());
  for (const Top& top : tops) EmitInfo(top.name, top.row, top.subcommands, sink);
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const CommandCount&) { return static_cast<int64_t>(TopLevel(x.commands()).size()); }

Outcome Run(ReadExec& x, const CommandInfoOf& c, ReplySink& sink) {
  if (c.names.empty()) return Run(x, CommandAll{}, sink);
  const auto tops = TopLevel(x.commands());
  sink.Begin(Shape::kArray, c.names.size());
  for (Bytes name : c.names) {
    Top subcommand;
    const Top* found = Lookup(tops, name, subcommand);
    if (found == nullptr) {
      sink.Null();
    } else {
      EmitInfo(found->name, found->row, found->subcommands, sink);
    }
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const CommandDocs& c, ReplySink& sink) {
  const auto tops = TopLevel(x.commands());
  std::vector<Top> chosen;
  if (c.names.empty()) chosen = tops;
  for (Bytes name : c.names) {
    Top subcommand;
    if (const Top* found = Lookup(tops, name, subcommand)) chosen.push_back(*found);
  }
  sink.Begin(Shape::kMap, chosen.size());
  for (const Top& top : chosen) EmitDocs(top.name, top.row, top.subcommands, sink);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const CommandGetKeys& c, ReplySink& sink) {
  std::vector<Arg> argv;
  const auto keys = KeysOf(x, c.command, c.arguments, argv);
  if (!keys) return keys.error();
  sink.Begin(Shape::kArray, keys->size());
  for (const KeyPosition& key : *keys) sink.Bulk(argv[key.index].bytes);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const CommandGetKeysAndFlags& c, ReplySink& sink) {
  std::vector<Arg> argv;
  const auto keys = KeysOf(x, c.command, c.arguments, argv);
  if (!keys) return keys.error();
  sink.Begin(Shape::kArray, keys->size());
  for (const KeyPosition& key : *keys) {
    sink.Begin(Shape::kArray, 2);
    sink.Bulk(argv[key.index].bytes);
    EmitStatuses(KeyUseNames(key.use), sink);
    sink.End();
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const CommandList& c, ReplySink& sink) {
  std::vector<std::string> names;
  const auto add = [&](Bytes full_name, const CommandInfo& info) {
    std::string name = errors::DisplayName(full_name);
    if (IsListed(c.filter, name, info)) names.push_back(std::move(name));
  };
  for (const Top& top : TopLevel(x.commands())) {
    add(top.name, top.row != nullptr ? *top.row->info : kContainerInfo);
    for (const CommandRow* row : top.subcommands) add(row->name(), *row->info);
  }
  sink.Begin(Shape::kArray, names.size());
  for (const std::string& name : names) sink.Bulk(name);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec&, const CommandHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "(no subcommand)",
      "    Return details about all Redis commands.",
      "COUNT",
      "    Return the total number of commands in this Redis server.",
      "LIST",
      "    Return a list of all commands in this Redis server.",
      "INFO [<command-name> ...]",
      "    Return details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "DOCS [<command-name> ...]",
      "    Return documentation details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "GETKEYS <full-command>",
      "    Return the keys from a full Redis command.",
      "GETKEYSANDFLAGS <full-command>",
      "    Return the keys and the access flags from a full Redis command.",
  };
  return EmitHelp("COMMAND", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family IntrospectionCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<CommandAll>(),
      Add<CommandCount>(),
      Add<CommandDocs>(),
      Add<CommandGetKeys>(),
      Add<CommandGetKeysAndFlags>(),
      Add<CommandInfoOf>(),
      Add<CommandHelp>(),
      Add<CommandList>(),
  };
  return {kCommands};
}

}  // namespace dualis
