// Stream ids, intervals and the options of the stream commands. An input is lines of words.
#include <algorithm>
#include <memory>

#include "dualis/engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/lines.h"

std::vector<std::string> dualis::fuzz::Seeds() {
  return {
      "XADD s 1-1 a 1\nXADD s 1-* b 2\nXADD s * c 3\nXADD s 18446744073709551615-18446744073709551615 d 4\nXADD s * e "
      "5",
      "XADD s NOMKSTREAM MAXLEN ~ 5 LIMIT 2 7-0 a b\nXADD s MINID = 3-1 8 f v\nXADD s MAXLEN 0 9 a b\nXLEN s",
      "XADD s 5-5 a 1\nXADD s 6 b 2\nXRANGE s (5-5 + COUNT 1\nXRANGE s - (6-0\nXREVRANGE s + - COUNT -1\nXRANGE s 5 5",
      "XADD s 1 a 1\nXADD s 2 b 2\nXDEL s 1-0 2\nXSETID s 9-9 ENTRIESADDED 7 MAXDELETEDID 2-0\nXTRIM s MINID ~ 2 LIMIT "
      "0",
      "XGROUP CREATE s g $ MKSTREAM ENTRIESREAD 3\nXADD s 1 a 1\nXREADGROUP GROUP g c COUNT 2 NOACK STREAMS s >",
      "XADD s 1 a 1\nXADD s 2 b 2\nXGROUP CREATE s g 0\nXREADGROUP GROUP g c STREAMS s >\nXPENDING s g IDLE 0 - + 9 c\n"
      "XCLAIM s g d 0 1-0 2 IDLE 5 TIME 1 RETRYCOUNT 3 FORCE JUSTID LASTID 9-9\nXAUTOCLAIM s g e 0 (1 COUNT 1\nXACK s "
      "g 1 2",
      "XADD s 3 a 1\nXGROUP CREATE s g -1\nXGROUP SETID s g 2-2 ENTRIESREAD -1\nXINFO STREAM s FULL COUNT 1\nXINFO "
      "GROUPS s\nXGROUP CREATECONSUMER s g c\nXINFO CONSUMERS s g\nXGROUP DELCONSUMER s g c\nXGROUP DESTROY s g",
      "XADD s 1 a 1\nXADD t 2 b 2\nXREAD COUNT 1 STREAMS s t 0-0 (1\nXREAD STREAMS s t $ +\nXREAD STREAMS s 0-",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  static const std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  static const std::unique_ptr<Session> session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  static constexpr Bytes kNames[] = {"XADD",   "XRANGE",   "XREVRANGE", "XTRIM",      "XDEL",
                                     "XSETID", "XLEN",     "XREAD",     "XGROUP",     "XREADGROUP",
                                     "XACK",   "XPENDING", "XCLAIM",    "XAUTOCLAIM", "XINFO"};
  // Nobody would ever wake the only connection.
  const auto waits = [](const test::Words& words) {
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word.size() == 5 && (word[0] | 0x20) == 'b' && (word[1] | 0x20) == 'l';
    });
  };
  fuzz::AskLines(ask, Bytes(reinterpret_cast<const char*>(data), size), kNames, waits);
  // What the stream has become can be stored, read back and taken apart.
  for (const char* key : {"s", "t"}) {
    const cases::ReplyTree stored = ask({"DUMP", key});
    if (stored.kind != cases::ReplyTree::Kind::kBulk) continue;
    const std::string before = test::ContentsOf(ask, key);
    const cases::ReplyTree restored = ask({"RESTORE", "copy", "0", stored.text, "REPLACE"});
    fuzz::Check(restored.kind == cases::ReplyTree::Kind::kStatus, restored.text.c_str());
    fuzz::Check(test::ContentsOf(ask, "copy") == before, "the stream is another one after DUMP and RESTORE");
  }
  ask({"FLUSHALL"});
  return 0;
}
