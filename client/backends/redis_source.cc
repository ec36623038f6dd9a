#include "client/backends/redis_source.h"

#include <utility>

namespace dualis::client {

struct RedisSource::Arrival {
  std::vector<std::string> texts;
  Error error;
};

// A message or a confirmation is an array of texts and perhaps a number; RESP3 sends it as a push, RESP2 as a reply.
class RedisSource::ArrivalSink final : public ReplySink {
 public:
  explicit ArrivalSink(Arrival* to) : to_(to) {}
  void Null() override { Bulk({}); }
  void Int(int64_t) override { Bulk({}); }
  void Double(double) override { Bulk({}); }
  void Simple(Bytes text) override { Bulk(text); }
  void Bulk(Bytes text) override {
    if (depth_ == 1) to_->texts.emplace_back(text);
  }
  void Error(const dualis::Error& error) override { to_->error = error; }
  void Begin(Shape, size_t) override { ++depth_; }
  void End() override { --depth_; }

 private:
  Arrival* to_;
  int depth_ = 0;
};

namespace {

constexpr Bytes kCommands[] = {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"};
constexpr Bytes kConfirmations[] = {"subscribe", "unsubscribe", "psubscribe", "punsubscribe"};

Error NotInTime() { return Error(ErrorCode::kTimeout, "ERR no message came in time"); }

}  // namespace

Error RedisSource::Open() {
  if (connection_ != nullptr && !connection_->broken()) return {};
  Result<std::unique_ptr<wire::Connection>> connection = pool_.Open(wire::kNoDeadline);
  if (!connection) return connection.error();
  connection_ = std::move(*connection);
  for (const auto& [change, names] :
       {std::pair(Change::kSubscribe, &channels_), std::pair(Change::kPatternSubscribe, &patterns_)}) {
    if (names->empty()) continue;
    if (Error error = Order(change, std::vector<Bytes>(names->begin(), names->end()), names->size())) return error;
  }
  return {};
}

Error RedisSource::Take(Arrival* arrival, wire::Deadline deadline) {
  ArrivalSink sink(arrival);
  Error error = connection_->ReceiveAny(sink, deadline);
  if (error) {
    if (error.code() != ErrorCode::kTimeout || connection_->broken()) connection_.reset();
    return error;
  }
  std::vector<std::string>& texts = arrival->texts;
  if (texts.size() == 3 && texts[0] == "message") {
    waiting_.push_back({std::move(texts[1]), std::move(texts[2]), {}});
    texts.clear();
  } else if (texts.size() == 4 && texts[0] == "pmessage") {
    waiting_.push_back({std::move(texts[2]), std::move(texts[3]), std::move(texts[1])});
    texts.clear();
  }
  return {};
}

Error RedisSource::Order(Change change, std::span<const Bytes> names, size_t confirmations) {
  std::vector<Arg> words = {kCommands[static_cast<size_t>(change)]};
  words.insert(words.end(), names.begin(), names.end());
  connection_->Send(words);
  while (confirmations > 0) {
    Arrival arrival;
    if (Error error = Take(&arrival, Earlier(wire::kNoDeadline, config_.timeout))) {
      // A confirmation that comes late would be taken for another one's.
      connection_.reset();
      return error;
    }
    if (arrival.error) return arrival.error;
    if (!arrival.texts.empty() && arrival.texts[0] == kConfirmations[static_cast<size_t>(change)]) --confirmations;
  }
  return {};
}

Error RedisSource::Apply(Change change, std::span<const Bytes> names) {
  const bool patterns = change == Change::kPatternSubscribe || change == Change::kPatternUnsubscribe;
  const bool adds = change == Change::kSubscribe || change == Change::kPatternSubscribe;
  auto& held = patterns ? patterns_ : channels_;
  if (Error error = Open()) return error;
  // UNSUBSCRIBE without names confirms each one, and once if there is none.
  const size_t confirmations = names.empty() ? std::max<size_t>(held.size(), 1) : names.size();
  if (Error error = Order(change, names, confirmations)) return error;
  if (adds) {
    for (const Bytes name : names) held.emplace(name);
  } else if (names.empty()) {
    held.clear();
  } else {
    for (const Bytes name : names) {
      if (const auto found = held.find(name); found != held.end()) held.erase(found);
    }
  }
  return {};
}

Result<Message> RedisSource::Receive(std::optional<std::chrono::milliseconds> timeout) {
  const wire::Deadline deadline = timeout ? wire::In(*timeout) : wire::kNoDeadline;
  for (;;) {
    if (!waiting_.empty()) {
      Message first = std::move(waiting_.front());
      waiting_.pop_front();
      return first;
    }
    if (Error error = Open()) return error;
    Arrival arrival;
    if (Error error = Take(&arrival, deadline)) {
      return error.code() == ErrorCode::kTimeout && connection_ != nullptr ? NotInTime() : error;
    }
  }
}

}  // namespace dualis::client
