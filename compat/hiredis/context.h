// What the parts of the context API share.
#ifndef DUALIS_COMPAT_HIREDIS_CONTEXT_H_
#define DUALIS_COMPAT_HIREDIS_CONTEXT_H_

#include "compat/hiredis/abi.h"
#include "compat/hiredis/engine_link.h"

namespace dualis::hiredis {

// A bit of redisContext.flags of our own: REDIS_OPT_SET_SOCK_CLOEXEC. (The option's own value is another flag's.)
inline constexpr int kCloseOnExec = 0x100000;
// Another: the context becomes an asynchronous one.
inline constexpr int kAsynchronous = 0x200000;
// The option for it.
inline constexpr int kOptAsynchronous = 0x200000;

// The link of an embedded context; null of others.
EngineLink* LinkOf(const redisContext* c);
// Whether its transport is the link alone: the program has put no functions of its own around it.
bool HasOurTable(const redisContext* c);

// Sets c->err and the text.
void SetError(redisContext* c, int type, Bytes text);
inline void SetOom(redisContext* c) { SetError(c, REDIS_ERR_OOM, "Out of memory"); }
// Runs `body` and turns what it throws into an error of the context. REDIS_OK or REDIS_ERR as the body says.
template <class Body>
int Guarded(redisContext* c, Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    SetOom(c);
  } catch (const std::exception& e) {
    SetError(c, REDIS_ERR_OTHER, e.what());
  }
  return REDIS_ERR;
}

// connect.cc: makes c's connection to where its fields say. REDIS_ERR with c->err set.
// `own`: the engine that mem:// without a name means, if it has been there before.
int ConnectTcp(redisContext* c, const char* host, int port, const char* source_address,
               std::shared_ptr<Engine> own = nullptr);
int ConnectUnix(redisContext* c, const char* path, std::shared_ptr<Engine> own = nullptr);
// Copies a timeout into the context, or removes it if null. False: no memory.
bool SetTimeoutField(timeval** field, const timeval* value);
// Until when a command of this context may take.
wire::Deadline CommandDeadline(const redisContext* c);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_CONTEXT_H_
