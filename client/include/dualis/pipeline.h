// Pipeline: commands that are collected first and sent together. Transaction: a pipeline between WATCH and EXEC.
//
//   Pipeline batch = client.pipeline();
//   Pending<int64_t> hits = batch.incrby("hits", 1);
//   Pending<std::optional<std::string>> name = batch.get("name");
//   if (Result<size_t> sent = batch.execute(); !sent) return sent.error();
//   Show(**hits, **name);
//
// The words are copied when a command is added, so the caller's strings may go at once. Results come through Pending
// values, each of which has the command's own error. A pipeline that is destroyed without execute() sends nothing.
#ifndef DUALIS_PIPELINE_H_
#define DUALIS_PIPELINE_H_

#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/backend.h"
#include "dualis/commands_api.h"
#include "dualis/into.h"

namespace dualis {

namespace client {
class ClientCore;

// The reply that a sink collected. An untyped one takes error replies as values; as a whole reply they are the error of
// the result, as for every other type.
template <class T>
Result<T> TakeReply(Into<T>&& into) {
  Result<T> reply = std::move(into).Take();
  if constexpr (std::is_same_v<T, AnyReply>) {
    if (reply && reply->kind == AnyReply::Kind::kError) return Error::FromReply(reply->text);
  }
  return reply;
}

// The place of one result. Held by the pipeline until it is executed, and by the Pending that its caller keeps.
class Slot {
 public:
  virtual ~Slot() = default;
  virtual ReplySink& sink() = 0;
  // After execution: takes what the sink has, or `error` if that is one and no whole reply arrived.
  virtual void Settle(const Error& error) = 0;
  // The script that it is the place of; null if it is a command's.
  virtual QueuedScript* script() { return nullptr; }
};

// What a result is before the execution.
inline constexpr Error::Rep kNotExecuted{ErrorCode::kUsage, "ERR the pipeline has not been executed"};

template <class T>
class ResultSlot : public Slot {
 public:
  const Result<T>& result() const { return result_; }
  const std::string& place() const { return place_; }

 protected:
  std::string place_;
  Result<T> result_ = Error(&kNotExecuted);
};

template <class T>
class TypedSlot final : public ResultSlot<T> {
 public:
  ReplySink& sink() override { return into_; }
  void Settle(const Error& error) override {
    this->result_ = error && !into_.complete() ? Result<T>(error) : TakeReply(std::move(into_));
  }

 private:
  Into<T> into_;
};

}  // namespace client

// The result of a command in a pipeline: an error of code kUsage until the pipeline has been executed.
template <class T>
class Pending {
 public:
  explicit Pending(std::shared_ptr<const client::ResultSlot<T>> slot) : slot_(std::move(slot)) {}
  // Valid as long as this Pending.
  const Result<T>& get() const { return slot_->result(); }
  const Result<T>& operator*() const { return get(); }
  const Result<T>* operator->() const { return &get(); }
  // Of a script that failed: the statement of the C++ source at which it did ("file.cc:12"). Empty otherwise.
  const std::string& place() const { return slot_->place(); }

 private:
  // Shared with the pipeline, which may go first, or be filled again.
  std::shared_ptr<const client::ResultSlot<T>> slot_;
};

// What Pipeline and Transaction are made of: the commands and the places of their results.
class CommandQueue {
 public:
  CommandQueue(std::shared_ptr<const client::ClientCore> core, CallOptions options, Atomicity atomicity);
  ~CommandQueue();
  CommandQueue(CommandQueue&&) noexcept;
  CommandQueue& operator=(CommandQueue&&) noexcept;

  size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  // Forgets what was added since the last execution.
  void discard();

 protected:
  void Add(const Request& request, std::shared_ptr<client::Slot> slot);
  void Add(Args words, std::shared_ptr<client::Slot> slot);
  // Keeps an error in the place of a command that cannot be queued.
  void Refuse(const Error& error, const std::shared_ptr<client::Slot>& slot);
  Result<Executed> RunAll();

 private:
  // Once more the calls at the end of the queue whose script the server had forgotten.
  Error RunForgotten();
  friend class Script;
  struct Queued {
    std::shared_ptr<client::Slot> slot;
    const ReplyType* key_names;  // strip the reply by this type; null: as it is
  };
  // Shared: a pipeline may outlive the Client it came from.
  std::shared_ptr<const client::ClientCore> core_;
  CallOptions options_;
  Atomicity atomicity_;
  CommandBuffer buffer_;
  std::vector<Queued> slots_;
  Error refused_;  // the first command that could not be queued
  // The scripts whose text is queued already, by their SHA1.
  std::set<std::string, std::less<>> texts_;
};

// Used by one thread at a time.
class Pipeline : public CommandQueue, public Commands<Pipeline> {
 public:
  using CommandQueue::CommandQueue;

  // Adds a command struct: cmd::Get{"name"}. The struct may go at once.
  template <class C>
  Pending<typename C::Reply> Run(const C& command) {
    auto slot = std::make_shared<client::TypedSlot<typename C::Reply>>();
    Add(Request(Command(command)), slot);
    return Pending<typename C::Reply>(std::move(slot));
  }
  // Adds any command by its words.
  Pending<AnyReply> command(Args words);
  Pending<AnyReply> command(std::initializer_list<Arg> words) { return command(Args(words.begin(), words.size())); }

  // Sends everything and waits for the replies; returns how many there were. The pipeline is empty afterwards and can
  // be filled again. The error is the transport's, or, for an atomic pipeline, EXECABORT when a command was refused and
  // therefore none was run; commands that failed have their errors in their Pending and do not stop the others, in a
  // transaction neither, as in Redis. A command that could not even be queued (see Client) makes execute() fail with
  // its error before anything is sent.
  Result<size_t> execute();
};

// What the body of Client::transaction fills; it is executed when the body returns. Used by one thread at a time.
class Transaction : public CommandQueue, public Commands<Transaction> {
 public:
  using CommandQueue::CommandQueue;

  template <class C>
  Pending<typename C::Reply> Run(const C& command) {
    auto slot = std::make_shared<client::TypedSlot<typename C::Reply>>();
    Add(Request(Command(command)), slot);
    return Pending<typename C::Reply>(std::move(slot));
  }
  Pending<AnyReply> command(Args words);
  Pending<AnyReply> command(std::initializer_list<Arg> words) { return command(Args(words.begin(), words.size())); }

 private:
  friend class Client;
};

}  // namespace dualis

#endif  // DUALIS_PIPELINE_H_
