// The peer of an engine in the process: Abseil's hash map under a mutex, as most programs would write it.
#ifndef DUALIS_BENCH_MAP_PEER_H_
#define DUALIS_BENCH_MAP_PEER_H_

#include <absl/container/flat_hash_map.h>

#include <mutex>
#include <optional>
#include <string>

namespace dualis::bench {

class MapPeer {
 public:
  std::optional<std::string> Get(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto it = map_.find(key);
    if (it == map_.end()) return std::nullopt;
    return it->second;
  }
  void Set(const std::string& key, const std::string& value) {
    const std::lock_guard lock(mutex_);
    map_[key] = value;
  }

 private:
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::string> map_;
};

}  // namespace dualis::bench

#endif  // DUALIS_BENCH_MAP_PEER_H_
