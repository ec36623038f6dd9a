// RedisSource: the messages of a server's channels, on a connection beside the pool.
#ifndef DUALIS_CLIENT_BACKENDS_REDIS_SOURCE_H_
#define DUALIS_CLIENT_BACKENDS_REDIS_SOURCE_H_

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/backends/connection_pool.h"
#include "dualis/subscription.h"

namespace dualis::client {

// Its pool must outlive it.
class RedisSource final : public MessageSource {
 public:
  RedisSource(const ConnectionPool& pool, const Config& config) : pool_(pool), config_(config) {}

  // Connects and renews what is subscribed to.
  Error Open();
  Error Apply(Change change, std::span<const Bytes> names) override;
  Result<Message> Receive(std::optional<std::chrono::milliseconds> timeout) override;

 private:
  // What arrived: a message, the confirmation of a change, or something else.
  struct Arrival;
  class ArrivalSink;
  // The next thing that arrives; messages are kept in waiting_. kTimeout leaves the connection whole.
  Error Take(Arrival* arrival, wire::Deadline deadline);
  Error Order(Change change, std::span<const Bytes> names, size_t confirmations);

  const ConnectionPool& pool_;
  const Config& config_;
  std::unique_ptr<wire::Connection> connection_;  // null after it was lost
  std::set<std::string, std::less<>> channels_;
  std::set<std::string, std::less<>> patterns_;
  std::deque<Message> waiting_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_REDIS_SOURCE_H_
