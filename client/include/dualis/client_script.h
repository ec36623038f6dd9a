// Script: a program (dualis/script.h) registered with a client and called with named keys and arguments.
//
//   script::FnContext ctx("take");
//   script::RedisList queue(ctx.add_key("queue"));
//   ctx.return_(queue.lpop(ctx.add_arg("count")));
//   Script take = client.register_script(ctx).value();
//   Result<script::Value> taken = take({{"queue", "jobs"}}, {{"count", 10}});
//
// A call is one turn: nobody sees the middle of it. On mem:// it runs natively; on a server as Lua, by EVALSHA, and by
// EVAL when the server does not know it (yet, or any more). Both give the same results (script/SEMANTICS.md).
#ifndef DUALIS_CLIENT_SCRIPT_H_
#define DUALIS_CLIENT_SCRIPT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dualis/backend.h"
#include "dualis/pipeline.h"
#include "dualis/result.h"
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
  // The same at another client's home.
  Result<script::Value> run(const Client& client, const Keys& keys, const Arguments& arguments = {}) const;
  // Queues a call; it is sent as Lua text, at every home.
  Pending<script::Value> queue(Pipeline& pipeline, const Keys& keys, const Arguments& arguments = {}) const;
  Pending<script::Value> queue(Transaction& transaction, const Keys& keys, const Arguments& arguments = {}) const;

 private:
  friend class Client;
  Script(std::shared_ptr<const client::ClientCore> core, CallOptions options, script::Program program, ScriptForm form,
         std::shared_ptr<LoadedScript> loaded);
  Pending<script::Value> Queue(CommandQueue& queue, const Keys& keys, const Arguments& arguments) const;
  // The Lua text for pipelines, made when it is first needed.
  struct Text;

  // Shared: a script may outlive the Client that registered it.
  std::shared_ptr<const client::ClientCore> core_;
  CallOptions options_;
  script::Program program_;
  ScriptForm form_;
  // Both shared by the copies of this Script, and the text by the pipelines it waits in.
  std::shared_ptr<LoadedScript> loaded_;
  std::shared_ptr<Text> text_;
};

}  // namespace dualis

#endif  // DUALIS_CLIENT_SCRIPT_H_
