// The direction of the arrows: every #include of the repository against the one table of who may know whom.
//
//   engine:  core < types < keyspace < rdb < command < { resp, commands, lua } < persist < runtime
//   rooms:   engine < script;  engine < compat;  { engine, script, compat/wire } < client
//   top:     tests, bench, examples use anything; nothing uses them
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/hygiene/repository.h"

namespace dualis::hygiene {
namespace {

// A folder and its rank in its room: it may include folders of lower rank and itself, not its equals.
const std::map<std::string, int> kEngineRanks = {
    {"include", 0}, {"core", 1}, {"types", 2},    {"keyspace", 3}, {"rdb", 4},     {"command", 5},
    {"resp", 6},    {"lua", 6},  {"commands", 6}, {"persist", 7},  {"runtime", 8},
};
const std::map<std::string, int> kScriptRanks = {
    {"include", 0}, {"semantics", 1}, {"ir", 2}, {"build", 3}, {"lua", 3}, {"native", 3}, {"explain", 4},
};
// In compat everything may use wire, and nothing else is shared.
const std::map<std::string, int> kCompatRanks = {
    {"include", 0},         {"wire", 1},     {"standin", 2}, {"hiredis", 3},
    {"hiredis_cluster", 4}, {"listener", 5}, {"cli", 6},     {"packaging", 6},
};

// The rooms that a room may use beside itself.
const std::map<std::string, std::set<std::string>> kRooms = {
    {"engine", {}},
    {"script", {"engine"}},
    {"compat", {"engine"}},
    {"client", {"engine", "script", "compat"}},
};
const std::set<std::string> kTop = {"tests", "bench", "examples"};

// A place: "engine/core" of engine/core/glob.h.
struct Place {
  std::string room, folder;
  explicit Place(const std::string& file) {
    const size_t slash = file.find('/');
    room = file.substr(0, slash);
    const size_t next = slash == std::string::npos ? slash : file.find('/', slash + 1);
    folder = next == std::string::npos ? "" : file.substr(slash + 1, next - slash - 1);
  }
};

bool RanksAllow(const std::map<std::string, int>& ranks, const std::string& from, const std::string& to) {
  if (from == to) return true;
  const auto f = ranks.find(from);
  const auto t = ranks.find(to);
  return f != ranks.end() && t != ranks.end() && t->second < f->second;
}

bool ArrowAllows(const Place& from, const Place& to) {
  if (kTop.contains(from.room)) return true;
  if (kTop.contains(to.room)) return false;
  if (from.room == to.room) {
    if (from.room == "engine") return RanksAllow(kEngineRanks, from.folder, to.folder);
    if (from.room == "script") return RanksAllow(kScriptRanks, from.folder, to.folder);
    if (from.room == "compat") return RanksAllow(kCompatRanks, from.folder, to.folder);
    return true;
  }
  if (!kRooms.at(from.room).contains(to.room)) return false;
  // Of the networks the client knows only wire, and wire knows of the engine no more than texts and RESP.
  if (from.room == "client" && to.room == "compat") return to.folder == "wire";
  if (from.folder == "wire") return to.folder == "include" || to.folder == "core" || to.folder == "resp";
  // Generating Lua takes the descriptions of commands, never a running engine.
  if (from.room == "script" && from.folder == "lua") return to.folder != "runtime" && to.folder != "keyspace";
  return true;
}

// Headers that other libraries' users include by their bare names, and where we have them.
bool IsForeignName(const std::string& path) {
  return path.find('/') == std::string::npos || path.rfind("adapters/", 0) == 0 || path.rfind("hiredis/", 0) == 0 ||
         path.rfind("../", 0) == 0;  // hiredis' adapters, whose headers stand one folder up wherever they are installed
}

class Includes : public testing::Test {
 protected:
  Includes() : files_(SourceFiles({"engine", "script", "compat", "client", "tests", "bench", "examples"})) {
    for (const std::string& file : files_) {
      const size_t at = file.find(kPublicFolder);
      if (at != std::string::npos) public_["dualis/" + file.substr(at + kPublicFolder.size())] = file;
    }
  }

  // The file that an include of ours names; empty if it is not one of ours.
  std::string Resolve(const Include& include) const {
    const auto it = public_.find(include.path);
    if (it != public_.end()) return it->second;
    return std::binary_search(files_.begin(), files_.end(), include.path) ? include.path : "";
  }

  std::vector<std::string> files_;
  std::map<std::string, std::string> public_;  // "dualis/x.h" -> its file
};

TEST_F(Includes, FollowTheArrows) {
  ASSERT_GT(files_.size(), 100u) << "the test does not run in the top folder";
  for (const std::string& file : files_) {
    for (const Include& include : IncludesOf(file)) {
      const std::string target = Resolve(include);
      if (target.empty()) continue;
      EXPECT_TRUE(ArrowAllows(Place(file), Place(target)))
          << file << ":" << include.line << " includes " << include.path;
    }
  }
}

TEST_F(Includes, AreSpelledFromTheTop) {
  for (const std::string& file : files_) {
    for (const Include& include : IncludesOf(file)) {
      if (include.angled || !Resolve(include).empty() || include.path.rfind("absl/", 0) == 0) continue;
      const bool foreign =
          (file.rfind("compat/", 0) == 0 || kTop.contains(Place(file).room)) && IsForeignName(include.path);
      EXPECT_TRUE(foreign) << file << ":" << include.line << " includes \"" << include.path
                           << "\", which is no file from the top of the repository";
    }
  }
}

TEST_F(Includes, OfPublicHeadersAreStandardOrPublic) {
  ASSERT_GT(public_.size(), 20u);
  for (const auto& [name, file] : public_) {
    for (const Include& include : IncludesOf(file)) {
      const bool standard = include.angled && include.path.find_first_of("/.") == std::string::npos;
      EXPECT_TRUE(standard || public_.contains(include.path))
          << file << ":" << include.line << " includes " << include.path;
    }
  }
}

// Two rooms may not have public headers of one name: which is meant would depend on the order of folders.
TEST_F(Includes, PublicHeadersHaveOneNameEach) {
  std::map<std::string, std::string> seen;
  for (const std::string& file : files_) {
    const size_t at = file.find(kPublicFolder);
    if (at == std::string::npos) continue;
    const auto [it, fresh] = seen.emplace(file.substr(at), file);
    EXPECT_TRUE(fresh) << file << " and " << it->second;
  }
}

}  // namespace
}  // namespace dualis::hygiene
