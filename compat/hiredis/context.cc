// Synchronous contexts: their life, their buffers, and the two ways of a command, through obuf and reader, or, on an
// embedded context with nothing under way, straight from its words to a redisReply.
#include "compat/hiredis/context.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "compat/hiredis/format.h"
#include "compat/hiredis/reply_builder.h"
#include "engine/command/word.h"

namespace dualis::hiredis {

void SetError(redisContext* c, int type, Bytes text) {
  c->err = type;
  const size_t n = std::min(text.size(), sizeof(c->errstr) - 1);
  if (n > 0) std::memcpy(c->errstr, text.data(), n);
  c->errstr[n] = '\0';
}

bool SetTimeoutField(timeval** field, const timeval* value) {
  if (value == nullptr) {
    hi_free(*field);
    *field = nullptr;
    return true;
  }
  if (*field == nullptr) *field = static_cast<timeval*>(hi_malloc(sizeof(timeval)));
  if (*field == nullptr) return false;
  **field = *value;
  return true;
}

namespace {

const redisContextFuncs kSocketFuncs = {redisNetClose,   nullptr,      redisAsyncRead,
                                        redisAsyncWrite, redisNetRead, redisNetWrite};

void FreePush(void*, void* reply) { freeReplyObject(reply); }

redisContext* NewContext() {
  auto* c = static_cast<redisContext*>(hi_calloc(1, sizeof(redisContext)));
  if (c == nullptr) return nullptr;
  c->funcs = &kSocketFuncs;
  c->fd = REDIS_INVALID_FD;
  c->obuf = sdsempty();
  c->reader = redisReaderCreate();
  if (c->obuf == nullptr || c->reader == nullptr) {
    redisFree(c);
    return nullptr;
  }
  return c;
}

int ContextFlags(int options) {
  constexpr struct {
    int option, flag;
  } kFlags[] = {
      {REDIS_OPT_REUSEADDR, REDIS_REUSEADDR},
      {REDIS_OPT_NOAUTOFREE, REDIS_NO_AUTO_FREE},
      {REDIS_OPT_NOAUTOFREEREPLIES, REDIS_NO_AUTO_FREE_REPLIES},
      {REDIS_OPT_PREFER_IPV4, REDIS_PREFER_IPV4},
      {REDIS_OPT_PREFER_IPV6, REDIS_PREFER_IPV6},
      {REDIS_OPT_SET_SOCK_CLOEXEC, kCloseOnExec},
      {kOptAsynchronous, kAsynchronous},
  };
  int flags = (options & REDIS_OPT_NONBLOCK) != 0 ? 0 : REDIS_BLOCK;
  for (const auto& f : kFlags) {
    if ((options & f.option) != 0) flags |= f.flag;
  }
  return flags;
}

// Gives a blocking socket its command timeout.
int ApplyTimeout(redisContext* c) {
  if (c->command_timeout == nullptr || (c->flags & REDIS_BLOCK) == 0 || c->fd == REDIS_INVALID_FD) return REDIS_OK;
  if (LinkOf(c) != nullptr || wire::SetBlockingTimeout(c->fd, *c->command_timeout)) return REDIS_OK;
  char reason[wire::kFailureTextBytes], text[sizeof(c->errstr)];
  size_t size = Bytes("setsockopt(SO_RCVTIMEO): ").copy(text, sizeof(text));
  size += wire::FailureText({wire::Failure::Kind::kSystem, errno}, reason).copy(text + size, sizeof(text) - size);
  SetError(c, REDIS_ERR_IO, Bytes(text, size));
  return REDIS_ERR;
}

// Appends words to obuf as RESP.
template <class W>
int Append(redisContext* c, const W& words) {
  const size_t size = RespSize(words);
  sds grown = sdsMakeRoomFor(c->obuf, size);
  if (grown == nullptr) {
    SetOom(c);
    return REDIS_ERR;
  }
  c->obuf = grown;
  const size_t length = sdslen(grown);
  WriteResp(words, grown + length);
  sdssetlen(grown, length + size);
  grown[length + size] = '\0';
  return REDIS_OK;
}

int ParseFormat(redisContext* c, Words* words, const char* format, va_list ap) {
  const int error = words->Parse(format, ap);
  if (error == 0) return REDIS_OK;
  if (error == -1) {
    SetOom(c);
  } else {
    SetError(c, REDIS_ERR_OTHER, "Invalid format string");
  }
  return REDIS_ERR;
}

bool WantsCompact([[maybe_unused]] const redisReader* reader) {
#ifdef DUALIS_HIREDIS_V0_14
  return false;
#else
  return dualisReaderIsCompact(reader) != 0;
#endif
}

// Whether a command can go straight to the engine: nothing waits to be sent or read, and replies are redisReply
// objects.
bool MayGoDirect(const redisContext* c) {
  return HasOurTable(c) && (c->flags & REDIS_BLOCK) != 0 && c->err == 0 && sdslen(c->obuf) == 0 &&
         c->reader->len == c->reader->pos && c->reader->fn == &dualisHiredisDefaultFunctions;
}

// Runs words on the engine. False: they must go through the buffers. Else *reply is the reply, or null with the error.
template <class W>
bool RunDirect(redisContext* c, EngineLink* link, const W& words, void** reply) {
  bool ran = true;
  *reply = nullptr;
  Guarded(c, [&] {
    absl::InlinedVector<Arg, 16> args(words.count());
    for (size_t i = 0; i < words.count(); ++i) args[i] = Arg(words[i]);
    ReplyBuilder builder(link->session(), WantsCompact(c->reader));
    bool timed_out = false;
    ran = link->Direct(Args(args.data(), args.size()), builder, CommandDeadline(c), &timed_out);
    if (!ran) return REDIS_OK;
    if (timed_out) {
      errno = EAGAIN;
      __redisSetError(c, REDIS_ERR_IO, nullptr);
      return REDIS_ERR;
    }
    *reply = builder.Take();
    if (*reply == nullptr) SetOom(c);
    return REDIS_OK;
  });
  return ran;
}

// Whether a push confirms the subscription command of that name.
bool Confirms(const redisReply* push, Bytes command) {
  if (command.empty() || push->elements < 3 || push->element[0]->type != REDIS_REPLY_STRING) return false;
  return SameWord(Bytes(push->element[0]->str, push->element[0]->len), command);
}

// The next reply in the reader that is neither for the push callback nor an attribute, which is a remark on the reply
// behind it and takes no reply's place. A program's own objects have no type to look at.
int NextReply(redisContext* c, void** found, Bytes confirming) {
  while (true) {
    if (redisGetReplyFromReader(c, found) != REDIS_OK) return REDIS_ERR;
    if (*found == nullptr || c->reader->fn != &dualisHiredisDefaultFunctions) return REDIS_OK;
    auto* reply = static_cast<redisReply*>(*found);
    if (reply->type == REDIS_REPLY_ATTR) {
      freeReplyObject(reply);
    } else if (c->push_cb == nullptr || !redisIsPushReply(reply) || Confirms(reply, confirming)) {
      return REDIS_OK;
    } else {
      c->push_cb(c->privdata, reply);
    }
  }
}

// redisGetReply. `confirming`: a subscription command whose confirmation is wanted even if it is a push; or nothing.
int GetReply(redisContext* c, void** reply, Bytes confirming) {
  void* found = nullptr;
  if (NextReply(c, &found, confirming) != REDIS_OK) return REDIS_ERR;
  if (found == nullptr && (c->flags & REDIS_BLOCK) != 0) {
    const EngineLink::Reading reading(LinkOf(c));
    for (int done = 0; done == 0;) {
      if (redisBufferWrite(c, &done) != REDIS_OK) return REDIS_ERR;
    }
    while (found == nullptr) {
      if (redisBufferRead(c) != REDIS_OK || NextReply(c, &found, confirming) != REDIS_OK) return REDIS_ERR;
    }
  }
  if (reply != nullptr) {
    *reply = found;
  } else if (found != nullptr && c->reader->fn != nullptr && c->reader->fn->freeObject != nullptr) {
    c->reader->fn->freeObject(found);
  }
  return REDIS_OK;
}

// A queued command's reply, if this context waits for replies. Under RESP3 a subscription command's only answer is a
// push: whoever waits for it gets it, or would wait for ever.
template <class W>
void* AwaitReply(redisContext* c, const W& words) {
  void* reply = nullptr;
  if ((c->flags & REDIS_BLOCK) == 0) return nullptr;
  constexpr Bytes kSuffix = "subscribe";
  Bytes name = words.count() > 0 ? words[0] : Bytes();
  const bool subscribes = name.size() >= kSuffix.size() && SameWord(name.substr(name.size() - kSuffix.size()), kSuffix);
  return GetReply(c, &reply, subscribes ? name : Bytes()) == REDIS_OK ? reply : nullptr;
}

template <class W>
void* Command(redisContext* c, const W& words) {
  if (EngineLink* link = LinkOf(c); link != nullptr && MayGoDirect(c)) {
    void* reply;
    if (RunDirect(c, link, words, &reply)) return reply;
  }
  if (c->err == REDIS_ERR_OOM || Append(c, words) != REDIS_OK) return nullptr;
  return AwaitReply(c, words);
}

}  // namespace
}  // namespace dualis::hiredis

using namespace dualis::hiredis;  // NOLINT: the C functions below are outside every namespace

extern "C" {

void __redisSetError(redisContext* c, int type, const char* str) noexcept {
  char buffer[dualis::wire::kFailureTextBytes];
  if (str != nullptr) return SetError(c, type, str);
  const dualis::wire::Failure failure{dualis::wire::Failure::Kind::kSystem, errno};
  SetError(c, type, FailureText(failure, buffer));
}

redisContext* redisConnectWithOptions(const redisOptions* options) noexcept {
  redisContext* c = NewContext();
  if (c == nullptr) return nullptr;
  c->flags |= ContextFlags(options->options);
  if (options->push_cb != nullptr) {
    c->push_cb = options->push_cb;
  } else if ((options->options & REDIS_OPT_NO_PUSH_AUTOFREE) == 0) {
    c->push_cb = FreePush;
  }
  c->privdata = options->privdata;
  c->free_privdata = options->free_privdata;
  if (!SetTimeoutField(&c->connect_timeout, options->connect_timeout) ||
      !SetTimeoutField(&c->command_timeout, options->command_timeout)) {
    SetOom(c);
    return c;
  }
  switch (options->type) {
    case REDIS_CONN_TCP:
      ConnectTcp(c, options->endpoint.tcp.ip, options->endpoint.tcp.port, options->endpoint.tcp.source_addr);
      break;
    case REDIS_CONN_UNIX:
      ConnectUnix(c, options->endpoint.unix_socket);
      break;
    case REDIS_CONN_USERFD:
      c->connection_type = REDIS_CONN_USERFD;
      c->fd = options->endpoint.fd;
      c->flags |= REDIS_CONNECTED;
      break;
    default:
      // Unknown: there is no context to carry an error in.
      redisFree(c);
      return nullptr;
  }
  if (c->err == 0) ApplyTimeout(c);
  return c;
}

redisContext* redisConnect(const char* ip, int port) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectWithTimeout(const char* ip, int port, const struct timeval tv) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  options.connect_timeout = &tv;
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectNonBlock(const char* ip, int port) noexcept {
  return redisConnectBindNonBlock(ip, port, nullptr);
}

redisContext* redisConnectBindNonBlock(const char* ip, int port, const char* source_addr) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  options.endpoint.tcp.source_addr = source_addr;
  options.options = REDIS_OPT_NONBLOCK;
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectBindNonBlockWithReuse(const char* ip, int port, const char* source_addr) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_TCP(&options, ip, port);
  options.endpoint.tcp.source_addr = source_addr;
  options.options = REDIS_OPT_NONBLOCK | REDIS_OPT_REUSEADDR;
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectUnix(const char* path) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, path);
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectUnixWithTimeout(const char* path, const struct timeval tv) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, path);
  options.connect_timeout = &tv;
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectUnixNonBlock(const char* path) noexcept {
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, path);
  options.options = REDIS_OPT_NONBLOCK;
  return redisConnectWithOptions(&options);
}

redisContext* redisConnectFd(redisFD fd) noexcept {
  redisOptions options = {};
  options.type = REDIS_CONN_USERFD;
  options.endpoint.fd = fd;
  return redisConnectWithOptions(&options);
}

int redisReconnect(redisContext* c) noexcept {
  const bool embedded = LinkOf(c) != nullptr;
  std::shared_ptr<dualis::Engine> own = embedded ? LinkOf(c)->own_engine() : nullptr;
  c->err = 0;
  std::memset(c->errstr, 0, sizeof(c->errstr));
  c->funcs->close(c);
  if (c->privctx != nullptr && c->funcs->free_privctx != nullptr) c->funcs->free_privctx(c->privctx);
  c->privctx = nullptr;
  if (c->fd != REDIS_INVALID_FD) redisNetClose(c);
  // A table that the program has set stays the program's.
  if (embedded && HasOurTable(c)) c->funcs = &kSocketFuncs;
  sdsclear(c->obuf);
  // A reader of the same kind: functions and limits are the program's wish, not the connection's.
  redisReader* fresh = redisReaderCreateWithFunctions(c->reader->fn);
  if (fresh == nullptr) {
    SetOom(c);
    return REDIS_ERR;
  }
  fresh->privdata = c->reader->privdata;
  fresh->maxbuf = c->reader->maxbuf;
  fresh->maxelements = c->reader->maxelements;
  fresh->maxdepth = c->reader->maxdepth;
#ifndef DUALIS_HIREDIS_V0_14
  dualisReaderSetCompact(fresh, dualisReaderIsCompact(c->reader));
#endif
  redisReaderFree(c->reader);
  c->reader = fresh;
  int result = REDIS_ERR;
  if (c->connection_type == REDIS_CONN_TCP && c->tcp.host != nullptr) {
    result = ConnectTcp(c, c->tcp.host, c->tcp.port, c->tcp.source_addr, std::move(own));
  } else if (c->connection_type == REDIS_CONN_UNIX && c->unix_sock.path != nullptr) {
    result = ConnectUnix(c, c->unix_sock.path, std::move(own));
  } else {
    SetError(c, REDIS_ERR_OTHER, "Not enough information to reconnect");
  }
  return result == REDIS_OK ? ApplyTimeout(c) : result;
}

int redisSetTimeout(redisContext* c, const struct timeval tv) noexcept {
  if (!SetTimeoutField(&c->command_timeout, &tv)) {
    SetOom(c);
    return REDIS_ERR;
  }
  return (c->flags & REDIS_BLOCK) != 0 ? ApplyTimeout(c) : REDIS_ERR;
}

redisPushFn* redisSetPushCallback(redisContext* c, redisPushFn* fn) noexcept {
  redisPushFn* before = c->push_cb;
  c->push_cb = fn;
  return before;
}

void redisFree(redisContext* c) noexcept {
  if (c == nullptr) return;
  if (c->funcs != nullptr && c->funcs->close != nullptr) c->funcs->close(c);
  sdsfree(c->obuf);
  redisReaderFree(c->reader);
  hi_free(c->tcp.host);
  hi_free(c->tcp.source_addr);
  hi_free(c->unix_sock.path);
  hi_free(c->connect_timeout);
  hi_free(c->command_timeout);
  hi_free(c->saddr);
  if (c->privdata != nullptr && c->free_privdata != nullptr) c->free_privdata(c->privdata);
  if (c->funcs != nullptr && c->funcs->free_privctx != nullptr) c->funcs->free_privctx(c->privctx);
  // Use after this becomes visible.
  std::memset(static_cast<void*>(c), 0xff, sizeof(*c));
  hi_free(c);
}

redisFD redisFreeKeepFd(redisContext* c) noexcept {
  const redisFD fd = c->fd;
  c->fd = REDIS_INVALID_FD;
  redisFree(c);
  return fd;
}

int redisBufferRead(redisContext* c) noexcept {
  if (c->err != 0) return REDIS_ERR;
  char buffer[16 * 1024];
  const ssize_t n = c->funcs->read(c, buffer, sizeof(buffer));
  if (n < 0) return REDIS_ERR;
  if (n > 0 && redisReaderFeed(c->reader, buffer, static_cast<size_t>(n)) != REDIS_OK) {
    SetError(c, c->reader->err, c->reader->errstr);
    return REDIS_ERR;
  }
  return REDIS_OK;
}

int redisBufferWrite(redisContext* c, int* done) noexcept {
  if (c->err != 0) return REDIS_ERR;
  if (sdslen(c->obuf) > 0) {
    const ssize_t n = c->funcs->write(c);
    if (n < 0) return REDIS_ERR;
    if (n > 0 && static_cast<size_t>(n) == sdslen(c->obuf) && sdsalloc(c->obuf) > SDS_MAX_PREALLOC) {
      sds fresh = sdsempty();
      if (fresh == nullptr) {
        SetOom(c);
        return REDIS_ERR;
      }
      sdsfree(c->obuf);
      c->obuf = fresh;
    } else if (n > 0 && sdsrange(c->obuf, n, -1) < 0) {
      SetOom(c);
      return REDIS_ERR;
    }
  }
  if (done != nullptr) *done = sdslen(c->obuf) == 0;
  return REDIS_OK;
}

int redisGetReplyFromReader(redisContext* c, void** reply) noexcept {
  if (redisReaderGetReply(c->reader, reply) == REDIS_OK) return REDIS_OK;
  SetError(c, c->reader->err, c->reader->errstr);
  return REDIS_ERR;
}

int redisGetReply(redisContext* c, void** reply) noexcept { return GetReply(c, reply, {}); }

int __redisAppendCommand(redisContext* c, const char* cmd, size_t len) noexcept {
  sds grown = sdscatlen(c->obuf, cmd, len);
  if (grown == nullptr) {
    SetOom(c);
    return REDIS_ERR;
  }
  c->obuf = grown;
  return REDIS_OK;
}

int redisAppendFormattedCommand(redisContext* c, const char* cmd, size_t len) noexcept {
  return __redisAppendCommand(c, cmd, len);
}

int redisvAppendCommand(redisContext* c, const char* format, va_list ap) noexcept {
  Words words;
  if (ParseFormat(c, &words, format, ap) != REDIS_OK) return REDIS_ERR;
  return Append(c, words);
}

int redisAppendCommand(redisContext* c, const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  const int result = redisvAppendCommand(c, format, ap);
  va_end(ap);
  return result;
}

int redisAppendCommandArgv(redisContext* c, int argc, const char** argv, const size_t* argvlen) noexcept {
  return Append(c, ArgvWords{argc, argv, argvlen});
}

void* redisvCommand(redisContext* c, const char* format, va_list ap) noexcept {
  Words words;
  if (ParseFormat(c, &words, format, ap) != REDIS_OK) return nullptr;
  return Command(c, words);
}

void* redisCommand(redisContext* c, const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  void* reply = redisvCommand(c, format, ap);
  va_end(ap);
  return reply;
}

void* redisCommandArgv(redisContext* c, int argc, const char** argv, const size_t* argvlen) noexcept {
  return Command(c, ArgvWords{argc, argv, argvlen});
}

}  // extern "C"
