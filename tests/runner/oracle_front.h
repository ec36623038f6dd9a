// The oracle: a private redis-server reached over RESP2 and RESP3. What it says is right.
#ifndef DUALIS_TESTS_RUNNER_ORACLE_FRONT_H_
#define DUALIS_TESTS_RUNNER_ORACLE_FRONT_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/runner/front.h"
#include "tests/runner/oracle_server.h"

namespace dualis::cases {

class OracleFront : public CaseFront {
 public:
  OracleFront();

  std::string name() const override { return "oracle"; }
  int version() const override { return version_; }
  bool has_manual_clock() const override { return false; }
  std::vector<int> protocols() const override { return {2, 3}; }
  void Begin(const Replay& replay) override;
  void Connect(int connection) override;
  void Disconnect(int connection) override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
  ReplyTree Receive(int connection) override;
  void Advance(std::chrono::milliseconds) override;
  std::vector<std::pair<int, ReplyTree>> End() override;

 private:
  struct Connection {
    std::unique_ptr<OracleSocket> socket;
    std::string id;                 // CLIENT ID
    std::deque<ReplyTree> arrived;  // not received by a step yet
    bool subscribed = false;        // has used a subscription command: messages may stand before the reply
    bool closed = false;
  };

  Connection& Open(int connection);
  bool IsBlocked(const Connection&);
  // A case changes a setting itself: it is taken back before the next one.
  void NoteConfig(const std::vector<std::string>& words);
  // Puts the users and the log of ACL back.
  void ResetUsers();
  void SetConfig(const std::vector<std::pair<std::string, std::string>>& settings);
  // After it, whatever the server owed any connection is readable.
  void Barrier();
  void Drain(Connection&);

  OracleServer server_;
  OracleSocket admin_;
  int version_ = 0;
  Replay replay_;
  std::map<std::string, std::string> defaults_;  // of every setting that was changed
  std::map<std::string, std::string> settings_;  // changed ones, as they are now
  std::map<int, Connection> connections_;
  bool users_changed_ = false;
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_ORACLE_FRONT_H_
