// ReadExec and Exec: what a handler may do while its turn lasts. A handler sees nothing else of the engine.
//
//   Result<int64_t> Run(Exec& x, const LPush& c) {
//     auto list = x.Write<List>(c.key);                 // created empty if absent
//     if (!list) return list.error();                   // WRONGTYPE
//     for (Bytes element : c.elements) (*list)->PushFront(element);
//     list->Changed(Event::kLPush);
//     return static_cast<int64_t>((*list)->size());
//   }
#ifndef DUALIS_ENGINE_COMMAND_EXEC_H_
#define DUALIS_ENGINE_COMMAND_EXEC_H_

#include <memory>
#include <span>

#include "dualis/command.h"
#include "dualis/options.h"
#include "dualis/reply.h"
#include "engine/command/errors.h"
#include "engine/command/outcome.h"
#include "engine/command/server_ops.h"
#include "engine/command/session_ops.h"
#include "engine/keyspace/turn.h"

namespace dualis {

class Exec;
class AclOps;
class ClientOps;
class PubSubOps;
class ScriptHost;
class SnapshotOps;

// What the engine does for a turn in progress; implemented by the runtime.
class ExecHost {
 public:
  virtual ~ExecHost() = default;
  virtual const Options& options() const = 0;
  virtual const CommandTable& commands() const = 0;
  virtual Db& db(int index) = 0;
  virtual int databases() const = 0;
  virtual Rng& rng() = 0;
  virtual ScriptHost& scripts() = 0;
  virtual ClientOps& clients() = 0;
  virtual ServerOps& server() = 0;
  virtual SnapshotOps& snapshots() = 0;
  virtual AclOps& acl() = 0;
  virtual PubSubOps& pubsub() = 0;
  // Messages leave when the turn has ended. Returns how many will get it.
  virtual int64_t Publish(Bytes channel, Bytes message) = 0;
  virtual int64_t PublishToShard(Bytes channel, Bytes message) = 0;
  // Client-side caches lose everything: a database was emptied, or all were.
  virtual void NoteFlush() = 0;
  // Runs a command of a script as part of the turn: refused are commands that scripts may not use.
  virtual Outcome Call(Exec& x, Args argv, ReplySink& sink) = 0;
  // Runs a command that was admitted already as part of the turn, and records its effect.
  virtual Outcome Run(Exec& x, Command command, ReplySink& sink) = 0;
  virtual Outcome Run(Exec& x, const CommandRow& row, Args argv, ReplySink& sink) = 0;
  virtual bool wants_effects() const = 0;
  virtual void RecordEffect(int db, Args argv) = 0;
};

// What a waiting command replies when its time is over: nothing, or how many answered (WAIT, WAITAOF: none).
enum class TimeoutReply : uint8_t { kNullArray, kZero, kTwoZeros };
void EmitTimeout(TimeoutReply reply, ReplySink& sink);

// A command that wants to wait.
struct ParkRequest {
  std::vector<std::string> keys;
  TimeoutReply on_timeout = TimeoutReply::kNullArray;
  TimeMs deadline = 0;  // of the monotonic clock; 0: none
  // What to run instead of the command as given; empty: as given.
  std::vector<std::string> rewritten;
};

class ReadExec {
 public:
  ReadExec(Turn& turn, ExecHost& host, Db& db) : turn_(turn), host_(host), db_(&db) {}

  // Milliseconds since the epoch; the same for the whole turn.
  TimeMs now() { return turn_.now(); }
  const EncodingLimits& limits() const { return turn_.limits(); }
  const Clock& clock() const { return turn_.clock(); }
  const CommandTable& commands() const { return host_.commands(); }
  const Options& options() const { return host_.options(); }
  // Parameters, counters, logs.
  ServerOps& server() { return host_.server(); }

  // The value under a key; null if absent. Error: WRONGTYPE. Valid until the key changes.
  template <class T>
  Result<const T*> Read(const Key& key) {
    const Entry* entry = Find(key);
    if (entry == nullptr) return static_cast<const T*>(nullptr);
    if (entry->type() != T::kType) return Error(&errors::kWrongType);
    if constexpr (std::is_same_v<T, String>) {
      return &entry->string();
    } else {
      return static_cast<const T*>(entry->value());
    }
  }
  // The living entry of any type, null if absent.
  const Entry* Find(const Key& key) { return turn_.Find(*db_, key.name); }
  // An empty collection that belongs to no key yet.
  template <class T>
  std::unique_ptr<T> NewValue() const {
    return std::make_unique<T>(limits(), db_->seed());
  }
  // The same for a question about the key that is no use of it (TTL, TYPE), and for one about its entry (OBJECT).
  const Entry* Ask(const Key& key) { return turn_.Find(*db_, key.name, Turn::Use::kAsk); }
  const Entry* Inspect(const Key& key) { return turn_.Find(*db_, key.name, Turn::Use::kInspect); }
  bool IsDead(const Entry& entry) { return turn_.IsDead(entry); }
  void Prefetch(const Key& key) const { db_->Prefetch(key.name); }
  const Db& db() const { return *db_; }

 protected:
  Turn& turn_;
  ExecHost& host_;
  Db* db_;
};

class Exec : public ReadExec {
 public:
  // How the present command came to run.
  struct Mode {
    bool may_park = false;
    bool rerunning = false;
    bool in_script = false;
    bool allow_oom = false;  // a script said so of itself
  };

  Exec(Turn& turn, ExecHost& host, Db& db, SessionOps& session) : ReadExec(turn, host, db), session_(session) {}

  // Opens a value for change, created empty if absent. Error: WRONGTYPE.
  template <class T>
  Result<Edit<T>> Write(const Key& key) {
    Entry* entry = turn_.FindForWrite(*db_, key.name);
    const bool create = entry == nullptr;
    if (create) {
      if constexpr (std::is_same_v<T, String>) {
        entry = turn_.CreateString(*db_, key.name, {}, 0, kNoExpiry);
      } else {
        entry = turn_.Create<T>(*db_, key.name);
      }
    } else if (entry->type() != T::kType) {
      return Error(&errors::kWrongType);
    }
    return Opened<T>(entry, create);
  }
  // The same, but an Edit that is false if the key is absent.
  template <class T>
  Result<Edit<T>> WriteExisting(const Key& key) {
    Entry* entry = turn_.FindForWrite(*db_, key.name);
    if (entry == nullptr) return Edit<T>();
    if (entry->type() != T::kType) return Error(&errors::kWrongType);
    return Opened<T>(entry, false);
  }

  // Puts a string under the key whatever was there, with this expiry. The caller sends the event.
  void PutString(const Key& key, Bytes value, TimeMs expiry = kNoExpiry) {
    turn_.PutString(*db_, key.name, value, expiry);
  }
  // The same for a string that Redis has computed: OBJECT ENCODING says raw.
  void PutRawString(const Key& key, Bytes value) {
    turn_.PutString(*db_, key.name, value, kNoExpiry)->set_string_form(StringForm::kEdited);
  }
  // Puts it under the key whatever was there, without expiry. The caller sends the event. Requires: it is not empty.
  template <class T>
  void PutValue(const Key& key, std::unique_ptr<T> value) {
    turn_.PutValue(*db_, key.name, std::move(value));
  }
  // Takes over an entry that is in no database and makes it the key's, whatever was there. The caller sends the event.
  // If it throws, the entry's value is still the caller's.
  void PutEntry(Entry* entry) { turn_.PutEntry(*db_, entry); }
  // The living entry of a key that is about to change: no hit or miss.
  const Entry* FindForWrite(const Key& key) { return turn_.FindForWrite(*db_, key.name); }
  // Removes a key and sends `event`. False if it was absent.
  bool Delete(const Key& key, Event event = Event::kDel) { return turn_.Delete(*db_, key.name, event); }
  // Sets or, with kNoExpiry, takes away the expiry of a living key. False if it was absent. Sends no event.
  bool SetExpiry(const Key& key, TimeMs when) {
    Entry* entry = turn_.FindForWrite(*db_, key.name);
    if (entry == nullptr) return false;
    turn_.SetExpiry(*db_, entry, when);
    return true;
  }
  // Moves a key over whatever `to` holds. False if `from` is absent. Requires: they differ.
  bool Rename(const Key& from, const Key& to) {
    Entry* entry = turn_.FindForWrite(*db_, from.name);
    if (entry == nullptr) return false;
    turn_.Move(*db_, entry, *db_, to.name);
    return true;
  }
  // Commands that wait for the key look at it again at the end of the turn; watchers hear nothing.
  void Ready(const Key& key) { turn_.Ready(*db_, key.name); }
  void SendEvent(Event event, const Key& key) { turn_.SendEvent(event, *db_, key.name); }
  // Empties one database, or all.
  void FlushDb() {
    turn_.ClearDb(*db_);
    host_.NoteFlush();
  }
  void FlushAll() {
    for (int i = 0; i < host_.databases(); ++i) {
      if (host_.db(i).size() > 0) turn_.ClearDb(host_.db(i));
    }
    turn_.set_changed(true);
    host_.NoteFlush();
  }

  Rng& rng() { return host_.rng(); }
  SessionOps& session() { return session_; }
  ScriptHost& scripts() { return host_.scripts(); }
  ClientOps& clients() { return host_.clients(); }
  ExecHost& host() { return host_; }
  Turn& turn() { return turn_; }
  // Makes another database the current one of this turn (SELECT in a script, EXEC).
  void UseDb(int index) { db_ = &host_.db(index); }
  int64_t Publish(Bytes channel, Bytes message) { return host_.Publish(channel, message); }
  int64_t PublishToShard(Bytes channel, Bytes message) { return host_.PublishToShard(channel, message); }
  PubSubOps& pubsub() { return host_.pubsub(); }

  // Says what a log, a replica or a snapshot gets instead of the command as given; may be said several times.
  void Effect(std::initializer_list<Arg> argv) { Effect(Args(argv.begin(), argv.size())); }
  void Effect(Args argv) {
    effects_said_ = true;
    if (host_.wants_effects()) host_.RecordEffect(db_->index(), argv);
  }
  // Says that the command's own words are no effect, without giving others.
  void NoEffect() { effects_said_ = true; }
  bool wants_effects() const { return host_.wants_effects(); }

  // Waits for a change of one of the keys. Returns parked; where a command may not wait (MULTI, scripts) it emits
  // NullArray and is done. `timeout` in milliseconds, 0: forever. When the time is over the reply is NullArray.
  // `rewritten`: run these words instead when woken (XREAD with its $ resolved).
  Outcome Park(ReplySink& sink, std::span<const Key> keys, TimeMs timeout, Args rewritten = {});
  // Waits for nothing but the end of its time. Where a command may not wait the reply is given at once.
  Outcome ParkForTime(ReplySink& sink, TimeMs timeout, TimeoutReply reply);
  // The words that the command came as, until it runs another; none if it came typed.
  Args words() const { return words_; }
  // True for a command that a script or a native script runs.
  bool in_script() const { return mode_.in_script; }
  // True while a parked command runs again.
  bool rerunning() const { return mode_.rerunning; }

  // Runs a command as part of this turn, as redis.call does.
  Outcome Call(Args argv, ReplySink& sink) { return host_.Call(*this, argv, sink); }

  // Runs a typed command as part of this turn. The caller emits an error that is returned.
  Outcome Call(Command command, ReplySink& sink) { return host_.Run(*this, command, sink); }

  // For the runtime.
  void set_mode(Mode mode) { mode_ = mode; }
  void set_words(Args words) { words_ = words; }
  const Mode& mode() const { return mode_; }
  ParkRequest& park_request() { return park_; }
  bool effects_said() const { return effects_said_; }
  void set_effects_said(bool said) { effects_said_ = said; }

 private:
  template <class T>
  Edit<T> Opened(Entry* entry, bool created) {
    size_t bytes = 0;
    if constexpr (!std::is_same_v<T, String>) bytes = Db::BytesOfValue(*static_cast<const T*>(entry->value()));
    return Edit<T>(turn_, turn_.Open(*db_, entry, created, bytes));
  }

  SessionOps& session_;
  ParkRequest park_;
  Mode mode_;
  Args words_;
  bool effects_said_ = false;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_EXEC_H_
