// EngineImpl: commands that wait, for a key, for the end of a pause, or for their time; and threads that sleep for
// them.
#include <algorithm>
#include <new>

#include "engine/runtime/engine_impl.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {
namespace {

// Gives a parked command words of its own, or what it has in their place.
void KeepWords(const Invocation& call, Parked& parked) {
  if (call.self != nullptr && call.row->keep != nullptr) {
    parked.kept = call.row->keep(call.self);
    return;
  }
  std::vector<std::string> words;
  ArgList encoded;
  if (call.typed()) call.row->encode(call.self, encoded);
  char buffer[Arg::kTextBytes];
  for (const Arg& word : call.typed() ? encoded.args() : call.argv) words.emplace_back(word.Text(buffer));
  parked.words = std::move(words);
}

}  // namespace

void EngineImpl::Park(SessionImpl& session, Exec& x, const Invocation& call, ReplySink& sink, Waiter& waiter) {
  const bool was_postponed = waiter.parked != nullptr;
  auto parked = was_postponed ? std::move(waiter.parked) : std::make_shared<Parked>(ready_);
  ParkRequest& request = x.park_request();
  parked->sink = &sink;
  parked->db = x.db().index();
  parked->row = call.row;
  parked->keys = std::move(request.keys);
  parked->deadline = request.deadline;
  parked->on_timeout = request.on_timeout;
  parked->postponed = false;
  if (!request.rewritten.empty()) {
    parked->words = std::move(request.rewritten);
  } else if (!was_postponed) {
    KeepWords(call, *parked);
  }
  Enlist(session, parked);
  if (was_postponed) {
    parked->Nudge();
  } else {
    parked->done = std::move(waiter.done);
  }
  waiter.parked = std::move(parked);
}

void EngineImpl::Postpone(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter) {
  const bool again = waiter.parked != nullptr;
  auto parked = again ? std::move(waiter.parked) : std::make_shared<Parked>(ready_);
  parked->sink = &sink;
  parked->row = call.row;
  parked->postponed = true;
  if (!again) KeepWords(call, *parked);
  Enlist(session, parked);
  if (!again) parked->done = std::move(waiter.done);
  waiter.parked = std::move(parked);
}

void EngineImpl::Enlist(SessionImpl& session, const std::shared_ptr<Parked>& parked) {
  parked->session = &session;
  parked->argv.assign(parked->words.begin(), parked->words.end());
  // A postponed command is known to its session already, whose own thread this may not be.
  const bool known = parked->ticket != 0;
  if (!known) parked->ticket = next_ticket_++;
  try {
    parked_[parked->ticket] = parked;
    ++session.client().parked;
    if (parked->deadline != 0) timeouts_.emplace(parked->deadline, parked->ticket);
    for (const std::string& key : parked->keys) listeners_.Add(parked->db, key, parked.get());
    if (!known) session.Remember(parked);
  } catch (...) {
    Unpark(*parked);
    throw;
  }
}

Pause EngineImpl::pause() {
  if (pause_ != Pause::kNobody && clock_->NowMonotonic() >= pause_end_) EndPause();
  return pause_;
}

void EngineImpl::SetPause(Pause whom, TimeMs end) {
  const bool under_way = pause() != Pause::kNobody;
  pause_ = under_way ? std::max(pause_, whom) : whom;
  pause_end_ = under_way ? std::max(pause_end_, end) : end;
}

void EngineImpl::EndPause() {
  pause_ = Pause::kNobody;
  pause_over_ = true;
}

void EngineImpl::RunPostponed(Aftermath& after) {
  pause_over_ = false;
  std::vector<std::shared_ptr<Parked>> held_up;
  for (const auto& [ticket, parked] : parked_) {
    if (parked->postponed) held_up.push_back(parked);
  }
  for (std::shared_ptr<Parked>& parked : held_up) {
    // One of those before may have killed its session.
    if (!parked_.contains(parked->ticket)) continue;
    Unpark(*parked);
    Waiter waiter{.may_park = true, .parked = parked};
    RunFor(*parked->session, {parked->row, parked->kept.get(), parked->argv}, *parked->sink, waiter, after);
    if (!parked_.contains(parked->ticket)) after.Add(std::move(parked));
  }
}

TimeMs EngineImpl::DeadlineOf(const Parked& parked) {
  const Inside inside(gate_);
  return parked.postponed ? pause_end_ : parked.deadline;
}

std::shared_ptr<Parked> EngineImpl::Unpark(Parked& parked) noexcept {
  parked.LeaveReady();
  for (const std::string& key : parked.keys) listeners_.Remove(parked.db, key, &parked);
  if (parked.deadline != 0) timeouts_.erase({parked.deadline, parked.ticket});
  const auto it = parked_.find(parked.ticket);
  std::shared_ptr<Parked> self = it == parked_.end() ? nullptr : std::move(it->second);
  if (it != parked_.end()) {
    parked_.erase(it);
    --parked.session->client().parked;
  }
  return self;
}

void EngineImpl::RunReady(Aftermath& after) noexcept {
  SessionImpl* const acting = acting_;
  while (Parked* parked = Parked::TakeReady(ready_)) {
    acting_ = parked->session;
    Turn turn(*clock_, server_.limits(), server_.access(), *this);
    Exec x(turn, *this, db(parked->db), *parked->session);
    x.set_mode({.may_park = true, .rerunning = true});
    const Invocation call{parked->row, nullptr, parked->argv};
    // The user may have lost the permission while it slept.
    const Error refusal = parked->session->Permit(call, AclContext::kTopLevel);
    const Outcome outcome = refusal ? Outcome(refusal) : Guarded(x, call, *parked->sink);
    // A key that has become another type is no reason to wake up: it may become the right one again.
    if (outcome.parked() || outcome.error().code() == ErrorCode::kWrongType) continue;
    if (outcome.error()) parked->sink->Error(outcome.error());
    after.Add(Unpark(*parked));
  }
  acting_ = acting;
}

bool EngineImpl::Unblock(SessionImpl& session, UnblockAs how) {
  return EndAll(session, how == UnblockAs::kError ? Error(&errors::kUnblocked) : Error());
}

bool EngineImpl::EndAll(SessionImpl& session, const Error& error) {
  bool any = false;
  for (auto it = parked_.begin(); it != parked_.end();) {
    Parked& parked = *(it++)->second;
    if (parked.session != &session || (parked.postponed && error.code() != ErrorCode::kClosed)) continue;
    if (error) {
      parked.sink->Error(error);
    } else {
      EmitTimeout(parked.on_timeout, *parked.sink);
    }
    present_.Add(Unpark(parked));
    it = parked_.upper_bound(parked.ticket);
    any = true;
  }
  return any;
}

void EngineImpl::Kill(SessionImpl& session) {
  session.client().killed.store(true, std::memory_order_release);
  session.Quit();
  if (session.outbox().Announce()) present_.rung.Add(session.shared_outbox());
  EndAll(session, Error(&errors::kKilled));
  session.Retire();
}

bool EngineImpl::End(Parked& parked, Ending ending) {
  std::shared_ptr<Parked> self;
  {
    const Inside inside(gate_);
    if (!parked_.contains(parked.ticket)) return false;
    self = Unpark(parked);
    if (ending == Ending::kTimeout) EmitTimeout(parked.on_timeout, *parked.sink);
  }
  if (ending == Ending::kTimeout) self->Finish();
  return true;
}

void EngineImpl::Sleep(const std::shared_ptr<Parked>& parked) {
  // How often a sleeper under a manual clock looks whether it is the only one left: nobody tells it.
  constexpr TimeMs kLookMs = 20;
  std::atomic<bool>& asleep = ThreadToken::Mine()->asleep;
  while (!parked->finished()) {
    if (clock_->runs_by_itself()) {
      const TimeMs deadline = DeadlineOf(*parked);
      const TimeMs left = deadline == 0 ? 0 : deadline - clock_->NowMonotonic();
      if (deadline != 0 && left <= 0) {
        // By Tick, because what is over may be a pause.
        Tick();
        if (!parked->finished() && DeadlineOf(*parked) == deadline) parked->Wait(1, asleep);
      } else {
        parked->Wait(left, asleep);
      }
      continue;
    }
    std::optional<TimeMs> next;
    if (options_.jump_when_idle && EveryoneElseSleeps()) next = NextDeadline();
    if (next) {
      Advance(std::max<TimeMs>(*next - clock_->Now(), 0));
    } else {
      parked->Wait(kLookMs, asleep);
    }
  }
}

bool EngineImpl::EveryoneElseSleeps() {
  const ThreadToken* me = ThreadToken::Mine().get();
  const Inside inside(gate_);
  return std::all_of(threads_.begin(), threads_.end(), [&](const std::weak_ptr<ThreadToken>& weak) {
    const std::shared_ptr<ThreadToken> token = weak.lock();
    return token == nullptr || token.get() == me || token->asleep.load(std::memory_order_relaxed);
  });
}

void EngineImpl::KnowThread(const std::shared_ptr<ThreadToken>& token) {
  const Inside inside(gate_);
  std::erase_if(threads_, [](const std::weak_ptr<ThreadToken>& weak) { return weak.expired(); });
  const bool known = std::any_of(threads_.begin(), threads_.end(),
                                 [&](const std::weak_ptr<ThreadToken>& weak) { return weak.lock() == token; });
  if (!known) threads_.push_back(token);
}

}  // namespace dualis::runtime
