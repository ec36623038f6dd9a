// Shuffling: the commands of all cases, in random order, on a front and on redis-server. The cases know what is worth
// trying (types, errors, edges); the order supplies what their authors did not think of. Replies must agree, and so
// must what the databases hold at the end.
#ifndef DUALIS_TESTS_RUNNER_SHUFFLE_H_
#define DUALIS_TESTS_RUNNER_SHUFFLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/runner/case_file.h"
#include "tests/runner/front.h"
#include "tests/runner/runner.h"

namespace dualis::cases {

// The commands of `c` that depend on nothing but the data: no connection state, no waiting, no time, no random numbers.
void CollectCommands(const Case& c, std::vector<std::vector<std::string>>* commands);

struct Shuffle {
  uint64_t seed = 1;
  size_t rounds = 20;   // each starts with an empty database
  size_t length = 300;  // commands a round
};

// True if both agree in every round. A round in which they do not is cut down to the commands that are needed, and
// shown as a case that can be copied into a file.
bool RunShuffle(CaseFront& front, CaseFront& oracle, const std::vector<std::vector<std::string>>& commands,
                const Shuffle& shuffle, const Complain& complain);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_SHUFFLE_H_
