#include "engine/runtime/admission.h"

#include "dualis/commands/functions.h"
#include "dualis/commands/scripting.h"
#include "dualis/commands/transactions.h"
#include "engine/command/function_host.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {
namespace {

// What is left of a session that another one has killed.
Error AfterKill(SessionImpl&, const Invocation&) { return Error(&errors::kKilled); }

Error WithoutUser(SessionImpl& session, const Invocation& call) {
  Error error = AdmitTurn(session);
  if (error.code() == ErrorCode::kNoAuth && call.row->is(kNoAuthFlag)) return Error();
  return error;
}

Error InMulti(SessionImpl&, const Invocation& call) {
  return call.row->is(kNoMulti) ? Error(&errors::kNotInMulti) : Error();
}

Error WithoutPermission(SessionImpl& session, const Invocation& call) {
  return session.Permit(call, session.in_multi() ? AclContext::kQueue : AclContext::kTopLevel);
}

// Evicting did not make enough room for what takes more, and a queue takes it for whatever command.
Error WithoutMemory(SessionImpl& session, const Invocation& call) {
  const bool takes = (FlagsOf(session.engine(), call) & kDenyOom) != 0 ||
                     (session.in_multi() && !call.row->is(kNotQueued)) ||
                     (call.row == &Row<cmd::Exec>::value && session.queued_takes_memory());
  return takes ? Error(&errors::kOverMaxmemory) : Error();
}

// A RESP2 subscriber could not tell replies from messages.
Error InSubscription(SessionImpl&, const Invocation& call) {
  return call.row->is(kUncheckedSubscribed) ? Error() : errors::OnlySubscribed(call.row->name());
}

// Redis takes a monitor for a kind of replica.
Error OfMonitor(SessionImpl& session, const Invocation& call) {
  constexpr uint32_t kKeyspace = kWrite | kReadOnly | kMayReplicate;
  const bool refused = call.row->is(kKeyspace) || (session.queued_flags(*call.row) & kKeyspace) != 0;
  return refused ? Error(&errors::kMonitorKeyspace) : Error();
}

bool IsPaused(SessionImpl& session, const Invocation& call) {
  const Pause pause = session.engine().pause();
  if (session.monitors() || pause == Pause::kNobody) return false;
  constexpr uint32_t kWrites = kWrite | kMayReplicate;
  return pause == Pause::kEveryone || (FlagsOf(session.engine(), call) & kWrites) != 0 ||
         (session.queued_flags(*call.row) & kWrites) != 0;
}

struct Refusal {
  Barrier barrier;
  Error (*judge)(SessionImpl&, const Invocation&);
};

// In Redis' order, which clients can see. After the last of them MULTI's queue takes what is left.
//
//   unknown command, arity           by the dynamic front, before this list
//   NOAUTH
//   no_multi inside MULTI
//   NOPERM
//   cluster redirection              never: the engine is stand-alone
//   OOM
//   MISCONF, NOREPLICAS, READONLY    never: there is no replication
//   subscribed, with RESP2
//   MASTERDOWN, LOADING              never
//   BUSY                             EngineImpl::ExecuteBeside, while a script computes
//   a monitor and the keyspace
//   paused                           not refused, but postponed
constexpr Refusal kRefusals[] = {
    {kKilled, AfterKill},         {kNotAuthenticated, WithoutUser},
    {kInMulti, InMulti},          {kRestrictedUser, WithoutPermission},
    {kMemoryFull, WithoutMemory}, {kSubscribedResp2, InSubscription},
    {kMonitors, OfMonitor},
};

}  // namespace

uint32_t FlagsOf(EngineImpl& engine, const Invocation& call) {
  const CommandRow* row = call.row;
  uint32_t flags = row->info->flags;
  if (row->info->group != Group::kScripting) return flags;
  const bool eval = row == &Row<cmd::Eval>::value || row == &Row<cmd::EvalRo>::value;
  const bool sha = row == &Row<cmd::EvalSha>::value || row == &Row<cmd::EvalShaRo>::value;
  const bool function = row == &Row<cmd::FCall>::value || row == &Row<cmd::FCallRo>::value;
  if (!eval && !sha && !function) return flags;
  ArgList encoded;
  if (call.typed()) row->encode(call.self, encoded);
  char buffer[Arg::kTextBytes];
  const Bytes what = (call.typed() ? encoded.args() : call.argv)[1].Text(buffer);
  ScriptFlags script;
  if (function) {
    const FunctionInfo* found = engine.scripts().functions().Find(what);
    if (found != nullptr) script = found->flags;
  } else {
    script = sha ? engine.scripts().FlagsOfSha(what) : engine.scripts().FlagsOf(what);
  }
  if (!script.declared) return flags;
  flags &= ~(kWrite | kMayReplicate | kDenyOom | kStale);
  if (!script.no_writes) flags |= kWrite;
  if (!script.no_writes && !script.allow_oom) flags |= kDenyOom;
  return script.allow_stale ? flags | kStale : flags;
}

Error AdmitTurn(SessionImpl& session) {
  const Acl& acl = session.engine().acl();
  if (acl.broken()) return acl.broken();
  // While the default user needs no password, whoever has not named another is the default user.
  return session.authenticated() || acl.open() ? Error() : Error(&errors::kNoAuth);
}

Verdict Admit(SessionImpl& session, const Invocation& call, Error* refusal) {
  const uint32_t barriers = session.barriers() | session.engine().barriers();
  if (barriers == 0) return Verdict::kRun;
  for (const Refusal& rule : kRefusals) {
    if ((barriers & rule.barrier) == 0) continue;
    *refusal = rule.judge(session, call);
    if (*refusal) return Verdict::kRefuse;
  }
  if ((barriers & kPaused) != 0 && IsPaused(session, call)) return Verdict::kPostpone;
  return (barriers & kInMulti) != 0 && !call.row->is(kNotQueued) ? Verdict::kQueue : Verdict::kRun;
}

}  // namespace dualis::runtime
