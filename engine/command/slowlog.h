// SlowLog: the latest commands that took longer than slowlog-log-slower-than. Guarded by the gate.
#ifndef DUALIS_ENGINE_COMMAND_SLOWLOG_H_
#define DUALIS_ENGINE_COMMAND_SLOWLOG_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/command.h"

namespace dualis {

class SlowLog {
 public:
  struct Entry {
    int64_t id;
    int64_t unix_seconds;
    int64_t micros;
    std::vector<std::string> words;  // long ones and many are cut short
    std::string address;
    std::string client;
  };

  // Adds a command; secrets among its words are kept out. The oldest entries beyond `limit` go.
  void Add(const CommandRow& row, Args words, int64_t unix_seconds, int64_t micros, Bytes address, Bytes client,
           size_t limit);
  // Latest first.
  const std::deque<Entry>& entries() const { return entries_; }
  void Trim(size_t limit);
  void Reset() { entries_.clear(); }

 private:
  std::deque<Entry> entries_;
  int64_t next_id_ = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SLOWLOG_H_
