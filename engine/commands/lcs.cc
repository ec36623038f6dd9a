// LCS: the longest common subsequence, by the classic table of the lengths for all pairs of beginnings.
#include "dualis/commands/lcs.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

// The lengths for all pairs of beginnings of two texts.
class LengthTable {
 public:
  LengthTable(Bytes a, Bytes b) : row_(b.size() + 1), lengths_((a.size() + 1) * row_) {
    for (size_t i = 1; i <= a.size(); ++i) {
      for (size_t j = 1; j <= b.size(); ++j) {
        lengths_[i * row_ + j] = a[i - 1] == b[j - 1] ? At(i - 1, j - 1) + 1 : std::max(At(i - 1, j), At(i, j - 1));
      }
    }
  }
  // Of the first i bytes of one and the first j of the other.
  uint32_t At(size_t i, size_t j) const { return lengths_[i * row_ + j]; }

 private:
  size_t row_;
  std::vector<uint32_t> lengths_;
};

// A run of bytes that both texts have, and where it starts in each.
struct Common {
  size_t first;
  size_t second;
  size_t length;
};

// The runs that make up the subsequence, from the end of the texts to their beginning. Where two ways are equally long
// the second text is shortened first, as Redis does.
std::vector<Common> RunsOf(Bytes a, Bytes b, const LengthTable& table) {
  std::vector<Common> runs;
  size_t i = a.size();
  size_t j = b.size();
  while (i > 0 && j > 0) {
    if (a[i - 1] != b[j - 1]) {
      table.At(i - 1, j) > table.At(i, j - 1) ? --i : --j;
      continue;
    }
    size_t length = 0;
    for (; i > 0 && j > 0 && a[i - 1] == b[j - 1]; --i, --j) ++length;
    runs.push_back({i, j, length});
  }
  return runs;
}

void EmitPlace(size_t start, size_t length, ReplySink& sink) {
  sink.Begin(Shape::kArray, 2);
  sink.Int(static_cast<int64_t>(start));
  sink.Int(static_cast<int64_t>(start + length - 1));
  sink.End();
}

void EmitMatches(const std::vector<Common>& runs, uint32_t total, bool with_length, ReplySink& sink) {
  sink.Begin(Shape::kMap, 2);
  sink.Bulk("matches");
  sink.Begin(Shape::kArray, runs.size());
  for (const Common& run : runs) {
    sink.Begin(Shape::kArray, with_length ? 3 : 2);
    EmitPlace(run.first, run.length, sink);
    EmitPlace(run.second, run.length, sink);
    if (with_length) sink.Int(static_cast<int64_t>(run.length));
    sink.End();
  }
  sink.End();
  sink.Bulk("len");
  sink.Int(total);
  sink.End();
}

// The text of a string, empty for a missing key.
Result<Bytes> TextOf(ReadExec& x, const Key& key) {
  const auto value = x.Read<String>(key);
  if (!value) return Error(&errors::kLcsNotStrings);
  return *value == nullptr ? Bytes() : (*value)->view();
}

}  // namespace

Outcome Run(ReadExec& x, const Lcs& c, ReplySink& sink) {
  const auto a = TextOf(x, c.key1);
  if (!a) return a.error();
  const auto b = TextOf(x, c.key2);
  if (!b) return b.error();
  if (c.late.error) return c.late.error;
  if (c.len && c.idx) return Error(&errors::kLcsLenAndIdx);
  // Neither factor exceeds 2^29.
  if ((a->size() + 1) * (b->size() + 1) * sizeof(uint32_t) > kMaxStringBytes) return Error(&errors::kLcsMemory);
  const LengthTable table(*a, *b);
  const uint32_t total = table.At(a->size(), b->size());
  if (c.len) {
    sink.Int(total);
    return Outcome();
  }
  std::vector<Common> runs = RunsOf(*a, *b, table);
  if (c.idx) {
    const auto least = static_cast<size_t>(std::max<int64_t>(c.min_match_len.value_or(0), 0));
    std::erase_if(runs, [least](const Common& run) { return run.length < least; });
    EmitMatches(runs, total, c.with_match_len, sink);
    return Outcome();
  }
  std::string common;
  common.reserve(total);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) common.append(a->substr(run->first, run->length));
  sink.Bulk(common);
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family LcsCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<Lcs>()};
  static constexpr const CommandRow* kForms[] = {AddForm<LcsIdx>(), AddForm<LcsLen>()};
  return {kCommands, kForms};
}

}  // namespace dualis
