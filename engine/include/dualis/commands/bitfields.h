// BITFIELD and BITFIELD_RO: integers of any width at any bit of a string.
//
//   client.Run(cmd::BitField{"k", {cmd::BitFieldStep::Set("u8", 0, 200), cmd::BitFieldStep::Overflow("SAT"),
//                                  cmd::BitFieldStep::IncrBy("u8", 0, 100)}});
#ifndef DUALIS_COMMANDS_BITFIELDS_H_
#define DUALIS_COMMANDS_BITFIELDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// One step of BITFIELD.
struct BitFieldStep {
  enum class Kind : uint8_t { kNone, kGet, kSet, kIncrBy, kOverflow };
  Kind kind = Kind::kNone;
  Bytes type = {};          // "u8": without sign, 8 bits wide (1..63); "i16": with sign (1..64)
  Arg offset = int64_t{0};  // of its first bit; "#2": of the third of such fields in a row
  Late<int64_t> value = 0;
  Bytes overflow = {};  // "WRAP", "SAT" or "FAIL", for the steps behind this one

  static BitFieldStep Get(Bytes type, Arg offset) { return {Kind::kGet, type, offset}; }
  static BitFieldStep Set(Bytes type, Arg offset, int64_t value) { return {Kind::kSet, type, offset, value}; }
  static BitFieldStep IncrBy(Bytes type, Arg offset, int64_t by) { return {Kind::kIncrBy, type, offset, by}; }
  static BitFieldStep Overflow(Bytes how) { return {Kind::kOverflow, {}, int64_t{0}, 0, how}; }

  template <class Self, class O>
  static void Step(Self& s, O& o) {
    o.choice("GET", s.kind, Kind::kGet, s.type, s.offset);
    o.choice("SET", s.kind, Kind::kSet, s.type, s.offset, s.value);
    o.choice("INCRBY", s.kind, Kind::kIncrBy, s.type, s.offset, s.value);
    o.choice("OVERFLOW", s.kind, Kind::kOverflow, s.overflow);
    o.rule(s.IsOverflowValid(), errors::kBitFieldOverflow);
    o.rule(s.IsTypeValid(), errors::kBitFieldType);
    o.rule(s.Offset().has_value(), errors::kBitOffset);
    int64_t number;
    o.rule(s.value.Get(&number), errors::kNotInteger);
  }
  bool IsTypeValid() const;
  bool IsOverflowValid() const;
  // The first bit; nothing if the offset is not one. Requires: IsTypeValid(), or a step without a type.
  std::optional<int64_t> Offset() const;
};

// BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY type offset increment
// ...] A reply a step, but for OVERFLOW: GET the value, SET the one before, INCRBY the new one; null for one that
// failed.
struct BitField {
  static constexpr CommandInfo kInfo{"BITFIELD",
                                     kWrite | kDenyOom,
                                     Group::kBitmap,
                                     "3.2.0",
                                     "Perform arbitrary bitfield integer operations on strings",
                                     "O(1) for each subcommand specified"};
  using Reply = std::vector<std::optional<int64_t>>;
  Key key;
  Many<BitFieldStep> steps;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate | kKeyVariable));
    v.note("This command allows both access and modification of the key");
    v.steps(c.steps, "operation");
  }
  // It only reads without SET and INCRBY.
  static bool FindKeys(Args argv, std::vector<KeyPosition>* keys);
};

// BITFIELD_RO key [GET type offset ...]
struct BitFieldRo {
  static constexpr CommandInfo kInfo{"BITFIELD_RO",
                                     kReadOnly | kFast,
                                     Group::kBitmap,
                                     "6.0.0",
                                     "Perform arbitrary bitfield integer operations on strings. Read-only variant of "
                                     "BITFIELD",
                                     "O(1) for each subcommand specified"};
  using Reply = std::vector<std::optional<int64_t>>;
  Key key;
  Many<BitFieldStep> steps;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.steps(c.steps, "operation");
    v.rule(OnlyReads(c.steps), errors::kBitFieldReadOnly);
  }
  static bool OnlyReads(const Many<BitFieldStep>& steps);
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_BITFIELDS_H_
