// Admission: whether a command may run now. All of Redis' refusals are one list, in Redis' order, in admission.cc; the
// dynamic front has made sure of the command's name and arity before, a typed caller cannot get them wrong.
//
// A refusal has a barrier, a bit that says whether it could apply at all: sessions and the engine know theirs. While no
// barrier is up, which is nearly always, admission is one test.
#ifndef DUALIS_ENGINE_RUNTIME_ADMISSION_H_
#define DUALIS_ENGINE_RUNTIME_ADMISSION_H_

#include <cstdint>

#include "dualis/error.h"

namespace dualis::runtime {

class EngineImpl;
class SessionImpl;
struct Invocation;

enum Barrier : uint32_t {
  // Of a session.
  kNotAuthenticated = 1u << 0,
  kInMulti = 1u << 1,
  kSubscribedResp2 = 1u << 2,
  kKilled = 1u << 3,
  kRestrictedUser = 1u << 4,
  kMonitors = 1u << 5,
  // Of the engine.
  kPaused = 1u << 6,
  kMemoryFull = 1u << 7,
};

// What becomes of a command.
enum class Verdict : uint8_t {
  kRun,
  kQueue,  // it belongs to a MULTI
  kRefuse,
  kPostpone,  // until a pause ends
};

// The flags of a command. EVAL and FCALL have some of what they run, as it declares them.
uint32_t FlagsOf(EngineImpl& engine, const Invocation& call);

// Judges a command under the gate. kRefuse comes with the error.
Verdict Admit(SessionImpl& session, const Invocation& call, Error* refusal);

// Whether a session may begin a turn of its own, whose commands are judged one by one.
Error AdmitTurn(SessionImpl& session);

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ADMISSION_H_
