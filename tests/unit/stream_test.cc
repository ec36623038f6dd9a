#include "engine/types/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;
using Words = std::vector<std::string>;
using Log = std::map<StreamId, Words>;

void Append(Stream& stream, StreamId id, const Words& words) {
  stream.Append(id, std::vector<Bytes>(words.begin(), words.end()));
}

Words Entry(StreamReader& reader) {
  Words words;
  Bytes field, value;
  while (reader.NextCouple(&field, &value)) words.emplace_back(field), words.emplace_back(value);
  EXPECT_EQ(words.size(), 2 * reader.couples());
  return words;
}

std::vector<std::pair<StreamId, Words>> Range(const Stream& stream, StreamId first, StreamId last,
                                              StreamReader::Direction direction) {
  std::vector<std::pair<StreamId, Words>> entries;
  StreamReader reader(stream, first, last, direction);
  while (reader.Next()) {
    const StreamId id = reader.id();
    entries.emplace_back(id, Entry(reader));
  }
  return entries;
}

void ExpectHolds(const Stream& stream, const Log& log, StreamId first = {}, StreamId last = StreamId::Max()) {
  std::vector<std::pair<StreamId, Words>> want;
  for (const auto& entry : log) {
    if (first <= entry.first && entry.first <= last) want.push_back(entry);
  }
  ASSERT_EQ(Range(stream, first, last, StreamReader::kUp), want);
  std::reverse(want.begin(), want.end());
  ASSERT_EQ(Range(stream, first, last, StreamReader::kDown), want);
}

class StreamModel : public ::testing::TestWithParam<EncodingLimits> {};
INSTANTIATE_TEST_SUITE_P(Encodings, StreamModel, ::testing::Values(Compact(), Expanded(), Tight()));

TEST_P(StreamModel, RandomOperations) {
  Rng rng(PrintedSeed("StreamModel"));
  for (int round = 0; round < 15; ++round) {
    Stream stream(GetParam());
    Log log;
    StreamId id;
    for (int step = 0; step < 400; ++step) {
      switch (rng.Uniform(10)) {
        default: {
          if (rng.Uniform(3) == 0) {
            id = {id.ms + 1 + rng.Uniform(1000), rng.Uniform(3)};
          } else {
            id.Increment();
          }
          Words words;
          for (uint64_t i = rng.Uniform(3) + 1; i > 0; --i) {
            words.push_back(rng.Uniform(2) ? "field" + std::to_string(i) : Word(rng, 10));
            words.push_back(Word(rng, 100));
          }
          Append(stream, id, words);
          log[id] = words;
          break;
        }
        case 0: {
          if (log.empty()) break;
          const StreamId gone = std::next(log.begin(), static_cast<std::ptrdiff_t>(rng.Uniform(log.size())))->first;
          ASSERT_TRUE(stream.Erase(gone));
          ASSERT_FALSE(stream.Erase(gone));
          log.erase(gone);
          break;
        }
        case 1: {
          if (rng.Uniform(4) != 0) break;
          const size_t keep = rng.Uniform(log.size() + 3);
          const size_t want = log.size() > keep ? log.size() - keep : 0;
          ASSERT_EQ(stream.TrimToLength(keep, Stream::Precision::kExact, 0), want);
          while (log.size() > keep) log.erase(log.begin());
          break;
        }
        case 2: {
          if (log.empty() || rng.Uniform(4) != 0) break;
          const StreamId least = std::next(log.begin(), static_cast<std::ptrdiff_t>(rng.Uniform(log.size())))->first;
          const auto goes = static_cast<size_t>(std::distance(log.begin(), log.find(least)));
          ASSERT_EQ(stream.TrimBelow(least, Stream::Precision::kExact, 0), goes);
          log.erase(log.begin(), log.find(least));
          break;
        }
      }
      ASSERT_EQ(stream.size(), log.size());
      ASSERT_EQ(stream.last_id(), id);
      ASSERT_EQ(stream.first_id(), log.empty() ? StreamId() : log.begin()->first);
      if (step % 10 == 0) ExpectHolds(stream, log);
      if (!log.empty()) {
        StreamId first = std::next(log.begin(), static_cast<std::ptrdiff_t>(rng.Uniform(log.size())))->first;
        StreamId last = std::next(log.begin(), static_cast<std::ptrdiff_t>(rng.Uniform(log.size())))->first;
        if (rng.Uniform(2)) first.Increment();
        if (rng.Uniform(2)) last.Decrement();
        ExpectHolds(stream, log, first, last);
      }
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Stream, TrimmingWholeBlocksLeavesWhatRedisLeaves) {
  EncodingLimits limits;
  limits.stream_node_max_entries = 10;
  Stream stream(limits);
  for (uint64_t i = 1; i <= 35; ++i) Append(stream, {i, 0}, {"f", "v"});
  EXPECT_EQ(stream.blocks(), 4u);
  EXPECT_EQ(stream.TrimToLength(12, Stream::Precision::kWholeBlocks, 0), 20u);
  EXPECT_EQ(stream.size(), 15u);
  EXPECT_EQ(stream.TrimBelow({31, 0}, Stream::Precision::kWholeBlocks, 9), 0u);
  EXPECT_EQ(stream.TrimBelow({31, 0}, Stream::Precision::kWholeBlocks, 10), 10u);
  EXPECT_EQ(stream.first_id(), (StreamId{31, 0}));
}

TEST(Stream, StaysWhenItsLastEntryGoes) {
  const EncodingLimits limits;
  Stream stream(limits);
  EXPECT_TRUE(stream.empty());
  Append(stream, {5, 1}, {"f", "v"});
  EXPECT_TRUE(stream.Erase({5, 1}));
  EXPECT_FALSE(stream.empty());
  EXPECT_EQ(stream.size(), 0u);
  EXPECT_EQ(stream.last_id(), (StreamId{5, 1}));
  EXPECT_EQ(stream.max_deleted_id(), (StreamId{5, 1}));
  EXPECT_EQ(stream.first_id(), StreamId());
}

TEST(Stream, AFailedAllocationChangesNothing) {
  for (const EncodingLimits& limits : {Compact(), Expanded(), Tight()}) {
    Stream stream(limits);
    Log log;
    for (uint64_t i = 1; i <= 30; ++i) {
      const Words words = {"field", std::string(i, 'v'), i % 3 ? "other" : "third", "1"};
      const std::vector<Bytes> views(words.begin(), words.end());
      SweepAllocationFailures([&] { stream.Append({i, i}, views); }, [&] { ExpectHolds(stream, log); });
      log[{i, i}] = words;
    }
    ExpectHolds(stream, log);
  }
}

TEST(StreamId, StepsAcrossTheSequence) {
  StreamId id{1, UINT64_MAX};
  EXPECT_TRUE(id.Increment());
  EXPECT_EQ(id, (StreamId{2, 0}));
  EXPECT_TRUE(id.Decrement());
  EXPECT_EQ(id, (StreamId{1, UINT64_MAX}));
  StreamId last = StreamId::Max(), first;
  EXPECT_FALSE(last.Increment());
  EXPECT_FALSE(first.Decrement());
  EXPECT_EQ(StreamIdText(StreamId::Max()).text(), "18446744073709551615-18446744073709551615");
}

}  // namespace
}  // namespace dualis
