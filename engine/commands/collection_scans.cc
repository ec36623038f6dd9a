// HSCAN, SSCAN and ZSCAN.
#include "dualis/commands/collection_scans.h"

#include <charconv>
#include <cmath>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/scanning.h"
#include "engine/core/number_text.h"
#include "engine/types/hash.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

// One step over a collection: Redis looks at the key before the options. `visit` emits what it is called with, once
// `matches` has said yes to the name.
template <class T, class Command, class Visit>
Outcome Step(ReadExec& x, const Command& c, ReplySink& sink, Visit visit) {
  const auto collection = x.Read<T>(c.key);
  if (!collection) return collection.error();
  const auto emit_cursor = [&](uint64_t cursor) {
    char buffer[kInt64Chars];
    sink.Begin(Shape::kArray, 2);
    sink.Bulk(FormatUint64(cursor, buffer));
  };
  if (*collection == nullptr) {
    emit_cursor(0);
    sink.Begin(Shape::kArray, 0);
  } else {
    if (c.late.error) return c.late.error;
    // The cursor that is emitted first is known last.
    std::vector<std::string> found;
    const auto matches = [&](Bytes name) { return !c.match || Matches(*c.match, name); };
    const auto count = static_cast<size_t>(c.count.value_or(10));
    const uint64_t next = visit(**collection, ParseCursor(c.cursor), count, matches, found);
    emit_cursor(next);
    sink.Begin(Shape::kArray, found.size());
    for (const std::string& item : found) sink.Bulk(item);
  }
  sink.End();
  sink.End();
  return Outcome();
}

// A score as ZSCAN prints it: that of an expanded set with 17 digits, unlike every other command.
std::string ScoreText(const SortedSet& set, double score) {
  if (set.encoding() == "skiplist" && std::isfinite(score)) {
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof(text), score, std::chars_format::general, 17).ptr);
  }
  char buffer[kDoubleChars];
  return std::string(FormatDouble(score, buffer));
}

}  // namespace

Outcome Run(ReadExec& x, const HScan& c, ReplySink& sink) {
  return Step<Hash>(x, c, sink, [&](const Hash& hash, uint64_t cursor, size_t count, auto matches, auto& found) {
    return hash.Scan(cursor, count, [&](Bytes field, Bytes value) {
      if (!matches(field)) return;
      found.emplace_back(field);
      if (!c.no_values) found.emplace_back(value);
    });
  });
}

Outcome Run(ReadExec& x, const SScan& c, ReplySink& sink) {
  return Step<dualis::Set>(x, c, sink,
                           [](const dualis::Set& set, uint64_t cursor, size_t count, auto matches, auto& found) {
                             return set.Scan(cursor, count, [&](Bytes member) {
                               if (matches(member)) found.emplace_back(member);
                             });
                           });
}

Outcome Run(ReadExec& x, const ZScan& c, ReplySink& sink) {
  return Step<SortedSet>(x, c, sink,
                         [](const SortedSet& set, uint64_t cursor, size_t count, auto matches, auto& found) {
                           return set.Scan(cursor, count, [&](Bytes member, double score) {
                             if (!matches(member)) return;
                             found.emplace_back(member);
                             found.push_back(ScoreText(set, score));
                           });
                         });
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family CollectionScanCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<HScan>(), Add<SScan>(), Add<ZScan>()};
  static constexpr const CommandRow* kForms[] = {AddForm<HScanFields>()};
  return {kCommands, kForms};
}

}  // namespace dualis
