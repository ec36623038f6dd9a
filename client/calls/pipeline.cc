// CommandQueue: from queued requests to settled results.
#include "dualis/pipeline.h"

#include <deque>

#include "client/calls/core.h"
#include "client/prefix/strip_sink.h"
#include "dualis/commands/scripting.h"

namespace dualis {

CommandQueue::CommandQueue(std::shared_ptr<const client::ClientCore> core, CallOptions options, Atomicity atomicity)
    : core_(std::move(core)), options_(options), atomicity_(atomicity) {}
CommandQueue::~CommandQueue() = default;
CommandQueue::CommandQueue(CommandQueue&&) noexcept = default;
CommandQueue& CommandQueue::operator=(CommandQueue&&) noexcept = default;

void CommandQueue::Add(const Request& request, std::shared_ptr<client::Slot> slot) {
  const ReplyType* key_names = nullptr;
  if (Error error = core_->Queue(request, buffer_, &key_names)) return Refuse(error, slot);
  // Its texts are gone when the commands behind it run.
  if (request.row() == &Row<cmd::ScriptFlush>::value) texts_.clear();
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
  if (executed && atomicity_ == Atomicity::kNone) {
    if (Error error = RunForgotten()) executed = error;
  }
  Error unanswered = executed ? Error() : executed.error();
  if (executed && *executed == Executed::kWatchFailed) {
    unanswered = Error(ErrorCode::kExecAbort, "EXECABORT a watched key has changed");
  }
  for (Queued& queued : slots_) queued.slot->Settle(unanswered);
  discard();
  return executed;
}

// Somebody flushed the scripts of the server between two commands. What ran nothing may run now, as long as nothing
// that was queued behind it has: then its place in the order is kept.
Error CommandQueue::RunForgotten() {
  size_t first = slots_.size();
  while (first > 0 && slots_[first - 1].slot->script() != nullptr && slots_[first - 1].slot->script()->forgotten()) {
    --first;
  }
  if (first == slots_.size()) return {};
  CommandBuffer again;
  std::vector<ReplySink*> sinks;
  for (size_t i = first; i < slots_.size(); ++i) {
    ArgList none;
    slots_[i].slot->script()->Repeat(buffer_[i].words(none), again);
    sinks.push_back(&slots_[i].slot->sink());
  }
  return core_->backend().ExecuteAll(again, sinks, Atomicity::kNone, options_).error();
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
