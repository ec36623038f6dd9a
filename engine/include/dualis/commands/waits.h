// WAIT and WAITAOF, as an engine without replicas and without a log answers them: nobody acknowledges anything.
#ifndef DUALIS_COMMANDS_WAITS_H_
#define DUALIS_COMMANDS_WAITS_H_

#include <cstdint>
#include <utility>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// WAIT numreplicas timeout: how many replicas have the writes of this connection: 0, after `timeout` milliseconds (0:
// never) if more are asked for.
struct Wait {
  static constexpr CommandInfo kInfo{"WAIT",
                                     kNoScriptFlag,
                                     Group::kGeneric,
                                     "3.0.0",
                                     "Wait for the synchronous replication of all the write commands sent in the "
                                     "context of the current connection",
                                     "O(1)",
                                     "connection"};
  using Reply = int64_t;
  int64_t numreplicas = 0;
  int64_t timeout = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.number(c.numreplicas, "numreplicas");
    v.number(c.timeout, "timeout", errors::kTimeoutNotInteger);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

// WAITAOF numlocal numreplicas timeout: how many logs, of this engine and of replicas, have the writes. Error: numlocal
// is 1, and there is no log.
struct WaitAof {
  static constexpr CommandInfo kInfo{"WAITAOF",
                                     kNoScriptFlag,
                                     Group::kGeneric,
                                     "7.2.0",
                                     "Blocks until all of the preceding write commands sent by the connection are "
                                     "written to the append-only file of the master and/or replicas.",
                                     "O(1)",
                                     "connection"};
  using Reply = std::pair<int64_t, int64_t>;
  int64_t numlocal = 0;
  int64_t numreplicas = 0;
  int64_t timeout = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.number(c.numlocal, "numlocal");
    v.rule(c.numlocal == 0 || c.numlocal == 1, errors::kNotZeroOrOne);
    v.number(c.numreplicas, "numreplicas");
    v.rule(c.numreplicas >= 0, errors::kNotPositive);
    v.number(c.timeout, "timeout", errors::kTimeoutNotInteger);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_WAITS_H_
