// LCS: the longest common subsequence of two strings, and where it lies in them.
#ifndef DUALIS_COMMANDS_LCS_H_
#define DUALIS_COMMANDS_LCS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]
// Replies with the subsequence; with LEN its length, with IDX where it lies: use LcsLen, LcsIdx. A missing key is an
// empty string. Errors: another type, more memory for the computation than a string may have.
struct Lcs {
  static constexpr CommandInfo kInfo{"LCS",   kReadOnly, Group::kString, "7.0.0", "Find longest common substring",
                                     "O(N*M)"};
  using Reply = std::string;
  Key key1;
  Key key2;
  bool len = false;
  bool idx = false;
  std::optional<int64_t> min_match_len = {};  // of IDX: leaves shorter matches out
  bool with_match_len = false;                // of IDX: each match with its length
  LateErrors late = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key1, kKeyDefault, "key1");
    v.key(c.key2, kKeySameSpec, "key2");
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.flag("LEN", c.len);
      o.flag("IDX", c.idx);
      o.option("MINMATCHLEN", c.min_match_len);
      o.flag("WITHMATCHLEN", c.with_match_len);
    });
  }
};

// LCS ... LEN
struct LcsLen : Lcs {
  using Reply = int64_t;
  LcsLen() { len = true; }
  LcsLen(Key a, Key b) : Lcs{a, b, true} {}
};

// A part that two strings share, as the positions of its first and last byte in each.
struct LcsMatch {
  std::pair<int64_t, int64_t> first;
  std::pair<int64_t, int64_t> second;
  auto members() { return std::tie(first, second); }
};

// The reply of LCS IDX: matches from the end of the strings to their beginning, and the length of the whole.
struct LcsMatches {
  std::vector<LcsMatch> matches;
  int64_t len = 0;
};

// LCS ... IDX
struct LcsIdx : Lcs {
  using Reply = LcsMatches;
  LcsIdx() { idx = true; }
  LcsIdx(Key a, Key b, std::optional<int64_t> min_match = {}) : Lcs{a, b, false, true, min_match} {}
};

}  // namespace dualis::cmd

namespace dualis {

// "matches" and "len" with their values, as a map or flat.
template <>
struct ReplyOf<cmd::LcsMatches> {
  static const ReplyType* ChildType(size_t i, bool) {
    if (i == 1) return kReplyType<std::vector<cmd::LcsMatch>>;
    return i == 3 ? kReplyType<int64_t> : kReplyType<std::string>;
  }
  static void* Child(void* s, size_t i, bool flat, std::string& scratch, const ReplyType** type) {
    auto& reply = reply_internal::As<cmd::LcsMatches>(s);
    *type = ChildType(i, flat);
    if (i == 1) return &reply.matches;
    return i == 3 ? static_cast<void*>(&reply.len) : &scratch;
  }
  static constexpr ReplyType kType = {
      .begin = [](void*, Shape, size_t) { return true; },
      .child = &Child,
      .child_type = &ChildType,
  };
};

}  // namespace dualis

#endif  // DUALIS_COMMANDS_LCS_H_
