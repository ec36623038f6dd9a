// CommandInfo, CommandRow, Command: what every front knows of a command.
//
// A command struct declares kInfo, Reply, its fields and Syntax; engine/commands/ defines Run for it and lists it with
// one Add<C>() line. Add derives from these the row: functions to run it typed, to parse and run it, to encode it, and
// its description. Row<C>::value is how a typed caller names the command; nothing is looked up.
#ifndef DUALIS_COMMAND_H_
#define DUALIS_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/reply.h"
#include "dualis/result.h"

namespace dualis {

class Exec;
class ArgList;
class Outcome;
class KeyMapper;
struct CommandDescription;
struct KeyPosition;
struct ReplyType;

// Redis' command flags, with Redis' names in COMMAND INFO.
enum CommandFlags : uint32_t {
  kWrite = 1u << 0,
  kReadOnly = 1u << 1,
  kDenyOom = 1u << 2,
  kAdmin = 1u << 3,
  kPubSub = 1u << 4,
  kNoScriptFlag = 1u << 5,
  kBlocking = 1u << 6,
  kLoading = 1u << 7,
  kStale = 1u << 8,
  kSkipMonitor = 1u << 9,
  kSkipSlowlog = 1u << 10,
  kFast = 1u << 11,
  kNoAuthFlag = 1u << 12,
  kMayReplicate = 1u << 13,
  kAllowBusy = 1u << 14,
  kMovableKeys = 1u << 15,
  kNoMulti = 1u << 16,
  kNoMandatoryKeys = 1u << 17,
  kNoAsyncLoading = 1u << 18,
  kDangerous = 1u << 19,  // only an ACL category
  // How the engine runs it.
  kUncheckedSubscribed = 1u << 24,  // allowed to a RESP2 session that has subscriptions
  kNotQueued = 1u << 25,            // runs at once inside MULTI: EXEC, DISCARD, WATCH, MULTI, QUIT, RESET
  kVolatileReply = 1u << 26,        // its reply differs from run to run (TIME, RANDOMKEY): tests compare shapes only
};

enum class Group : uint8_t {
  kString,
  kBitmap,
  kList,
  kHash,
  kSet,
  kSortedSet,
  kGeo,
  kHyperLogLog,
  kStream,
  kGeneric,
  kPubSub,
  kTransactions,
  kScripting,
  kConnection,
  kServer,
  kCluster,
};

// What stands about a command beside its syntax.
struct CommandInfo {
  // The ACL category is the group's.
  static constexpr Bytes kGroupCategory = "?";

  Bytes name;  // upper case; "SCRIPT LOAD" is the subcommand LOAD of the container SCRIPT
  uint32_t flags = 0;
  Group group = Group::kGeneric;
  Bytes since = "1.0.0";
  Bytes summary = {};
  Bytes complexity = {};
  // ACL categories instead of the group's own, separated by blanks. What follows from flags comes in addition.
  Bytes categories = kGroupCategory;
};

class PreparedCommand;

// One row of a command table; constant, shared by all engines.
struct CommandRow {
  const CommandInfo* info;
  // Runs the command whose struct is at `self`. Null for a container, which only has subcommands.
  Outcome (*run)(Exec&, const void* self, ReplySink&);
  // Parses the words (name included) and runs. Errors of syntax are returned.
  Outcome (*parse_and_run)(Exec&, Args, ReplySink&);
  // Appends name and words. The words borrow from the struct and from the list.
  void (*encode)(const void* self, ArgList&);
  // The rules that parsing enforces, for a typed caller.
  Error (*check)(const void* self);
  // Calls `visit` with a copy of the command at `self` whose keys, patterns and channels went through `mapper`.
  void (*map_keys)(const void* self, KeyMapper& mapper, void* context,
                   void (*visit)(void* context, const void* mapped));
  // The same for untyped words; an error if they do not parse.
  Error (*parse_and_map)(Args, KeyMapper& mapper, ArgList& out);
  // Arity, key positions, arguments: derived from Syntax once.
  const CommandDescription& (*describe)();
  // The type of its Reply, which says what parts of a reply are key names. Null for a container.
  const ReplyType* reply = nullptr;
  // For a caller with the same words again and again, but for those whose bit in `unknown` is set: what can be read of
  // them beforehand, borrowed from `argv` (engine/command/prepare.h). Null if each call has to be parsed.
  std::unique_ptr<PreparedCommand> (*prepare)(Args argv, uint64_t unknown) = nullptr;
  // For a command whose words do not say all of it: a copy of the one at `self` that stays as long as it is held, which
  // MULTI, a pause and a pipeline then keep in place of the words. Null for all others.
  std::shared_ptr<const void> (*keep)(const void* self) = nullptr;

  Bytes name() const { return info->name; }
  bool is(uint32_t flag) const { return (info->flags & flag) != 0; }
};

// The row of a built-in command; defined by its Add<C>() line in engine/commands/.
template <class C>
struct Row {
  static const CommandRow value;
};

// A command with its type erased: borrowed, valid as long as the struct it came from.
class Command {
 public:
  template <class C>
  requires requires { C::kInfo; }
  Command(const C& c) : row_(&Row<C>::value), self_(&c) {}  // NOLINT(google-explicit-constructor)
  Command(const CommandRow& row, const void* self) : row_(&row), self_(self) {}

  const CommandRow& row() const { return *row_; }
  const void* self() const { return self_; }

 private:
  const CommandRow* row_;
  const void* self_;
};

// Rewrites the names of a command on its way in: a client's prefix. The result must live as long as the mapper.
class KeyMapper {
 public:
  virtual ~KeyMapper() = default;
  virtual Bytes MapKey(Bytes key) = 0;
  virtual Bytes MapKeyPattern(Bytes glob) = 0;
  virtual Bytes MapChannel(Bytes channel) = 0;
  virtual Bytes MapChannelPattern(Bytes glob) = 0;
  // The pattern for a command that would walk all keys when none is given (SCAN without MATCH); empty: leave it out.
  virtual Bytes DefaultKeyPattern() = 0;
};

// The words of an encoded command. Words are borrowed unless added with Own().
class ArgList {
 public:
  void Add(Arg arg) { args_.push_back(arg); }
  // Keeps a copy of the bytes.
  void Own(Bytes bytes);
  Args args() const { return args_; }
  size_t size() const { return args_.size(); }
  void Clear();

 private:
  std::vector<Arg> args_;
  std::vector<std::unique_ptr<char[]>> owned_;
};

// The commands of one engine: the built-in rows, shared by all, and an overlay of its own.
class CommandTable {
 public:
  CommandTable();
  ~CommandTable();
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  // Adds a row, which must outlive the table; replaces a built-in of the same name. Only before the first Connect().
  Error Add(const CommandRow& row);
  // No more rows: the engine's first Connect() calls it.
  void Close();
  // The row for a command's words: of the subcommand if the first word names a container. Null if there is none; then
  // `*error` holds Redis' unknown-command or unknown-subcommand text.
  const CommandRow* Find(Args argv, Error* error) const;
  // The row by full name ("GET", "SCRIPT LOAD"), in any case. Null if absent.
  const CommandRow* FindByName(Bytes full_name) const;
  // All rows, containers included, ordered by name.
  std::vector<const CommandRow*> rows() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dualis

#endif  // DUALIS_COMMAND_H_
