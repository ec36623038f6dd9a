// Script: a program (dualis/script.h) registered with a client and called with named keys and arguments.
//
//   script::FnContext ctx("take");
//   script::RedisList queue(ctx.add_key("queue"));
//   ctx.return_(queue.lpop(ctx.add_arg("count")));
//   Script take = client.register_script(ctx).value();
//   Result<script::Value> taken = take({{"queue", "jobs"}}, {{"count", 10}});
//   Result<std::vector<std::string>> texts = take.as<std::vector<std::string>>({{"queue", "jobs"}}, {{"count", 10}});
//   Result<std::string> json = take.json(R"({"queue": "jobs"})", R"({"count": 10})");
//
// A call is one turn: nobody sees the middle of it. On mem:// it runs natively; on a server as Lua, by EVALSHA, and by
// EVAL when the server does not know it (yet, or any more). Both give the same results (script/SEMANTICS.md). A program
// that only reads (Program::read_only) goes by EVALSHA_RO and EVAL_RO, which replicas and users without the right to
// write accept; natively it needs the same rights.
#ifndef DUALIS_CLIENT_SCRIPT_H_
#define DUALIS_CLIENT_SCRIPT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dualis/backend.h"
#include "dualis/pipeline.h"
#include "dualis/result.h"
#include "dualis/script_convert.h"
#include "dualis/script_program.h"

namespace dualis {

class Client;

// A value, cheap to copy. Thread-safe.
class Script {
 public:
  using Keys = std::map<std::string, std::string, std::less<>>;
  using Arguments = std::map<std::string, script::Value, std::less<>>;

  const script::Program& program() const { return program_; }

  // Runs it. Every declared key and argument must be given, else kUsage with the name that is missing; others are
  // ignored. The keys get the client's prefix. Lists and dicts among the arguments are copied. An error that the script
  // meets ends it with that error; what it wrote before stays, as in Redis.
  Result<script::Value> operator()(const Keys& keys, const Arguments& arguments = {}) const;
  // The same; `*place` receives the statement of the C++ source at which the script failed ("file.cc:12"), or nothing.
  Result<script::Value> operator()(const Keys& keys, const Arguments& arguments, std::string* place) const;
  // The same with a result of a C++ type (dualis/script_convert.h); kProtocol if the script gave something else.
  template <class T>
  Result<T> as(const Keys& keys, const Arguments& arguments = {}) const {
    const Result<script::Value> value = (*this)(keys, arguments);
    if (!value) return value.error();
    return script::FromValue<T>(*value);
  }
  // The same from JSON to JSON: an object of names and an object of values, both of which may be empty texts; the
  // result is compact, its keys in the order of their bytes, and bytes that are not UTF-8 stay as they are. kUsage for
  // what is no such object; null is None.
  Result<std::string> json(Bytes keys, Bytes arguments = {}) const;
  // The same at another client's home, of any backend. What that takes to prepare is kept with that client.
  Result<script::Value> run(const Client& client, const Keys& keys, const Arguments& arguments = {}) const;
  // The same where it runs natively, on mem://; `trace` is told of each statement that was executed, with its values,
  // on this thread and inside the turn: it must not use the client. kUsage where it runs as Lua.
  Result<script::Value> traced(const Keys& keys, const Arguments& arguments,
                               const std::function<void(const script::TraceStep&)>& trace) const;
  // The script as pseudo-code, as Lua and in native form, side by side, for people.
  std::string explain() const;
  // Queues a call, with the prefix of the pipeline's client; the result's place() names the statement that failed. On
  // mem:// it runs natively, in a transaction inside of its turn. On a server the first call of a script in a pipeline
  // carries its text (EVAL) and the others its name. If somebody flushes the server's scripts while a pipeline runs
  // that is no transaction, calls at its end are sent again, with the text; one behind which something else has run
  // already did nothing and ends with the NOSCRIPT error.
  Pending<script::Value> queue(Pipeline& pipeline, const Keys& keys, const Arguments& arguments = {}) const;
  Pending<script::Value> queue(Transaction& transaction, const Keys& keys, const Arguments& arguments = {}) const;

 private:
  friend class Client;
  Script(std::shared_ptr<const client::ClientCore> core, CallOptions options, script::Program program, ScriptForm form,
         std::shared_ptr<LoadedScript> loaded);
  Result<script::Value> Call(const Keys& keys, const Arguments& arguments, const CallOptions& options) const;
  Pending<script::Value> Queue(CommandQueue& queue, const Keys& keys, const Arguments& arguments) const;
  // Shared: a script may outlive the Client that registered it.
  std::shared_ptr<const client::ClientCore> core_;
  CallOptions options_;
  script::Program program_;
  ScriptForm form_;
  // Shared by the copies of this Script.
  std::shared_ptr<LoadedScript> loaded_;
};

}  // namespace dualis

#endif  // DUALIS_CLIENT_SCRIPT_H_
