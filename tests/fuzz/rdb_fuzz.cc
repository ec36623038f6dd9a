// Whole snapshots. What loads must be readable, and must survive being saved and loaded again.
#include <memory>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"
#include "tests/rdb/memory_file.h"
#include "tests/rdb/payload.h"

namespace {

using dualis::test::MemoryFile;

dualis::SnapshotOptions Lenient() { return {.progress = nullptr, .compress = true, .checksum = false}; }

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  std::vector<std::string> seeds;
  const auto engine = Engine::Create({.seed = 1});
  const auto session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  for (const test::Words& words : EveryType()) {
    ask(words);
    // Each alone, and all so far.
    MemoryFile all;
    if (!engine->Save(all)) continue;
    seeds.push_back(all.bytes);
    const std::string dump = ask({"DUMP", words[1]}).text;
    if (dump.size() < 11) continue;
    seeds.push_back(test::File(dump.substr(0, 1) + test::Plain(words[1]) + dump.substr(1, dump.size() - 11), 12));
  }
  for (const std::string& payload : HandMade()) {
    seeds.push_back(test::File(payload.substr(0, 1) + test::Plain("k") + payload.substr(1), 12));
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  static const std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  static const std::unique_ptr<Session> session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  ask({"SET", "before", "v"});
  MemoryFile file(std::string(reinterpret_cast<const char*>(data), size));
  const auto loaded = engine->Load(file, Lenient());
  if (!loaded) {
    fuzz::Check(ask({"GET", "before"}).text == "v", "a load that fails leaves what was there");
    return 0;
  }
  for (int db = 0; db < 16; ++db) {
    ask({"SELECT", std::to_string(db)});
    for (const auto& key : ask({"KEYS", "*"}).children) fuzz::Exercise(ask, key.text);
  }
  ask({"SELECT", "0"});
  MemoryFile again;
  fuzz::Check(engine->Save(again).ok(), "what was loaded can be saved");
  fuzz::Check(engine->Load(again).ok(), "what was saved can be loaded");
  ask({"FLUSHALL"});
  return 0;
}
