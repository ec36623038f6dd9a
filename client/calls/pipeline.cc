// CommandQueue: from queued requests to settled results.
#include "dualis/pipeline.h"

#include <deque>

#include "client/calls/core.h"
#include "client/prefix/strip_sink.h"

namespace dualis {

CommandQueue::CommandQueue(std::shared_ptr<const client::ClientCore> core, CallOptions options, Atomicity atomicity)
    : core_(std::move(core)), options_(options), atomicity_(atomicity) {}
CommandQueue::~CommandQueue() = default;
CommandQueue::CommandQueue(CommandQueue&&) noexcept = default;
CommandQueue& CommandQueue::operator=(CommandQueue&&) noexcept = default;

void CommandQueue::Add(const Request& request, std::shared_ptr<client::Slot> slot) {
  const ReplyType* key_names = nullptr;
  if (Error error = core_->Queue(request, buffer_, &key_names)) return Refuse(error, slot);
  slots_.push_back({std::move(slot), key_names});
}

void CommandQueue::Refuse(const Error& error, const std::shared_ptr<client::Slot>& slot) {
  slot->Settle(error);
  if (!refused_) refused_ = error;
}

void CommandQueue::Add(Args words, std::shared_ptr<client::Slot> slot) { Add(core_->Named(words), std::move(slot)); }

void CommandQueue::discard() {
  buffer_.Clear();
  slots_.clear();
  texts_.clear();
  refused_ = Error();
}

Result<Executed> CommandQueue::RunAll() {
  if (Error refused = refused_) {
    for (Queued& queued : slots_) queued.slot->Settle(refused);
    discard();
    return refused;
  }
  if (slots_.empty() && atomicity_ == Atomicity::kNone) return Executed::kYes;
  std::deque<client::StripSink> strips;
  std::vector<ReplySink*> sinks;
  sinks.reserve(slots_.size());
  for (Queued& queued : slots_) {
    ReplySink* sink = &queued.slot->sink();
    if (queued.key_names != nullptr) sink = &strips.emplace_back(*sink, core_->prefix().plain, queued.key_names);
    sinks.push_back(sink);
  }
  Result<Executed> executed = core_->backend().ExecuteAll(buffer_, sinks, atomicity_, options_);
  Error unanswered = executed ? Error() : executed.error();
  if (executed && *executed == Executed::kWatchFailed) {
    unanswered = Error(ErrorCode::kExecAbort, "EXECABORT a watched key has changed");
  }
  for (Queued& queued : slots_) queued.slot->Settle(unanswered);
  discard();
  return executed;
}

Pending<AnyReply> Pipeline::command(Args words) {
  auto slot = std::make_shared<client::TypedSlot<AnyReply>>();
  Add(words, slot);
  return Pending<AnyReply>(std::move(slot));
}

Result<size_t> Pipeline::execute() {
  const size_t commands = size();
  const Result<Executed> executed = RunAll();
  if (!executed) return executed.error();
  if (*executed == Executed::kRefused) {
    return Error(ErrorCode::kExecAbort, "EXECABORT Transaction discarded because of previous errors.");
  }
  return commands;
}

Pending<AnyReply> Transaction::command(Args words) {
  auto slot = std::make_shared<client::TypedSlot<AnyReply>>();
  Add(words, slot);
  return Pending<AnyReply>(std::move(slot));
}

}  // namespace dualis
