// What the fuzzers of stored bytes share: values of every type to begin with, and what is done with one that got in.
#ifndef DUALIS_TESTS_FUZZ_KEYS_H_
#define DUALIS_TESTS_FUZZ_KEYS_H_

#include <string>
#include <vector>

#include "tests/rdb/contents.h"

namespace dualis::fuzz {

// Commands that make a key each.
inline std::vector<test::Words> EveryType() {
  return {
      {"SET", "text", "hello"},
      {"SET", "number", "-70000"},
      {"SET", "packed", std::string(300, 'x')},
      {"SET", "expires", "v", "PXAT", "4102444800000"},
      {"PFADD", "hll", "a", "b", "c"},
      {"RPUSH", "list", "a", "1", "300", "-70000", std::string(70, 'x')},
      {"SADD", "ints", "1", "2", "70000"},
      {"SADD", "set", "a", "b", "3"},
      {"HSET", "hash", "f", "v", "7", "8"},
      {"HSET", "wide", "f", std::string(65, 'v')},
      {"ZADD", "zset", "1", "a", "2.5", "b", "inf", "c"},
      {"ZADD", "tall", "1.5", std::string(65, 'm')},
      {"XADD", "stream", "1-1", "a", "1", "b", "2"},
      {"XADD", "stream", "2-1", "a", "1", "b", "2"},
      {"XADD", "stream", "3-1", "c", "1"},
      {"XGROUP", "CREATE", "stream", "group", "0"},
      {"XREADGROUP", "GROUP", "group", "alice", "STREAMS", "stream", ">"},
      {"HPEXPIREAT", "hash", "4102444800000", "FIELDS", "1", "f"},
      {"HPEXPIREAT", "wide", "4102444800000", "FIELDS", "1", "f"},
  };
}

// Forms and bodies that the engine reads but does not write.
std::vector<std::string> HandMade();

// Reads a key in every way that looks at its bytes, changes it, and deletes it piece by piece.
void Exercise(const test::Ask& ask, const std::string& key);

}  // namespace dualis::fuzz

#endif  // DUALIS_TESTS_FUZZ_KEYS_H_
