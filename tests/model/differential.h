// The engine and redis-server side by side: random actions on both, replies compared one by one and the whole keyspace
// now and then. A sequence in which they differ is cut down to what is needed and shown.
#ifndef DUALIS_TESTS_MODEL_DIFFERENTIAL_H_
#define DUALIS_TESTS_MODEL_DIFFERENTIAL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace dualis::model {

struct DifferentialOptions {
  uint64_t seed = 1;
  uint64_t commands = 20000;
  uint64_t round = 1000;   // actions between two flushes
  size_t stop_after = 10;  // differences
  std::string only;        // a regular expression of command names
};

struct DifferentialResult {
  uint64_t commands = 0;
  uint64_t errors = 0;  // error replies
  size_t kinds = 0;     // commands of the table that took part
  size_t differences = 0;
  std::map<std::string, uint64_t> errors_of;  // error replies by command, to see what never works
  std::map<std::string, uint64_t> runs_of;
};

// Throws std::runtime_error if redis-server cannot be had. `show` gets a text a difference.
DifferentialResult RunDifferential(const DifferentialOptions& options,
                                   const std::function<void(const std::string&)>& show);

}  // namespace dualis::model

#endif  // DUALIS_TESTS_MODEL_DIFFERENTIAL_H_
