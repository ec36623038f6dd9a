// EngineImpl: who hears of a change: the effect log, keyspace notifications, watches, tracking clients.
#include <new>

#include "engine/runtime/engine_impl.h"
#include "engine/runtime/session_impl.h"

namespace dualis::runtime {

void EngineImpl::RecordEffect(int db, Args argv) {
  char buffer[Arg::kTextBytes];
  for (const Arg& word : argv) effects_.words.emplace_back(word.Text(buffer));
  effects_.each.push_back({db, argv.size()});
}

void EngineImpl::FlushEffects() {
  EffectSink& sink = *options_.effects;
  if (effects_.each.size() > 1) sink.BeginUnit();
  const std::string* word = effects_.words.data();
  std::vector<Arg> argv;
  for (const Effects::One& one : effects_.each) {
    argv.assign(word, word + one.words);
    sink.Effect(one.db, argv);
    word += one.words;
  }
  if (effects_.each.size() > 1) sink.EndUnit();
  effects_.words.clear();
  effects_.each.clear();
}

void EngineImpl::KeyEvent(Event event, int db, Bytes key) noexcept {
  if (options_.events != nullptr) options_.events->KeyEvent(InfoOf(event).name, db, key);
  const EventClasses wanted = server_.access().events;
  if (wanted != 0 && (wanted & EventClassOf(InfoOf(event).letter)) != 0) Notify(InfoOf(event).name, db, key);
}

void EngineImpl::Notify(Bytes event, int db, Bytes key) noexcept {
  const EventClasses wanted = server_.access().events;
  try {
    const std::string at = std::to_string(db) + "__:";
    if ((wanted & kKeyspaceChannel) != 0) Publish("__keyspace@" + at + std::string(key), event);
    if ((wanted & kKeyeventChannel) != 0) Publish("__keyevent@" + at + std::string(event), key);
  } catch (const std::bad_alloc&) {
    // A message is lost, the change is not.
  }
}

void EngineImpl::KeyExpired(int db, Bytes key) noexcept {
  ++server_.stats().expired_keys;
  RecordRemoval(db, key);
}

void EngineImpl::KeyEvicted(int db, Bytes key) noexcept {
  ++server_.stats().evicted_keys;
  RecordRemoval(db, key);
}

void EngineImpl::RecordRemoval(int db, Bytes key) noexcept {
  if (!wants_effects()) return;
  try {
    const Arg argv[] = {"DEL", key};
    RecordEffect(db, argv);
  } catch (const std::bad_alloc&) {
    // The log misses one DEL; whoever replays it finds the key dead by its own clock.
  }
}

void EngineImpl::DbsSwapped(int a, int b) noexcept {
  const auto held = [&](Bytes key) { return db(a).Find(key) != nullptr || db(b).Find(key) != nullptr; };
  listeners_.FireDb(a, held);
  if (a != b) listeners_.FireDb(b, held);
}

void EngineImpl::FieldExpired(int db, Bytes key, Bytes field) noexcept {
  if (!wants_effects()) return;
  try {
    const Arg argv[] = {"HDEL", key, field};
    RecordEffect(db, argv);
  } catch (const std::bad_alloc&) {
    // As above: the field is dead for whoever replays the log.
  }
}

void EngineImpl::DbChanged(int db) noexcept {
  snapshots_.NoteChanges(this->db(db).size());
  listeners_.FireDb(db, [&](Bytes key) { return this->db(db).Find(key) != nullptr; });
}

}  // namespace dualis::runtime
