// The small languages among commands: BITFIELD, BITCOUNT, BITPOS, BITOP, SORT, LCS, COPY. An input is lines of words.
#include <algorithm>
#include <memory>

#include "dualis/engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/lines.h"
#include "tests/rdb/contents.h"

std::vector<std::string> dualis::fuzz::Seeds() {
  return {
      "SET k abcdef\nBITFIELD k SET u8 0 255 GET i5 3 OVERFLOW SAT INCRBY u2 #7 1\nBITFIELD_RO k GET u63 0 GET i64 #2",
      "BITFIELD k OVERFLOW FAIL INCRBY i64 9 9223372036854775807 INCRBY i64 9 1 OVERFLOW WRAP SET u1 77 -1",
      "SET k abc\nBITCOUNT k 1 -1 BIT\nBITCOUNT k -2 5 BYTE\nBITPOS k 0 3 -1 BIT\nBITPOS k 1 2",
      "SET a abc\nSET b x\nBITOP AND d a b\nBITOP NOT d a\nBITOP XOR d a b c\nSETBIT d 77 1\nGETBIT d 5",
      "RPUSH l 3 1 2\nSET w_1 5\nHSET h_2 f 9\nSORT l BY w_* LIMIT 0 2 GET # GET h_*->f DESC ALPHA STORE d\nSORT_RO l",
      "SADD s a b c\nZADD z 1 a 2 b\nSORT s BY nosort STORE d\nSORT z BY nosort DESC LIMIT 1 5\nSORT z ALPHA",
      "SET a ohmytext\nSET b mynewtext\nLCS a b IDX MINMATCHLEN 2 WITHMATCHLEN\nLCS a b LEN\nLCS a b",
      "SET a 1\nCOPY a b REPLACE\nCOPY a b DB 1\nMOVE a 2\nSWAPDB 0 1\nSORT b GET *->x GET ->* BY *-> LIMIT -1 -1",
      "PFADD h a b c\nPFADD g x\nPFMERGE h g\nPFCOUNT h g\nPFDEBUG DECODE h\nSETBIT h 130 1\nPFCOUNT h\nPFADD h y",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  static const std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  static const std::unique_ptr<Session> session = engine->Connect();
  const test::Ask ask = test::AskEngine(*session);
  // Commands that act on nothing else than what lies here. A large offset is honest work, and not what is looked for.
  static constexpr Bytes kNames[] = {"BITFIELD", "BITFIELD_RO", "BITCOUNT", "BITPOS",  "BITOP",   "SETBIT",
                                     "GETBIT",   "SORT",        "SORT_RO",  "LCS",     "COPY",    "MOVE",
                                     "SWAPDB",   "PFADD",       "PFCOUNT",  "PFMERGE", "PFDEBUG", "SET",
                                     "RPUSH",    "SADD",        "ZADD",     "HSET"};
  const auto large = [](const test::Words& words) {
    if (words[0] != "BITFIELD" && words[0] != "SETBIT") return false;
    return std::any_of(words.begin() + 1, words.end(), [](const std::string& word) {
      return word.size() > 7 &&
             std::count_if(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; }) > 6;
    });
  };
  fuzz::AskLines(ask, Bytes(reinterpret_cast<const char*>(data), size), kNames, large);
  ask({"FLUSHALL"});
  return 0;
}
