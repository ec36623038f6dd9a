// BITFIELD and BITFIELD_RO.
#include "dualis/commands/bitfields.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"
#include "engine/types/bitmap.h"

namespace dualis::cmd {
namespace {

using bitmap::FieldType;
using bitmap::Overflow;
using Kind = BitFieldStep::Kind;

constexpr int64_t kMostBits = static_cast<int64_t>(kMaxStringBytes) * 8;

bool Writes(const BitFieldStep& step) { return step.kind == Kind::kSet || step.kind == Kind::kIncrBy; }

std::optional<Overflow> OverflowOf(Bytes word) {
  if (IsWord(word, "WRAP")) return Overflow::kWrap;
  if (IsWord(word, "SAT")) return Overflow::kSaturate;
  if (IsWord(word, "FAIL")) return Overflow::kFail;
  return std::nullopt;
}

// A step as it is executed.
struct Field {
  FieldType type;
  size_t at;
  size_t end() const { return at + static_cast<size_t>(type.bits); }
};

Field FieldOf(const BitFieldStep& step) {
  return {*bitmap::ParseFieldType(step.type), static_cast<size_t>(*step.Offset())};
}

Outcome ReadFields(ReadExec& x, const Key& key, const Many<BitFieldStep>& steps, ReplySink& sink) {
  const auto value = x.Read<String>(key);
  if (!value) return value.error();
  const Bytes text = *value == nullptr ? Bytes() : (*value)->view();
  const auto replies =
      std::count_if(steps.begin(), steps.end(), [](const BitFieldStep& step) { return step.kind == Kind::kGet; });
  sink.Begin(Shape::kArray, static_cast<size_t>(replies));
  for (const BitFieldStep& step : steps) {
    if (step.kind != Kind::kGet) continue;
    const Field field = FieldOf(step);
    sink.Int(bitmap::GetField(text, field.type, field.at));
  }
  sink.End();
  return Outcome();
}

}  // namespace

bool BitFieldStep::IsTypeValid() const {
  if (kind == Kind::kNone || kind == Kind::kOverflow) return true;
  return bitmap::ParseFieldType(type).has_value();
}

bool BitFieldStep::IsOverflowValid() const { return kind != Kind::kOverflow || OverflowOf(overflow).has_value(); }

std::optional<int64_t> BitFieldStep::Offset() const {
  const auto field = bitmap::ParseFieldType(type);
  if (!field) return 0;
  char buffer[Arg::kTextBytes];
  Bytes text = offset.Text(buffer);
  const bool counted = !text.empty() && text[0] == '#';
  if (counted) text.remove_prefix(1);
  const auto number = ParseInt64(text);
  int64_t bit = 0;
  if (!number || __builtin_mul_overflow(*number, counted ? int64_t{field->bits} : int64_t{1}, &bit))
    return std::nullopt;
  if (bit < 0 || bit >= kMostBits) return std::nullopt;
  return bit;
}

bool BitFieldRo::OnlyReads(const Many<BitFieldStep>& steps) { return std::none_of(steps.begin(), steps.end(), Writes); }

bool BitField::FindKeys(Args argv, std::vector<KeyPosition>* keys) {
  if (argv.size() < 2) return false;
  // Each step by its words; a word that begins none, or a step cut short, may be meant for writing.
  uint16_t use = kKeyRO | kKeyAccess;
  char buffer[Arg::kTextBytes];
  for (size_t i = 2; i < argv.size();) {
    const Bytes word = argv[i].Text(buffer);
    const size_t left = argv.size() - i - 1;
    if (IsWord(word, "GET") && left >= 2) {
      i += 3;
    } else if (IsWord(word, "OVERFLOW") && left >= 1) {
      i += 2;
    } else {
      use = kKeyRW | kKeyAccess | kKeyUpdate;
      break;
    }
  }
  keys->push_back({1, use});
  return true;
}

Outcome Run(Exec& x, const BitField& c, ReplySink& sink) {
  size_t end = 0;
  for (const BitFieldStep& step : c.steps) {
    if (Writes(step)) end = std::max(end, FieldOf(step).end());
  }
  if (end == 0) return ReadFields(x, c.key, c.steps, sink);
  auto value = x.Write<String>(c.key);
  if (!value) return value.error();
  if ((end + 7) / 8 > kMaxStringBytes) {
    value->Unchanged();
    return Error(&errors::kStringTooLong);
  }
  std::vector<std::optional<int64_t>> replies;
  replies.reserve(c.steps.size());
  const size_t size = value->size();
  char* bits = value->Grow((end + 7) / 8);
  const bool grown = value->size() != size;
  bool changed = false;
  Overflow overflow = Overflow::kWrap;
  for (const BitFieldStep& step : c.steps) {
    if (step.kind == Kind::kOverflow) {
      overflow = *OverflowOf(step.overflow);
      continue;
    }
    const Field field = FieldOf(step);
    const int64_t old = bitmap::GetField(value->view(), field.type, field.at);
    if (step.kind == Kind::kGet) {
      replies.emplace_back(old);
      continue;
    }
    const bool sets = step.kind == Kind::kSet;
    const int64_t number = step.value.value_or(0);
    const auto fresh =
        sets ? bitmap::Fit(field.type, number, 0, overflow) : bitmap::Fit(field.type, old, number, overflow);
    if (!fresh) {
      replies.emplace_back();
      continue;
    }
    bitmap::SetField(bits, field.type, field.at, *fresh);
    changed = changed || grown || *fresh != old;
    replies.emplace_back(sets ? old : *fresh);
  }
  if (changed) {
    value->Changed(Event::kSetBit);
  } else if (grown) {
    value->ChangedUnheard();
  } else {
    value->Unchanged();
  }
  sink.Begin(Shape::kArray, replies.size());
  for (const auto& reply : replies) Emit(sink, reply);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const BitFieldRo& c, ReplySink& sink) { return ReadFields(x, c.key, c.steps, sink); }

}  // namespace dualis::cmd

namespace dualis {

Family BitFieldCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<BitField>(), Add<BitFieldRo>()};
  return {kCommands};
}

}  // namespace dualis
