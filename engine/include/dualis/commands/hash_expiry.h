// Fields of hashes that die: HEXPIRE and its kin, of Redis 7.4.
#ifndef DUALIS_COMMANDS_HASH_EXPIRY_H_
#define DUALIS_COMMANDS_HASH_EXPIRY_H_

#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// The latest time that a field can have: 2^46 - 1 ms after 1970.
inline constexpr int64_t kLastFieldTimeMs = (int64_t{1} << 46) - 1;

// Which fields get the new time. A field without a time lives longer than any other.
enum class FieldCondition : uint8_t { kAlways, kNoTime, kHasTime, kLater, kSooner };

// What becomes of each field, in the order of the words.
enum FieldReply : int64_t {
  kNoSuchField = -2,    // nor if there is no hash
  kFieldNoTime = -1,    // HTTL, HPERSIST: it has no time
  kFieldUnchanged = 0,  // HEXPIRE: the condition does not hold
  kFieldChanged = 1,
  kFieldDeleted = 2,  // HEXPIRE: its time has passed already
};

inline constexpr CountRule kTimedFieldsRule = {1, &errors::kNumFieldsNotPositive, &errors::kNumFieldsNotPositive,
                                               &errors::kNumFieldsMismatch};
inline constexpr CountRule kAskedFieldsRule = {1, &errors::kFieldCountNotPositive, &errors::kFieldCountNotPositive,
                                               &errors::kNumFieldsMismatch};

// FIELDS numfields field [field ...], which ends these commands.
template <class Fields, class Visitor>
void FieldsSyntax(Fields& fields, const CountRule& rule, Visitor& v) {
  v.fixed("FIELDS", errors::kFieldsMissing);
  v.counted(fields, "field", rule);
  v.words_left(0, 0, errors::kNumFieldsMismatch);
}

// The key and the fields of HTTL and its kin, of HPERSIST.
struct AskFields {
  using Reply = std::vector<int64_t>;
  Key key;
  Many<Bytes> fields;
  LateErrors late;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.late_errors(c.late);
    FieldsSyntax(c.fields, kAskedFieldsRule, v);
  }
};

// The words of HEXPIRE and its three kin, which differ by the unit of the time and by where it counts from.
template <int64_t kMsPerUnit, bool kCountsFromNow>
struct ExpireFields {
  static constexpr int64_t kUnitMs = kMsPerUnit;
  static constexpr bool kFromNow = kCountsFromNow;
  using Reply = std::vector<int64_t>;
  Key key;
  int64_t time = 0;
  FieldCondition condition = FieldCondition::kAlways;
  Many<Bytes> fields;
  LateErrors late;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.late_errors(c.late);
    v.number(c.time, kFromNow ? (kUnitMs == 1 ? "milliseconds" : "seconds")
                              : (kUnitMs == 1 ? "unix-time-milliseconds" : "unix-time-seconds"));
    v.rule(c.time >= 0, errors::kFieldTimeNegative);
    v.leading([&](auto& o) {
      // There is one condition; a second one is no FIELDS.
      if constexpr (requires { o.matched; }) {
        if (c.condition != FieldCondition::kAlways) return;
      }
      o.choice("NX", c.condition, FieldCondition::kNoTime);
      o.choice("XX", c.condition, FieldCondition::kHasTime);
      o.choice("GT", c.condition, FieldCondition::kLater);
      o.choice("LT", c.condition, FieldCondition::kSooner);
    });
    FieldsSyntax(c.fields, kTimedFieldsRule, v);
  }
};

// HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
// Lets fields die in so many seconds. Replies a FieldReply for each.
struct HExpire : ExpireFields<1000, true> {
  static constexpr CommandInfo kInfo{"HEXPIRE",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Set expiry for hash field using relative time to expire (seconds)",
                                     "O(N) where N is the number of specified fields"};
};

// HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
// The same in milliseconds. Replies a FieldReply for each.
struct HPExpire : ExpireFields<1, true> {
  static constexpr CommandInfo kInfo{"HPEXPIRE",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Set expiry for hash field using relative time to expire (milliseconds)",
                                     "O(N) where N is the number of specified fields"};
};

// HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
// Lets fields die at a Unix time. Replies a FieldReply for each.
struct HExpireAt : ExpireFields<1000, false> {
  static constexpr CommandInfo kInfo{"HEXPIREAT",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Set expiry for hash field using an absolute Unix timestamp (seconds)",
                                     "O(N) where N is the number of specified fields"};
};

// HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
// The same in milliseconds. Replies a FieldReply for each.
struct HPExpireAt : ExpireFields<1, false> {
  static constexpr CommandInfo kInfo{"HPEXPIREAT",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
                                     "O(N) where N is the number of specified fields"};
};

// HTTL key FIELDS numfields field [field ...]
// The seconds that fields have left, rounded up; or a FieldReply.
struct HTtl : AskFields {
  static constexpr CommandInfo kInfo{"HTTL",
                                     kReadOnly | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Returns the TTL in seconds of a hash field.",
                                     "O(N) where N is the number of specified fields"};
};

// HPTTL key FIELDS numfields field [field ...]
// The same in milliseconds.
struct HPTtl : AskFields {
  static constexpr CommandInfo kInfo{"HPTTL",
                                     kReadOnly | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Returns the TTL in milliseconds of a hash field.",
                                     "O(N) where N is the number of specified fields"};
};

// HEXPIRETIME key FIELDS numfields field [field ...]
// The Unix seconds at which fields die, rounded up; or a FieldReply.
struct HExpireTime : AskFields {
  static constexpr CommandInfo kInfo{"HEXPIRETIME",
                                     kReadOnly | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
                                     "O(N) where N is the number of specified fields"};
};

// HPEXPIRETIME key FIELDS numfields field [field ...]
// The same in milliseconds.
struct HPExpireTime : AskFields {
  static constexpr CommandInfo kInfo{"HPEXPIRETIME",
                                     kReadOnly | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Returns the expiration time of a hash field as a Unix timestamp, in msec.",
                                     "O(N) where N is the number of specified fields"};
};

// HPERSIST key FIELDS numfields field [field ...]
// Takes the times of fields away. Replies a FieldReply for each.
struct HPersist : AskFields {
  static constexpr CommandInfo kInfo{"HPERSIST",
                                     kWrite | kFast,
                                     Group::kHash,
                                     "7.4.0",
                                     "Removes the expiration time for each specified field",
                                     "O(N) where N is the number of specified fields"};
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_HASH_EXPIRY_H_
