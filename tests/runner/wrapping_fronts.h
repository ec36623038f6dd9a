// Fronts that reach a Redis through another one: each command inside a transaction of its own, or inside a script.
//
// They work over any front, redis-server included, which shows that the wrapping itself changes nothing.
#ifndef DUALIS_TESTS_RUNNER_WRAPPING_FRONTS_H_
#define DUALIS_TESTS_RUNNER_WRAPPING_FRONTS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/runner/front.h"

namespace dualis::cases {

// Forwards everything to the front within.
class WrappingFront : public CaseFront {
 public:
  WrappingFront(std::string name, std::unique_ptr<CaseFront> inner)
      : name_(std::move(name)), inner_(std::move(inner)) {}

  std::string name() const override { return name_; }
  int version() const override { return inner_->version(); }
  bool has_manual_clock() const override { return inner_->has_manual_clock(); }
  std::vector<int> protocols() const override { return inner_->protocols(); }
  std::optional<LeftOut> Refuses(const Case& c) const override { return inner_->Refuses(c); }
  void Begin(const Replay& replay) override { inner_->Begin(replay); }
  void Connect(int connection) override { inner_->Connect(connection); }
  void Disconnect(int connection) override { inner_->Disconnect(connection); }
  ReplyTree Receive(int connection) override { return inner_->Receive(connection); }
  void Advance(std::chrono::milliseconds time) override { inner_->Advance(time); }
  std::vector<std::pair<int, ReplyTree>> End() override { return inner_->End(); }

 protected:
  CaseFront& inner() { return *inner_; }
  const CaseFront& inner() const { return *inner_; }

 private:
  std::string name_;
  std::unique_ptr<CaseFront> inner_;
};

// MULTI, the command, EXEC. What is refused while queueing shows as the command's reply.
class MultiFront : public WrappingFront {
 public:
  using WrappingFront::WrappingFront;
  std::optional<LeftOut> Refuses(const Case& c) const override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
};

// redis.pcall with the command as ARGV. Scripts speak RESP2 to Redis and know one kind of nothing.
class LuaFront : public WrappingFront {
 public:
  using WrappingFront::WrappingFront;
  std::vector<int> protocols() const override { return {2}; }
  std::optional<LeftOut> Refuses(const Case& c) const override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
  ReplyTree Narrow(const std::vector<std::string>& words, ReplyTree expected) const override;
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_WRAPPING_FRONTS_H_
