#include "engine/runtime/tracking.h"

#include <algorithm>
#include <new>

#include "engine/command/describe.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {

void Tracking::Start(SessionImpl& session, TrackingOptions options) {
  std::unique_ptr<TrackingState>& state = session.tracking_state();
  std::vector<std::string> prefixes;
  if (options.broadcast) {
    if (state != nullptr) prefixes = state->prefixes;
    if (options.prefixes.empty()) options.prefixes.emplace_back();
    for (std::string& prefix : options.prefixes) prefixes.push_back(std::move(prefix));
    std::sort(prefixes.begin(), prefixes.end());
    prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  }
  auto fresh = std::make_unique<TrackingState>();
  static_cast<TrackingOptions&>(*fresh) = options;
  if (state != nullptr) fresh->caching = state->caching;
  fresh->prefixes = std::move(prefixes);
  const auto held = [&](const std::string& prefix) {
    return state != nullptr && std::binary_search(state->prefixes.begin(), state->prefixes.end(), prefix);
  };
  try {
    for (const std::string& prefix : fresh->prefixes) {
      if (!held(prefix)) prefixes_[prefix].sessions.push_back(&session);
    }
  } catch (...) {
    for (const std::string& prefix : fresh->prefixes) {
      if (!held(prefix)) Leave(prefix, session);
    }
    throw;
  }
  if (state == nullptr) ++sessions_;
  state = std::move(fresh);
}

void Tracking::Stop(SessionImpl& session) noexcept {
  std::unique_ptr<TrackingState>& state = session.tracking_state();
  if (state == nullptr) return;
  for (const std::string& prefix : state->prefixes) Leave(prefix, session);
  state = nullptr;
  if (--sessions_ > 0) return;
  keys_.clear();
  items_ = 0;
}

void Tracking::Leave(const std::string& prefix, SessionImpl& session) noexcept {
  const auto it = prefixes_.find(prefix);
  if (it == prefixes_.end()) return;
  std::erase(it->second.sessions, &session);
  if (it->second.sessions.empty()) prefixes_.erase(it);
}

void Tracking::Remember(SessionImpl& session, const CommandRow& row, Args argv) {
  const TrackingState* state = session.tracking();
  if (state == nullptr || state->broadcast || (state->opt_in && !state->caching) ||
      (state->opt_out && state->caching)) {
    return;
  }
  std::vector<KeyPosition> positions;
  if (!FindKeys(row.describe(), argv, &positions)) return;
  for (const KeyPosition& position : positions) {
    char buffer[Arg::kTextBytes];
    auto& ids = keys_[std::string(argv[position.index].Text(buffer))];
    if (std::find(ids.begin(), ids.end(), session.id()) != ids.end()) continue;
    ids.push_back(session.id());
    ++items_;
  }
}

void Tracking::KeyChanged(Bytes key, const SessionImpl* by) noexcept {
  for (auto& [prefix, broadcast] : prefixes_) {
    if (!key.starts_with(prefix)) continue;
    try {
      broadcast.changes.push_back({std::string(key), by == nullptr ? 0 : by->id()});
      changes_ = true;
    } catch (const std::bad_alloc&) {
      for (SessionImpl* session : broadcast.sessions) Send(*session, {});
    }
  }
  const auto it = keys_.find(key);
  if (it != keys_.end()) Invalidate(it, by);
}

void Tracking::Invalidate(Readers::iterator it, const SessionImpl* by) noexcept {
  for (int64_t id : it->second) {
    SessionImpl* session = clients_.Find(id);
    const TrackingState* state = session == nullptr ? nullptr : session->tracking();
    if (state == nullptr || state->broadcast || (state->no_loop && session == by)) continue;
    try {
      Send(*session, {it->first});
    } catch (const std::bad_alloc&) {
      Send(*session, {});
    }
  }
  items_ -= it->second.size();
  keys_.erase(it);
}

void Tracking::AllChanged() noexcept {
  clients_.ForEach([this](SessionImpl& session) {
    if (session.tracking() != nullptr) Send(session, {});
  });
  keys_.clear();
  items_ = 0;
}

void Tracking::EndTurn(size_t most_keys) noexcept {
  if (changes_) {
    changes_ = false;
    for (auto& [name, prefix] : prefixes_) Broadcast(prefix);
  }
  // Round the table, so that no key is the victim again and again.
  while (most_keys != 0 && keys_.size() > most_keys) {
    auto it = keys_.upper_bound(last_forgotten_);
    if (it == keys_.end()) it = keys_.begin();
    try {
      last_forgotten_ = it->first;
    } catch (const std::bad_alloc&) {
      last_forgotten_.clear();
    }
    Invalidate(it, nullptr);
  }
}

void Tracking::Broadcast(Prefix& prefix) noexcept {
  std::vector<Change> changes;
  changes.swap(prefix.changes);
  // Of one key the last change counts; in the order of the keys.
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.key < b.key; });
  for (SessionImpl* session : prefix.sessions) {
    try {
      std::vector<std::string> keys;
      for (size_t i = 0; i < changes.size(); ++i) {
        if (i + 1 < changes.size() && changes[i + 1].key == changes[i].key) continue;
        if (session->tracking()->no_loop && changes[i].by == session->id()) continue;
        keys.push_back(changes[i].key);
      }
      if (!keys.empty()) Send(*session, std::move(keys));
    } catch (const std::bad_alloc&) {
      Send(*session, {});
    }
  }
}

void Tracking::Send(SessionImpl& session, std::vector<std::string> keys) noexcept {
  TrackingState& state = *session.tracking_state();
  SessionImpl* to = &session;
  Message message{.kind = Message::Kind::kInvalidate, .keys = std::move(keys)};
  if (state.redirect != 0) {
    to = clients_.Find(state.redirect);
    if (to == nullptr) {
      state.redirect_broken = true;
      if (session.protocol() < 3) return;
      to = &session;
      message = {.kind = Message::Kind::kRedirectionBroken, .client = state.redirect};
    }
  }
  if (to->protocol() < 3) {
    if (to == &session || !to->subscribed()) return;
    message.kind = Message::Kind::kInvalidateMessage;
  }
  const Message::Kind kind = message.kind;
  bool asks;
  try {
    asks = to->outbox().Append(std::make_shared<const Message>(std::move(message)), nullptr);
  } catch (const std::bad_alloc&) {
    // What cannot be named is everything.
    asks = to->outbox().InvalidateAll(kind);
  }
  if (asks) rung_.Add(to->shared_outbox());
}

}  // namespace dualis::runtime
