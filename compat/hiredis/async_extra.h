// What an asynchronous context of ours carries behind the ABI's redisAsyncContext: commands with timeouts of their own,
// and whose the context is.
#ifndef DUALIS_COMPAT_HIREDIS_ASYNC_EXTRA_H_
#define DUALIS_COMPAT_HIREDIS_ASYNC_EXTRA_H_

#include <algorithm>

#include "compat/hiredis/context.h"

namespace dualis::hiredis {

// The privdata of such a command; it lives until its reply, or the end of the context, has come.
struct TimedCommand {
  TimedCommand* next;  // of those that may still time out
  TimedCommand* before;
  redisAsyncContext* ac;
  redisCallbackFn* fn;
  void* privdata;
  wire::Deadline deadline;
  bool expired;  // its callback has been called; the reply is nobody's
};

// In redisCallback::pending_subs of a queue, where no subscription is.
inline constexpr int kMonitorSent = 1;
inline constexpr int kMonitoring = 2;  // of lines, not of replies

// Where a reply stands that is passed on in pieces.
enum class Piecewise {
  kNo,    // the next reply is not, or not to be seen yet
  kMore,  // bytes are missing
  kDone,  // there is the reply
  kGone,  // so is the context
};

struct AsyncExtra {
  TimedCommand* timed;
  wire::Deadline earliest;  // none of them is due before
  bool timer_is_commands;   // the loop's timer was set for them
  void* handle;             // of extensions/reconnecting.cc
  // Of extensions/streaming.cc, once it is used: looks at what has been read, and passes a large string on.
  Piecewise (*next_piece)(redisAsyncContext* ac, redisReply** reply);
};

// As NewAsync allocates it; all zeros at first.
struct AsyncBlock {
  redisAsyncContext ac;
  AsyncExtra extra;
};
inline AsyncExtra& ExtraOf(redisAsyncContext* ac) { return reinterpret_cast<AsyncBlock*>(ac)->extra; }

inline void Link(TimedCommand* command) {
  AsyncExtra& extra = ExtraOf(command->ac);
  extra.earliest = extra.timed == nullptr ? command->deadline : std::min(extra.earliest, command->deadline);
  command->before = nullptr;
  command->next = extra.timed;
  if (extra.timed != nullptr) extra.timed->before = command;
  extra.timed = command;
}

inline void Unlink(TimedCommand* command) {
  (command->before == nullptr ? ExtraOf(command->ac).timed : command->before->next) = command->next;
  if (command->next != nullptr) command->next->before = command->before;
}

// Takes out those that are due at `now`, the first to time out in front.
inline TimedCommand* TakeDue(redisAsyncContext* ac, wire::Deadline now) {
  AsyncExtra& extra = ExtraOf(ac);
  TimedCommand* due = nullptr;
  extra.earliest = wire::kNoDeadline;
  for (TimedCommand* command = extra.timed; command != nullptr;) {
    TimedCommand* const next = command->next;
    if (command->deadline <= now) {
      Unlink(command);
      TimedCommand** place = &due;
      while (*place != nullptr && (*place)->deadline <= command->deadline) place = &(*place)->next;
      command->next = *place;
      *place = command;
    } else {
      extra.earliest = std::min(extra.earliest, command->deadline);
    }
    command = next;
  }
  return due;
}

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_ASYNC_EXTRA_H_
