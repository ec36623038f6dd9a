// DEBUG's harmless part, SHUTDOWN, ROLE. Each subcommand of DEBUG is a function in one table, with the number of words
// that it takes.
#include "dualis/commands/debug.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/script_host.h"
#include "engine/command/word.h"
#include "engine/commands/digest.h"
#include "engine/commands/encodings.h"
#include "engine/core/number_text.h"
#include "engine/rdb/dump.h"
#include "engine/types/hash.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kNotAllowed = {
    ErrorCode::kErr,
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "
    "local "
    "connection, otherwise you need to set this option in the configuration file, and then restart the server."};
constexpr Error::Rep kBadProtocolType = {
    ErrorCode::kErr,
    "ERR Wrong protocol type name. Please use one of the following: "
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"};
constexpr Error::Rep kNoSuchDb = {ErrorCode::kErr, "ERR Out of range database"};
constexpr Error::Rep kNotPositive = {ErrorCode::kErr, "ERR value is out of range, must be positive"};
constexpr Error::Rep kBadThreshold = {ErrorCode::kErr,
                                      "ERR argument must be a memory value bigger than 1 and smaller than 4gb"};
constexpr Error::Rep kNoReload = {ErrorCode::kErr, "ERR This engine keeps no file to load from"};
constexpr Error::Rep kNoListener = {
    ErrorCode::kErr, "ERR Errors trying to SHUTDOWN. An embedded engine has no listener that could be shut down."};
constexpr Error::Rep kNoShutdown = {ErrorCode::kErr, "ERR No shutdown in progress."};
constexpr Error::Rep kNotQuicklist = {ErrorCode::kErr, "ERR Not a quicklist encoded object."};
constexpr Error::Rep kNoTable = {ErrorCode::kErr,
                                 "ERR The value stored at the specified key is not represented using an hash table"};
constexpr Error::Rep kNotListpack = {ErrorCode::kErr, "ERR Not a listpack encoded object."};

using Words = std::span<const Bytes>;

Outcome Ok(ReplySink& sink) {
  sink.Simple("OK");
  return Outcome();
}

Outcome Sleep(Exec& x, Words words, ReplySink& sink) {
  // What is no number is no time.
  const double seconds = ParseDouble(words[0]).value_or(0);
  if (seconds > 0) x.server().Sleep(static_cast<int64_t>(std::min(seconds, 1e9) * 1e6));
  return Ok(sink);
}

Outcome Object(Exec& x, Words words, ReplySink& sink) {
  // One that is dead and still there is shown, too.
  const Entry* entry = x.db().Find(words[0]);
  if (entry == nullptr) return Error(&errors::kNoSuchKey);
  const Access& access = x.server().stats().access;
  char digits[16];
  const auto place = reinterpret_cast<uintptr_t>(entry);
  const Bytes address(digits,
                      static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, place, 16).ptr - digits));
  const Bytes encoding = EncodingOf(*entry);
  // The payload without its footer: type, value, version and checksum.
  const size_t serialized = rdb::Dump(*entry).size() - 11;
  sink.Simple("Value at:0x" + std::string(address) + " refcount:1 encoding:" + std::string(encoding) +
              " serializedlength:" + std::to_string(serialized) + " lru:" + std::to_string(entry->access()) +
              " lru_seconds_idle:" + std::to_string(access.lfu ? 0 : access.Idle(*entry)));
  return Outcome();
}

Outcome SetActiveExpire(Exec& x, Words words, ReplySink& sink) {
  x.server().set_active_expire(std::atoi(std::string(words[0]).c_str()) != 0);
  return Ok(sink);
}

Outcome SetDisableDenyScripts(Exec& x, Words words, ReplySink& sink) {
  x.scripts().set_admits_server_commands(std::atoi(std::string(words[0]).c_str()) != 0);
  return Ok(sink);
}

Outcome DigestOfAll(Exec& x, Words, ReplySink& sink) {
  Digest digest;
  for (int i = 0; i < x.host().databases(); ++i) digest.AddDb(x.host().db(i));
  sink.Simple(digest.Hex());
  return Outcome();
}

Outcome DigestValue(Exec& x, Words words, ReplySink& sink) {
  sink.Begin(Shape::kArray, words.size());
  for (Bytes key : words) {
    Digest digest;
    if (const Entry* entry = x.Inspect(Key(key))) digest.AddValue(*entry);
    sink.Simple(digest.Hex());
  }
  sink.End();
  return Outcome();
}

Outcome Reload(Exec& x, Words words, ReplySink& sink) {
  if (!x.server().hooks().reload) return Error(&kNoReload);
  std::vector<Arg> argv(words.begin(), words.end());
  if (Error failure = x.server().hooks().reload(x, argv)) return failure;
  return Ok(sink);
}

Outcome Populate(Exec& x, Words words, ReplySink& sink) {
  const auto count = ParseInt64(words[0]);
  if (!count || *count < 0) return Error(&kNotPositive);
  const std::string prefix(words.size() > 1 ? words[1] : Bytes("key"));
  int64_t size = 0;
  if (words.size() > 2) {
    const auto given = ParseInt64(words[2]);
    if (!given || *given < 0) return Error(&kNotPositive);
    size = *given;
  }
  for (int64_t i = 0; i < *count; ++i) {
    const std::string key = prefix + ":" + std::to_string(i);
    if (x.FindForWrite(Key(key)) != nullptr) continue;
    std::string value = "value:" + std::to_string(i);
    if (size > 0) value.resize(static_cast<size_t>(size), '\0');
    x.PutString(Key(key), value);
    x.Effect({"SET", key, value});
  }
  return Ok(sink);
}

Outcome Protocol(Exec& x, Words words, ReplySink& sink) {
  const Bytes type = words[0];
  if (IsWord(type, "STRING")) {
    sink.Bulk("Hello World");
  } else if (IsWord(type, "INTEGER")) {
    sink.Int(12345);
  } else if (IsWord(type, "DOUBLE")) {
    sink.Double(3.141);
  } else if (IsWord(type, "NULL")) {
    sink.Null();
  } else if (IsWord(type, "ARRAY") || IsWord(type, "SET")) {
    sink.Begin(IsWord(type, "SET") ? Shape::kSet : Shape::kArray, 3);
    for (int i = 0; i < 3; ++i) sink.Int(i);
    sink.End();
  } else if (IsWord(type, "MAP")) {
    sink.Begin(Shape::kMap, 3);
    for (int i = 0; i < 3; ++i) {
      sink.Int(i);
      sink.Bool(i == 1);
    }
    sink.End();
  } else if (IsWord(type, "ATTRIB")) {
    // The engine sends no attributes; a client that skips them sees this.
    sink.Bulk("Some real reply following the attribute");
  } else if (IsWord(type, "PUSH")) {
    if (x.session().protocol() < 3) return Error(ErrorCode::kErr, "ERR RESP2 is not supported by this command");
    sink.Bulk("Some real reply following the push reply");
  } else if (IsWord(type, "VERBATIM")) {
    sink.Verbatim("This is a verbatim\nstring", "txt");
  } else if (IsWord(type, "TRUE") || IsWord(type, "FALSE")) {
    sink.Bool(IsWord(type, "TRUE"));
  } else if (IsWord(type, "BIGNUM")) {
    sink.BigNumber("1234567999999999999999999999999999999");
  } else {
    return Error(&kBadProtocolType);
  }
  return Outcome();
}

Outcome Fail(Exec&, Words words, ReplySink&) { return errors::Named(words[0], {}); }

Outcome Log(Exec& x, Words words, ReplySink& sink) {
  x.server().Log(LogLevel::kWarning, "DEBUG LOG: " + std::string(words[0]));
  return Ok(sink);
}

Outcome ChangeReplicationId(Exec& x, Words, ReplySink& sink) {
  x.server().ChangeReplicationId();
  return Ok(sink);
}

Outcome PackedThreshold(Exec&, Words words, ReplySink& sink) {
  // Lists decide by bytes whether an element shares a block, so there is nothing to set.
  int64_t bytes = 0;
  if (!ParseMemory(words[0], &bytes) || words[0].empty() || words[0][0] < '0' || words[0][0] > '9' ||
      bytes > int64_t{4} << 30) {
    return Error(&kBadThreshold);
  }
  return Ok(sink);
}

Outcome Listpack(Exec& x, Words words, ReplySink& sink) {
  const Entry* entry = x.Inspect(Key(words[0]));
  if (entry == nullptr) return Error(&errors::kNoSuchKey);
  if (EncodingOf(*entry) != "listpack") return Error(&kNotListpack);
  sink.Simple("Listpack structure printed on stdout");
  return Outcome();
}

Outcome Quicklist(Exec& x, Words words, ReplySink& sink) {
  const Entry* entry = x.Inspect(Key(words[0]));
  if (entry == nullptr) return Error(&errors::kNoSuchKey);
  if (EncodingOf(*entry) != "quicklist") return Error(&kNotQuicklist);
  sink.Simple("Quicklist structure printed on stdout");
  return Outcome();
}

std::string TableText(Bytes name, size_t elements, size_t bytes) {
  std::string text = name.empty() ? "" : "[" + std::string(name) + " HT]\n";
  if (elements == 0) return text + "Hash table 0 stats (main hash table):\nNo stats available for empty dictionaries\n";
  return text + "Hash table 0 stats (main hash table):\n number of elements: " + std::to_string(elements) +
         "\n bytes of the table: " + std::to_string(bytes) + "\n";
}

Outcome TableStats(Exec& x, Words words, ReplySink& sink) {
  const auto index = ParseInt64(words[0]);
  if (!index) return Error(&errors::kNotInteger);
  if (*index < 0 || *index >= x.host().databases()) return Error(&kNoSuchDb);
  const Db& db = x.host().db(static_cast<int>(*index));
  sink.Verbatim(
      TableText("Dictionary", db.size(), db.table_bytes()) + TableText("Expires", db.expiring(), db.expiry_bytes()),
      "txt");
  return Outcome();
}

Outcome TableStatsOfKey(Exec& x, Words words, ReplySink& sink) {
  const Entry* entry = x.Inspect(Key(words[0]));
  if (entry == nullptr) return Error(&errors::kNoSuchKey);
  const Bytes encoding = EncodingOf(*entry);
  std::string text;
  if (entry->type() == ValueType::kSet && encoding == "hashtable") {
    const auto& set = *static_cast<const Set*>(entry->value());
    text = TableText({}, set.size(), set.memory());
  } else if (entry->type() == ValueType::kHash && encoding == "hashtable") {
    const auto& hash = *static_cast<const Hash*>(entry->value());
    text = TableText({}, hash.size(), hash.memory());
  } else if (entry->type() == ValueType::kSortedSet && encoding == "skiplist") {
    const auto& set = *static_cast<const SortedSet*>(entry->value());
    text = TableText({}, set.size(), set.memory());
  } else {
    return Error(&kNoTable);
  }
  sink.Verbatim(text, "txt");
  return Outcome();
}

Outcome StructSize(Exec&, Words, ReplySink& sink) {
  sink.Simple("bits:64 robj:" + std::to_string(sizeof(Entry)) + " string:" + std::to_string(sizeof(String)) + " ");
  return Outcome();
}

// Switches of a server's inner life that an engine does not have.
Outcome Ignored(Exec&, Words, ReplySink& sink) { return Ok(sink); }

Outcome Help(Exec&, Words, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CHANGE-REPL-ID",
      "    Change the replication IDs of the instance.",
      "DIGEST",
      "    Output a hex signature representing the current DB content.",
      "DIGEST-VALUE <key> [<key> ...]",
      "    Output a hex signature of the values of all the specified keys.",
      "ERROR <string>",
      "    Return a Redis protocol error with <string> as message. Useful for clients",
      "    unit tests to simulate Redis errors.",
      "HTSTATS <dbid>",
      "    Return hash table statistics of the specified Redis database.",
      "LISTPACK <key>",
      "    Show low level info about the listpack encoding of <key>.",
      "LOG <message>",
      "    Write <message> to the server log.",
      "OBJECT <key>",
      "    Show low level info about `key` and associated value.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Create <count> string keys named key:<num>. If <prefix> is specified then",
      "    it is used instead of the 'key' prefix.",
      "PROTOCOL <type>",
      "    Reply with a test value of the specified type. <type> can be: string,",
      "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
      "    true, false.",
      "QUICKLIST-PACKED-THRESHOLD <size>",
      "    Sets the threshold for elements to be inserted as plain vs packed nodes",
      "RELOAD [option ...]",
      "    Save the RDB on disk and reload it back to memory. Valid <option> values:",
      "    MERGE, NOFLUSH, NOSAVE.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Setting it to 0 disables expiring keys in background when they are not",
      "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
      "    default.",
      "SLEEP <seconds>",
      "    Stop the server for <seconds>. Decimals allowed.",
  };
  return EmitHelp("DEBUG", kLines, sink);
}

struct Subcommand {
  Bytes name;
  size_t least;
  size_t most;
  Outcome (*run)(Exec&, Words, ReplySink&);
};

constexpr Subcommand kSubcommands[] = {
    {"AOF-FLUSH-SLEEP", 1, 1, Ignored},
    {"CHANGE-REPL-ID", 0, 0, ChangeReplicationId},
    {"DICT-RESIZING", 1, 1, Ignored},
    {"DIGEST", 0, 0, DigestOfAll},
    {"DIGEST-VALUE", 1, SIZE_MAX, DigestValue},
    {"ERROR", 1, 1, Fail},
    {"HELP", 0, 0, Help},
    {"HTSTATS", 1, 1, TableStats},
    {"HTSTATS-KEY", 1, 2, TableStatsOfKey},
    {"LISTPACK", 1, 1, Listpack},
    {"LOADAOF", 0, 0, Reload},
    {"LOG", 1, 1, Log},
    {"OBJECT", 1, 2, Object},
    {"PAUSE-CRON", 1, 1, Ignored},
    {"POPULATE", 1, 3, Populate},
    {"PROTOCOL", 1, 1, Protocol},
    {"QUICKLIST", 1, 2, Quicklist},
    {"QUICKLIST-PACKED-THRESHOLD", 1, 1, PackedThreshold},
    {"RELOAD", 0, SIZE_MAX, Reload},
    {"REPLYBUFFER", 2, 2, Ignored},
    {"SET-ACTIVE-EXPIRE", 1, 1, SetActiveExpire},
    {"SET-DISABLE-DENY-SCRIPTS", 1, 1, SetDisableDenyScripts},
    {"SET-SKIP-CHECKSUM-VALIDATION", 1, 1, Ignored},
    {"SLEEP", 1, 1, Sleep},
    {"STRUCTSIZE", 0, 0, StructSize},
};

}  // namespace

Outcome Run(Exec& x, const Debug& c, ReplySink& sink) {
  // Sessions of the engine's own process are local; those of a listener come from wherever it listens.
  if (x.server().settings().choice<Allowance>(Setting::kEnableDebugCommand) == Allowance::kNo) {
    return Error(&kNotAllowed);
  }
  for (const Subcommand& subcommand : kSubcommands) {
    if (!IsWord(c.subcommand, subcommand.name)) continue;
    if (c.arguments.size() < subcommand.least || c.arguments.size() > subcommand.most) break;
    return subcommand.run(x, c.arguments.span(), sink);
  }
  std::string text = "ERR unknown subcommand or wrong number of arguments for '";
  return errors::Named(text.append(c.subcommand.substr(0, 128)), "'. Try DEBUG HELP.");
}

Result<Ack> Run(Exec& x, const Shutdown& c) {
  ShutdownRequest request;
  for (Bytes word : c.options) {
    if (IsWord(word, "NOSAVE") || IsWord(word, "SAVE")) {
      const bool save = IsWord(word, "SAVE");
      if (request.save && *request.save != save) return Error(&errors::kSyntax);
      request.save = save;
    } else if (IsWord(word, "NOW")) {
      request.now = true;
    } else if (IsWord(word, "FORCE")) {
      request.force = true;
    } else if (IsWord(word, "ABORT")) {
      request.abort = true;
    } else {
      return Error(&errors::kSyntax);
    }
  }
  if (request.abort && (request.save || request.now || request.force)) return Error(&errors::kSyntax);
  if (request.abort) return Error(&kNoShutdown);
  if (!x.server().hooks().shutdown) return Error(&kNoListener);
  if (Error failure = x.server().hooks().shutdown(x, request)) return failure;
  return Ack{};
}

Outcome Run(ReadExec&, const Role&, ReplySink& sink) {
  sink.Begin(Shape::kArray, 3);
  sink.Bulk("master");
  sink.Int(0);
  sink.Begin(Shape::kArray, 0);
  sink.End();
  sink.End();
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family DebugCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<Debug>(), Add<Role>(), Add<Shutdown>()};
  return {kCommands};
}

}  // namespace dualis
