// NativeCall: a call of a native script as a command of the engine. It has the words and the rights of EVALSHA (or
// EVALSHA_RO, if the script only reads), so access control, MONITOR, INFO commandstats, CLIENT PAUSE and MULTI treat it
// as they treat the Lua of a server; its name in EVALSHA's place is the program's hash.
//
// Its result does not travel through the sink, which gets a null or the error.
#ifndef DUALIS_CLIENT_BACKENDS_NATIVE_CALL_H_
#define DUALIS_CLIENT_BACKENDS_NATIVE_CALL_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/backend.h"
#include "dualis/into.h"
#include "dualis/script_program.h"

namespace dualis::client {

// What Row(...).run runs. Borrowed, unless it is part of a QueuedNative.
struct NativeCall {
  const script::NativeScript* script;
  std::span<const Bytes> keys;
  std::span<const script::Value> arguments;
  const script::RunOptions* options;
  Result<script::Value>* result;
  const class QueuedNative* owner = nullptr;

  Command command() const;
};

// A call in a pipeline or a transaction: it owns what it needs, and is the place of its result.
class QueuedNative final : public QueuedScript, public std::enable_shared_from_this<QueuedNative> {
 public:
  QueuedNative(std::shared_ptr<const script::NativeScript> script, std::span<const Bytes> keys,
               std::span<const script::Value> arguments, script::RunOptions options);
  Command command() const { return call_.command(); }

  ReplySink& sink() override { return answer_; }
  Result<script::Value> Take(const Error& unanswered, std::string* place) override;

 private:
  // Shared with the client that loaded it, which may go first.
  const std::shared_ptr<const script::NativeScript> script_;
  const std::vector<std::string> names_;
  const std::vector<Bytes> keys_;
  const std::vector<script::Value> arguments_;
  std::string place_;
  script::RunOptions options_;
  Result<script::Value> result_;
  NativeCall call_;
  Into<AnyReply> answer_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_NATIVE_CALL_H_
