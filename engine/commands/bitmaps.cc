// SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP.
#include "dualis/commands/bitmaps.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/types/bitmap.h"

namespace dualis::cmd {
namespace {

using bitmap::Operation;

std::optional<Operation> OperationOf(Bytes word) {
  if (IsWord(word, "AND")) return Operation::kAnd;
  if (IsWord(word, "OR")) return Operation::kOr;
  if (IsWord(word, "XOR")) return Operation::kXor;
  if (IsWord(word, "NOT")) return Operation::kNot;
  return std::nullopt;
}

// Whether a range counts bits; nothing for a unit that there is not.
std::optional<bool> CountsBits(const std::optional<Bytes>& unit) {
  if (!unit || IsWord(*unit, "BYTE")) return false;
  if (IsWord(*unit, "BIT")) return true;
  return std::nullopt;
}

// The bits of a range; empty if first > last.
struct BitRange {
  int64_t first;
  int64_t last;
};

// Both ends from the string's end if negative, and clamped to it.
BitRange Clamp(int64_t start, int64_t end, bool bits, size_t bytes) {
  const auto size = static_cast<int64_t>(bits ? bytes * 8 : bytes);
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (start > end) return {0, -1};
  return bits ? BitRange{start, end} : BitRange{start * 8, end * 8 + 7};
}

}  // namespace

bool BitOp::IsOperation(Bytes word) { return OperationOf(word).has_value(); }
bool BitOp::IsNot(Bytes word) { return OperationOf(word) == Operation::kNot; }

Result<int64_t> Run(Exec& x, const SetBit& c) {
  const auto offset = static_cast<size_t>(c.offset);
  auto value = x.Write<String>(c.key);
  if (!value) return value.error();
  const size_t size = value->size();
  char* bits = value->Grow(offset / 8 + 1);
  const bool old = bitmap::Get(value->view(), offset);
  if (value->size() == size && old == (c.value != 0)) {
    value->Unchanged();
    return int64_t{old};
  }
  bitmap::Set(bits, offset, c.value != 0);
  value->Changed(Event::kSetBit);
  return int64_t{old};
}

Result<int64_t> Run(ReadExec& x, const GetBit& c) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  return int64_t{*value != nullptr && bitmap::Get((*value)->view(), static_cast<size_t>(c.offset))};
}

Result<int64_t> Run(ReadExec& x, const BitCount& c) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  if (*value == nullptr) return int64_t{0};
  const Bytes text = (*value)->view();
  BitRange range = Clamp(0, -1, false, text.size());
  if (c.start) {
    int64_t start = 0;
    int64_t end = 0;
    if (c.late.error || !c.end) return Error(&errors::kSyntax);
    if (!c.start->Get(&start) || !c.end->Get(&end)) return Error(&errors::kNotInteger);
    if (start < 0 && end < 0 && start > end) return int64_t{0};
    const auto bits = CountsBits(c.unit);
    if (!bits) return Error(&errors::kSyntax);
    range = Clamp(start, end, *bits, text.size());
  }
  if (range.first > range.last) return int64_t{0};
  return static_cast<int64_t>(bitmap::Count(text, static_cast<size_t>(range.first), static_cast<size_t>(range.last)));
}

Result<int64_t> Run(ReadExec& x, const BitPos& c) {
  const auto value = x.Read<String>(c.key);
  if (!value) return value.error();
  if (*value == nullptr) return int64_t{c.bit == 0 ? 0 : -1};
  const Bytes text = (*value)->view();
  if (c.late.error) return c.late.error;
  int64_t start = 0;
  int64_t end = -1;
  if (c.start && !c.start->Get(&start)) return Error(&errors::kNotInteger);
  const auto bits = CountsBits(c.unit);
  if (!bits) return Error(&errors::kSyntax);
  if (c.end && !c.end->Get(&end)) return Error(&errors::kNotInteger);
  const BitRange range = Clamp(start, end, *bits, text.size());
  if (range.first > range.last) return int64_t{-1};
  const auto found = bitmap::Find(text, c.bit != 0, static_cast<size_t>(range.first), static_cast<size_t>(range.last));
  if (found) return static_cast<int64_t>(*found);
  return c.bit == 0 && !c.end ? range.last + 1 : int64_t{-1};
}

Result<int64_t> Run(Exec& x, const BitOp& c) {
  std::vector<Bytes> sources;
  sources.reserve(c.keys.size());
  for (const Key& key : c.keys) {
    const auto value = x.Read<String>(key);
    if (!value) return value.error();
    sources.push_back(*value == nullptr ? Bytes() : (*value)->view());
  }
  const std::string result = bitmap::Combine(*OperationOf(c.operation), sources);
  if (result.empty()) {
    x.Delete(c.destkey);
  } else {
    x.PutRawString(c.destkey, result);
    x.SendEvent(Event::kSet, c.destkey);
  }
  return static_cast<int64_t>(result.size());
}

}  // namespace dualis::cmd

namespace dualis {

Family BitmapCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<BitCount>(), Add<BitOp>(), Add<BitPos>(), Add<GetBit>(),
                                                    Add<SetBit>()};
  return {kCommands};
}

}  // namespace dualis
