// The engine's command table: that it has every command, and says of each what redis-server's COMMAND INFO says.
//
// commands.tsv lists the commands that there are. What redis-server 7.0 and the later versions tell differently is
// listed here, each with its reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "dualis/engine.h"
#include "tests/runner/oracle_server.h"
#include "tests/runner/reply_tree.h"
#include "tests/runner/tree_sink.h"

namespace dualis {
namespace {

using cases::PrintReply;
using cases::ReplyTree;

// The elements of an entry of COMMAND.
enum Field : size_t { kName, kArity, kFlags, kFirst, kLast, kStep, kCategories, kTips, kKeySpecs, kSubcommands };

struct Part {
  Field field;
  const char* name;
  bool ordered;
};
constexpr Part kParts[] = {
    {kArity, "arity", true},   {kFlags, "flags", false},       {kFirst, "first key", true},
    {kLast, "last key", true}, {kStep, "step", true},          {kCategories, "categories", false},
    {kTips, "tips", true},     {kKeySpecs, "key specs", true},
};

struct Exception {
  const char* command;
  const char* part;
  const char* reason;
};
constexpr Exception kExceptions[] = {
    {"command|getkeys", "arity", "7.2 lets it say itself that the command has no keys"},
    {"command|getkeysandflags", "arity", "7.2 lets it say itself that the command has no keys"},
    {"blmove", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"blpop", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"brpop", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"brpoplpush", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"bzpopmax", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"bzpopmin", "flags", "7.2 lets scripts call it; it does not wait there"},
    {"restore-asking", "flags", "asking means something in a cluster only"},
    {"zrank", "arity", "7.2 adds WITHSCORE"},
    {"zrevrank", "arity", "7.2 adds WITHSCORE"},
};

bool IsException(const std::string& command, const std::string& part) {
  return std::any_of(std::begin(kExceptions), std::end(kExceptions), [&](const Exception& exception) {
    return command == exception.command && part == exception.part;
  });
}

std::string Lower(std::string name) {
  for (char& c : name) c = c == ' ' ? '|' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

// The entries of COMMAND by name, subcommands included.
std::map<std::string, ReplyTree> ByName(const ReplyTree& entries) {
  std::map<std::string, ReplyTree> by_name;
  for (const ReplyTree& entry : entries.children) {
    by_name[entry.children[kName].text] = entry;
    by_name.merge(ByName(entry.children[kSubcommands]));
  }
  return by_name;
}

ReplyTree AskEngine(std::vector<Arg> words) {
  const auto engine = Engine::Create();
  const auto session = engine->Connect();
  cases::TreeSink sink([] { return 2; });
  session->Execute(words, sink);
  return sink.Take();
}

std::map<std::string, ReplyTree> OfEngine() { return ByName(AskEngine({"COMMAND"})); }

// A field as text. Flags are sets; the flags of a key spec too.
std::string Text(ReplyTree value, bool ordered) {
  if (!ordered) {
    std::sort(value.children.begin(), value.children.end(),
              [](const ReplyTree& a, const ReplyTree& b) { return a.text < b.text; });
  }
  for (ReplyTree& child : value.children) {
    for (size_t i = 0; i + 1 < child.children.size(); ++i) {
      if (child.children[i].text != "flags") continue;
      std::vector<ReplyTree>& flags = child.children[i + 1].children;
      std::sort(flags.begin(), flags.end(), [](const ReplyTree& a, const ReplyTree& b) { return a.text < b.text; });
    }
  }
  std::string text;
  for (const std::string& line : PrintReply(value)) text += line + "\n";
  return text;
}

TEST(CommandTable, SaysWhatRedisServerSays) {
  const cases::OracleServer server;
  cases::OracleSocket oracle(server.socket_path());
  const std::map<std::string, ReplyTree> theirs = ByName(oracle.Ask({"COMMAND"}));
  const std::map<std::string, ReplyTree> ours = OfEngine();
  for (const auto& [name, entry] : ours) {
    const auto their = theirs.find(name);
    if (their == theirs.end()) continue;
    for (const Part& part : kParts) {
      const std::string expected = Text(their->second.children[part.field], part.ordered);
      const std::string actual = Text(entry.children[part.field], part.ordered);
      if (IsException(name, part.name)) {
        EXPECT_NE(actual, expected) << name << ": its " << part.name << " is no exception any more";
      } else {
        EXPECT_EQ(actual, expected) << name << ": " << part.name;
      }
    }
  }
}

// The fields of COMMAND DOCS by command, subcommands included: name, then field, then its text.
using Docs = std::map<std::string, std::map<std::string, std::string>>;

void AddDocs(const ReplyTree& commands, Docs* docs) {
  for (size_t i = 0; i + 1 < commands.children.size(); i += 2) {
    const std::vector<ReplyTree>& fields = commands.children[i + 1].children;
    auto& of_command = (*docs)[commands.children[i].text];
    for (size_t f = 0; f + 1 < fields.size(); f += 2) {
      if (fields[f].text == "subcommands") {
        AddDocs(fields[f + 1], docs);
      } else {
        of_command[fields[f].text] = Text(fields[f + 1], true);
      }
    }
  }
}

// Summaries and complexities are in words of our own; the history of a command is not told.
TEST(CommandTable, DocumentsWhatRedisServerDocuments) {
  const cases::OracleServer server;
  cases::OracleSocket oracle(server.socket_path());
  const std::vector<std::string> words = {"COMMAND", "DOCS"};
  Docs theirs, ours;
  AddDocs(oracle.Ask(words), &theirs);
  AddDocs(AskEngine({"COMMAND", "DOCS"}), &ours);
  for (const auto& [name, fields] : ours) {
    const auto their = theirs.find(name);
    if (their == theirs.end()) continue;
    for (const char* field : {"since", "group", "doc_flags", "deprecated_since"}) {
      const auto ask = [&](const std::map<std::string, std::string>& of) {
        const auto it = of.find(field);
        return it == of.end() ? std::string() : it->second;
      };
      EXPECT_EQ(ask(fields), ask(their->second)) << name << ": " << field;
    }
  }
}

struct Known {
  std::string name;
  std::string first;  // "7.0", "7.2", "7.4"
  std::string sense;  // "yes", "stub", "no"
};

std::vector<Known> KnownCommands() {
  std::vector<Known> known;
  std::ifstream file("tests/model/commands.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream parts(line);
    Known one;
    std::getline(parts, one.name, '\t');
    std::getline(parts, one.first, '\t');
    std::getline(parts, one.sense, '\t');
    one.name = Lower(one.name);
    known.push_back(std::move(one));
  }
  return known;
}

TEST(CommandTable, HasEveryCommand) {
  const std::map<std::string, ReplyTree> ours = OfEngine();
  const std::vector<Known> known = KnownCommands();
  size_t wanted = 0;
  std::vector<std::string> missing;
  for (const Known& command : known) {
    if (command.sense == "no") continue;
    ++wanted;
    if (!ours.contains(command.name)) missing.push_back(command.name);
  }
  std::printf("%zu of %zu leaf commands\n", wanted - missing.size(), wanted);
  EXPECT_EQ(wanted, 322u);
  for (const std::string& name : missing) ADD_FAILURE() << "missing: " << name;
}

TEST(CommandTable, HasNoCommandOfItsOwn) {
  std::set<std::string> known;
  for (const Known& command : KnownCommands()) known.insert(command.name);
  for (const auto& [name, entry] : OfEngine()) {
    if (!entry.children[kSubcommands].children.empty()) continue;
    EXPECT_TRUE(known.contains(name)) << name;
  }
}

}  // namespace
}  // namespace dualis
