#include "engine/types/stream_group.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "engine/types/stream.h"
#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;

std::vector<StreamId> Ids(const StreamConsumer& consumer) {
  return {consumer.pending().begin(), consumer.pending().end()};
}

TEST(StreamGroup, AnEntryIsPendingForOneConsumerAtATime) {
  StreamGroup group("g", {}, 0);
  StreamConsumer& a = group.CreateConsumer("a", 1);
  StreamConsumer& b = group.CreateConsumer("b", 2);
  group.Assign({1, 0}, a, 10, 1);
  group.Assign({2, 0}, a, 10, 1);
  group.Assign({1, 0}, b, 20, 2);
  EXPECT_EQ(Ids(a), (std::vector<StreamId>{{2, 0}}));
  EXPECT_EQ(Ids(b), (std::vector<StreamId>{{1, 0}}));
  EXPECT_EQ(group.FindPending({1, 0})->consumer, &b);
  EXPECT_EQ(group.FindPending({1, 0})->count, 2u);
  EXPECT_TRUE(group.Acknowledge({1, 0}));
  EXPECT_FALSE(group.Acknowledge({1, 0}));
  EXPECT_TRUE(b.pending().empty());
  EXPECT_EQ(group.DeleteConsumer(a), 1u);
  EXPECT_TRUE(group.pending().empty());
  EXPECT_EQ(group.FindConsumer("a"), nullptr);
}

TEST(StreamGroup, AFailedAllocationLeavesBothViewsAlike) {
  StreamGroup group("g", {}, 0);
  StreamConsumer& a = group.CreateConsumer("a", 1);
  for (uint64_t i = 1; i < 200; ++i) {
    SweepAllocationFailures(
        [&] {
          group.Assign({i, 0}, a, 10, 1);
        },
        [&] {
          ASSERT_EQ(group.pending().size(), i - 1);
          ASSERT_EQ(a.pending().size(), i - 1);
        });
  }
}

TEST(Stream, ACloneHasItsOwnGroups) {
  const EncodingLimits limits;
  Stream stream(limits);
  stream.Append({1, 1}, std::vector<Bytes>{"f", "v"});
  stream.Append({1, 2}, std::vector<Bytes>{"f", "w"});
  stream.Erase({1, 1});
  StreamGroup* group = stream.CreateGroup("g", {1, 2}, 2);
  EXPECT_EQ(stream.CreateGroup("g", {}, 0), nullptr);
  group->CreateConsumer("c", 5).active_time = 6;
  group->Assign({1, 2}, *group->FindConsumer("c"), 7, 8);

  const std::unique_ptr<Stream> copy = stream.Clone();
  stream.DeleteGroup("g");
  EXPECT_EQ(copy->size(), 1u);
  EXPECT_EQ(copy->entries_added(), 2u);
  EXPECT_EQ(copy->max_deleted_id(), (StreamId{1, 1}));
  StreamGroup* twin = copy->FindGroup("g");
  ASSERT_NE(twin, nullptr);
  EXPECT_EQ(twin->last_id, (StreamId{1, 2}));
  EXPECT_EQ(twin->FindPending({1, 2})->consumer, twin->FindConsumer("c"));
  EXPECT_EQ(twin->FindPending({1, 2})->count, 8u);
  EXPECT_EQ(twin->FindConsumer("c")->active_time, 6);
}

// A radix tree in the plainest form: a node a byte, runs counted afterwards.
struct Trie {
  std::map<int, Trie> next;
  void Add(const std::string& key, size_t at = 0) {
    if (at < key.size()) next[static_cast<unsigned char>(key[at])].Add(key, at + 1);
  }
  // Nodes below and with this one; `run` if a run of single choices is in progress above.
  size_t Nodes(bool run = false) const {
    if (next.size() == 1) return (run ? 0 : 1) + next.begin()->second.Nodes(true);
    size_t nodes = 1;
    for (const auto& [byte, child] : next) nodes += child.Nodes();
    return nodes;
  }
};

TEST(Stream, RadixNodesAreThoseOfATreeOverTheBlocks) {
  EncodingLimits limits = EncodingLimits::AllExpanded();
  Rng rng(PrintedSeed("RadixNodes"));
  for (int round = 0; round < 50; ++round) {
    Stream stream(limits);
    EXPECT_EQ(stream.radix_nodes(), 1u);
    Trie trie;
    StreamId id;
    const uint64_t step = uint64_t{1} << rng.Uniform(40);
    for (int i = 0; i < 60; ++i) {
      if (rng.Uniform(2)) {
        id = {id.ms + 1 + rng.Uniform(step), rng.Uniform(3)};
      } else {
        id.seq += 1 + rng.Uniform(step);
      }
      stream.Append(id, std::vector<Bytes>{"f", "v"});
      std::string key;
      for (uint64_t half : {id.ms, id.seq}) {
        for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(half >> shift));
      }
      trie.Add(key);
      ASSERT_EQ(stream.radix_nodes(), trie.Nodes()) << "round " << round << " entry " << i;
    }
  }
}

}  // namespace
}  // namespace dualis
