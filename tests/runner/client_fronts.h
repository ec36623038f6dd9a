// Client::Call on a private redis-server over compat/wire, with the same prefix as the client front of the engine.
#ifndef DUALIS_TESTS_RUNNER_CLIENT_FRONTS_H_
#define DUALIS_TESTS_RUNNER_CLIENT_FRONTS_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/runner/front.h"
#include "tests/runner/oracle_server.h"

namespace dualis::cases {

class ServerClientFront : public CaseFront {
 public:
  ServerClientFront();
  ~ServerClientFront() override;

  std::string name() const override { return "oracle-client"; }
  int version() const override { return 700; }
  bool has_manual_clock() const override { return false; }
  std::vector<int> protocols() const override { return {3}; }
  std::vector<Encoding> encodings() const override { return {Encoding::kCompact}; }
  std::optional<LeftOut> Refuses(const Case& c) const override;
  void Begin(const Replay& replay) override;
  void Connect(int connection) override;
  void Disconnect(int connection) override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
  ReplyTree Receive(int connection) override;
  void Advance(std::chrono::milliseconds) override;
  std::vector<std::pair<int, ReplyTree>> End() override { return {}; }

 private:
  struct Home;
  OracleServer server_;
  OracleSocket admin_;
  std::unique_ptr<Home> home_;
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_CLIENT_FRONTS_H_
