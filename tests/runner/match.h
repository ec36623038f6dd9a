// Compares the reply a case expects with the one a front gave.
#ifndef DUALIS_TESTS_RUNNER_MATCH_H_
#define DUALIS_TESTS_RUNNER_MATCH_H_

#include "tests/runner/reply_tree.h"

namespace dualis::cases {

// What the order of elements means.
enum class Order {
  kAsGiven,
  kFree,       // `@ unordered`: arrays are multisets, at every depth
  kFreePairs,  // `@ unordered pairs`: arrays of even length are multisets of pairs (HGETALL, HSCAN); the others as
               // kFree
};

// Sets and maps have no order in any case. Doubles are compared as numbers: Redis 7.0 prints 17 digits, 7.2 the
// shortest.
bool Matches(const ReplyTree& expected, const ReplyTree& actual, Order order);

// What a RESP2 reply looks like in RESP3 when the command says nothing else: the null array becomes the only null.
ReplyTree ImpliedInResp3(const ReplyTree& resp2);

// Sorts whatever `order` and the kinds leave free, so that recording twice gives the same text.
ReplyTree SortedForRecording(ReplyTree reply, Order order);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_MATCH_H_
