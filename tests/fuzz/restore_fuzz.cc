// RESTORE: the bytes are a value's form and body; the footer that any attacker can compute is added.
#include <memory>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"
#include "tests/rdb/payload.h"

std::vector<std::string> dualis::fuzz::Seeds() {
  std::vector<std::string> seeds = HandMade();
  const auto engine = Engine::Create({.seed = 1});
  const auto session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  for (const test::Words& words : EveryType()) {
    ask(words);
    const std::string dump = ask({"DUMP", words[1]}).text;
    if (dump.size() > 10) seeds.push_back(dump.substr(0, dump.size() - 10));
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  static const std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  static const std::unique_ptr<Session> session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto reply = ask({"RESTORE", "k", "0", test::Payload(data[0], body, 12)});
  if (reply.text != "OK") {
    fuzz::Check(reply.text == "ERR Bad data format", "the error of bytes that are no value");
    fuzz::Check(ask({"DBSIZE"}).integer == 0, "a RESTORE that fails makes no key");
    return 0;
  }
  fuzz::Exercise(ask, "k");
  ask({"FLUSHALL"});
  return 0;
}
