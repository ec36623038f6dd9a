// Timeouts of single asynchronous commands: the callback that the queue knows is ours, and the program's waits in a
// TimedCommand for whichever comes first, its reply or its time (redisAsyncHandleTimeout in async.cc).
#include "compat/hiredis/async_extra.h"
#include "compat/hiredis/extensions/one_reply.h"

namespace dualis::hiredis {
namespace {

void Finish(redisAsyncContext* ac, void* reply, void* privdata) noexcept {
  auto* command = static_cast<TimedCommand*>(privdata);
  const TimedCommand was = *command;
  if (!was.expired) Unlink(command);
  hi_free(command);
  if (was.expired) {
    if ((ac->c.flags & REDIS_NO_AUTO_FREE_REPLIES) != 0) freeReplyObject(reply);
  } else if (was.fn != nullptr) {
    was.fn(ac, reply, was.privdata);
  }
}

int Send(redisAsyncContext* ac, timeval timeout, redisCallbackFn* fn, void* privdata, Bytes resp) {
  if (ac->ev.scheduleTimer == nullptr || !HasOneReply(resp)) return REDIS_ERR;
  auto* command = static_cast<TimedCommand*>(hi_malloc(sizeof(TimedCommand)));
  if (command == nullptr) return REDIS_ERR;
  const auto wait = std::chrono::milliseconds(int64_t{timeout.tv_sec} * 1000 + (timeout.tv_usec + 999) / 1000);
  *command = TimedCommand{nullptr, nullptr, ac, fn, privdata, wire::In(wait), false};
  // Before it is queued, which sets the timer.
  Link(command);
  if (redisAsyncFormattedCommand(ac, Finish, command, resp.data(), resp.size()) == REDIS_OK) return REDIS_OK;
  Unlink(command);
  hi_free(command);
  return REDIS_ERR;
}

}  // namespace
}  // namespace dualis::hiredis

using dualis::Bytes;

extern "C" {

int dualisvAsyncCommand(redisAsyncContext* ac, struct timeval timeout, redisCallbackFn* fn, void* privdata,
                        const char* format, va_list ap) noexcept try {
  char* command = nullptr;
  const int size = redisvFormatCommand(&command, format, ap);
  if (size < 0) return REDIS_ERR;
  const std::unique_ptr<char, void (*)(char*)> owned(command, redisFreeCommand);
  return dualis::hiredis::Send(ac, timeout, fn, privdata, Bytes(command, static_cast<size_t>(size)));
} catch (const std::bad_alloc&) {
  return REDIS_ERR;
}

int dualisAsyncCommand(redisAsyncContext* ac, struct timeval timeout, redisCallbackFn* fn, void* privdata,
                       const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  const int result = dualisvAsyncCommand(ac, timeout, fn, privdata, format, ap);
  va_end(ap);
  return result;
}

int dualisAsyncCommandArgv(redisAsyncContext* ac, struct timeval timeout, redisCallbackFn* fn, void* privdata, int argc,
                           const char** argv, const size_t* argvlen) noexcept try {
  char* command = nullptr;
  const long long size = redisFormatCommandArgv(&command, argc, argv, argvlen);
  if (size < 0) return REDIS_ERR;
  const std::unique_ptr<char, void (*)(char*)> owned(command, redisFreeCommand);
  return dualis::hiredis::Send(ac, timeout, fn, privdata, Bytes(command, static_cast<size_t>(size)));
} catch (const std::bad_alloc&) {
  return REDIS_ERR;
}

}  // extern "C"
