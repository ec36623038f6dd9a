// KeyListeners: who wants to hear of changes of which keys: watching sessions, parked commands. Firing and removing
// never allocate; adding may.
#ifndef DUALIS_ENGINE_RUNTIME_KEY_LISTENERS_H_
#define DUALIS_ENGINE_RUNTIME_KEY_LISTENERS_H_

#include <absl/container/btree_map.h>

#include <string>
#include <vector>

#include "dualis/bytes.h"

namespace dualis::runtime {

class KeyListener {
 public:
  virtual ~KeyListener() = default;
  // Under the gate; must not allocate or change the listeners.
  virtual void OnKeyChanged() noexcept = 0;
  // The key did not change, but who waits for it should look. Under the gate; must not allocate or change the
  // listeners.
  virtual void OnKeyReady() noexcept {}
};

class KeyListeners {
 public:
  bool empty() const { return by_key_.empty(); }
  // In order of arrival; the same listener may be added twice.
  void Add(int db, Bytes key, KeyListener* listener) { by_key_[Place{db, std::string(key)}].push_back(listener); }
  // Removes one registration, if there is one.
  void Remove(int db, Bytes key, KeyListener* listener) noexcept {
    const auto it = by_key_.find(View{db, key});
    if (it == by_key_.end()) return;
    auto& list = it->second;
    for (auto l = list.begin(); l != list.end(); ++l) {
      if (*l != listener) continue;
      list.erase(l);
      break;
    }
    if (list.empty()) by_key_.erase(it);
  }
  void Fire(int db, Bytes key) noexcept { Tell(db, key, &KeyListener::OnKeyChanged); }
  void FireReady(int db, Bytes key) noexcept { Tell(db, key, &KeyListener::OnKeyReady); }
  // Fires for each key of the database that `changed(key)` says of.
  template <class Changed>
  void FireDb(int db, Changed&& changed) noexcept {
    for (auto it = by_key_.lower_bound(View{db, {}}); it != by_key_.end() && it->first.db == db; ++it) {
      if (!changed(it->first.key)) continue;
      for (KeyListener* listener : it->second) listener->OnKeyChanged();
    }
  }

 private:
  void Tell(int db, Bytes key, void (KeyListener::*what)() noexcept) noexcept {
    if (by_key_.empty()) return;
    const auto it = by_key_.find(View{db, key});
    if (it == by_key_.end()) return;
    for (KeyListener* listener : it->second) (listener->*what)();
  }

  struct View {
    int db;
    Bytes key;
  };
  struct Place {
    int db;
    std::string key;
    operator View() const { return {db, key}; }  // NOLINT(google-explicit-constructor)
  };
  struct Less {
    using is_transparent = void;
    bool operator()(View a, View b) const { return a.db != b.db ? a.db < b.db : a.key < b.key; }
  };
  absl::btree_map<Place, std::vector<KeyListener*>, Less> by_key_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_KEY_LISTENERS_H_
