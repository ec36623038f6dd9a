// Turn: the keyspace's view of one indivisible step: a command, a script, an EXEC. It looks keys up, opens Edits on
// them, and sees to everything that follows from a change, in one place: emptied collections disappear, watchers and
// parked commands hear of it, events are sent.
//
// Time stands still during a turn; it is read when somebody first asks.
#ifndef DUALIS_ENGINE_KEYSPACE_TURN_H_
#define DUALIS_ENGINE_KEYSPACE_TURN_H_

#include <absl/container/inlined_vector.h>

#include <cassert>
#include <exception>
#include <memory>
#include <string>

#include "dualis/clock.h"
#include "dualis/options.h"
#include "engine/keyspace/db.h"
#include "engine/keyspace/event.h"
#include "engine/keyspace/key_memo.h"
#include "engine/keyspace/values.h"

namespace dualis {

// Who hears of changes. Called during the turn, under the gate; must not allocate, throw, or touch the keyspace.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  // The key's value, expiry or existence changed.
  virtual void KeyChanged(int db, Bytes key) noexcept = 0;
  // The key changed in a way that neither watchers nor commands that wait for it hear of.
  virtual void KeyChangedUnheard() noexcept = 0;
  // Commands that wait for the key should look at it again, though it did not change for those who watch it.
  virtual void KeyReady(int db, Bytes key) noexcept = 0;
  virtual void KeyEvent(Event event, int db, Bytes key) noexcept = 0;
  // The key died of age, and goes now.
  virtual void KeyExpired(int db, Bytes key) noexcept = 0;
  // So does a field of a hash.
  virtual void FieldExpired(int db, Bytes key, Bytes field) noexcept = 0;
  // The key goes because memory is short.
  virtual void KeyEvicted(int db, Bytes key) noexcept = 0;
  // Every key of the database is about to go.
  virtual void DbChanged(int db) noexcept = 0;
  // The two have exchanged their contents.
  virtual void DbsSwapped(int a, int b) noexcept = 0;
};

class Turn {
 public:
  // What two Edits of one key share.
  struct Record {
    Db* db;
    Entry* entry;
    int open;
    bool created;  // by this turn, and not yet said to be changed
    bool changed;
    bool said;
    int64_t bytes;  // of the value when it was opened
  };

  Turn(const Clock& clock, const EncodingLimits& limits, Access& access, ChangeListener& listener)
      : clock_(clock), limits_(limits), access_(access), listener_(listener) {}
  ~Turn() { RemoveDead(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  TimeMs now() {
    if (now_ == kUnread) {
      now_ = clock_.Now();
      access_.SetTime(now_);
    }
    return now_;
  }
  const Clock& clock() const { return clock_; }
  const EncodingLimits& limits() const { return limits_; }

  // The living entry, or null. A dead one is noted and removed when the turn ends. `use`: whether this is a use of the
  // key, only a question about it (TTL, TYPE), or one that does not even miss it (OBJECT). Dead fields of a hash go at
  // once: nobody ever sees them.
  enum class Use : uint8_t { kUse, kAsk, kInspect };
  Entry* Find(Db& db, Bytes key, Use use = Use::kUse) {
    Entry* entry = Look(db, key);
    if (entry != nullptr && entry->may_be_dead()) {
      if (IsDead(*entry)) {
        NoteDead(db, key);
        entry = nullptr;
      } else if (entry->has_field_times() && !ExpireFields(db, entry, SIZE_MAX)) {
        entry = nullptr;
      }
    }
    if (entry == nullptr) {
      Missed(db, key, use);
      return nullptr;
    }
    ++access_.hits;
    if (use == Use::kUse && marks_) access_.Mark(*entry);
    return entry;
  }
  // The same for a turn that writes: a dead entry is removed at once. No hit or miss.
  Entry* FindForWrite(Db& db, Bytes key) {
    Entry* entry = Look(db, key);
    if (entry == nullptr) return nullptr;
    if (entry->may_be_dead()) {
      if (IsDead(*entry)) {
        Expire(db, entry);
        return nullptr;
      }
      if (entry->has_field_times() && !ExpireFields(db, entry, SIZE_MAX)) return nullptr;
    }
    if (marks_) access_.Mark(*entry);
    return entry;
  }
  // Remembers keys from here on, for scripts; null: no longer. It must outlive its use.
  void set_memo(KeyMemo* memo) { memo_ = memo; }
  // Whether using a key leaves its mark (CLIENT NO-TOUCH).
  void set_marks(bool marks) { marks_ = marks; }
  Access& access() { return access_; }
  bool IsDead(const Entry& entry) { return entry.has_expiry() && entry.expiry() <= now(); }

  // Opens an edit of a living entry, whose value takes so many bytes; returns the number of its record.
  int Open(Db& db, Entry* entry, bool created, size_t bytes);
  // Closes it, settling what the record says, with what the value takes now and whether the key ends with it. Never
  // throws or allocates.
  void Close(int record, size_t bytes, bool empty) noexcept;
  Record& record(int i) { return records_[static_cast<size_t>(i)]; }

  // Creates an empty collection. Requires: the key is absent.
  template <class T>
  Entry* Create(Db& db, Bytes key) {
    T* value = new T(limits_, db.seed());
    Entry* entry = nullptr;
    try {
      entry = Entry::NewValue(key, T::kType, value, false);
      db.Insert(entry);
    } catch (...) {
      if (entry != nullptr) Entry::Release(entry);
      delete value;
      throw;
    }
    return entry;
  }
  Entry* CreateString(Db& db, Bytes key, Bytes value, size_t capacity, TimeMs expiry);

  // Puts a string under the key whatever was there; `expiry` replaces the old one. Settles the change, and sends no
  // event.
  Entry* PutString(Db& db, Bytes key, Bytes value, TimeMs expiry);
  // Puts a collection under the key whatever was there, without expiry, and takes it over. Settles the change, and
  // sends no event. Requires: it is not empty, and no Edit of the key is open.
  template <class T>
  Entry* PutValue(Db& db, Bytes key, std::unique_ptr<T> value) {
    Entry* entry = PutEntry(db, Entry::NewValue(key, T::kType, value.get(), false));
    value.release();
    return entry;
  }
  // Takes over an entry that is in no database, over whatever has its name. Settles the change, and sends no event. If
  // it throws std::bad_alloc the entry is released, and its value still the caller's.
  Entry* PutEntry(Db& db, Entry* fresh);
  // Puts a copy of an entry under another name or into another database, expiry included, over what was there. Settles
  // the change, and sends no event.
  void Copy(const Entry& entry, Db& to, Bytes name);
  // Exchanges what two databases hold, and tells whoever listens to a key that one of them has.
  void SwapDbs(Db& a, Db& b) noexcept;
  // Gives the record's string room for `capacity` bytes; the entry may move.
  void ReserveString(int record, size_t capacity);
  // Removes a key and says so. False if there was none.
  bool Delete(Db& db, Bytes key, Event event);
  // Removes an entry that is dead, or is to be treated so.
  void Expire(Db& db, Entry* entry) noexcept;
  // Removes up to `limit` dead fields of a hash. False if the hash went with them. Requires: entry->has_field_times().
  bool ExpireFields(Db& db, Entry* entry, size_t limit) noexcept;
  // Removes a living entry because memory is short.
  void Evict(Db& db, Entry* entry) noexcept;
  void SetExpiry(Db& db, Entry* entry, TimeMs when);
  // Moves an entry to another name or database, expiry included, over what was there. Settles both names; sends no
  // event.
  void Move(Db& from, Entry* entry, Db& to, Bytes name);
  void ClearDb(Db& db) noexcept;

  void SendEvent(Event event, Db& db, Bytes key) noexcept {
    if (access_.events != 0 || access_.heard) listener_.KeyEvent(event, db.index(), key);
  }
  // A key came into being: said before what happened to it, and only if somebody wants to know.
  void SendNew(Db& db, Bytes key) noexcept {
    if ((access_.events & kNewClass) != 0) SendEvent(Event::kNew, db, key);
  }
  // A change that no Edit shows.
  void Touched(Db& db, Bytes key) noexcept {
    changed_ = true;
    listener_.KeyChanged(db.index(), key);
  }

  // A change that nobody who watches or waits hears of.
  void TouchedUnheard() noexcept {
    changed_ = true;
    listener_.KeyChangedUnheard();
  }
  // Commands that wait for the key run again, watchers hear nothing.
  void Ready(Db& db, Bytes key) noexcept { listener_.KeyReady(db.index(), key); }

  // True if anything changed since the flag was last lowered.
  bool changed() const { return changed_; }
  void set_changed(bool changed) { changed_ = changed; }

  // Removes the dead that reading found; called at the end, before effects are collected.
  void RemoveDead() noexcept {
    if (!dead_.empty()) RemoveDeadNow();
  }
  // True if somebody asked for the time.
  bool knows_time() const { return now_ != kUnread; }

 private:
  static constexpr TimeMs kUnread = INT64_MIN;

  Entry* Look(Db& db, Bytes key) { return memo_ == nullptr ? db.Find(key) : memo_->Find(db, key); }
  void Missed(Db& db, Bytes key, Use use) noexcept {
    ++access_.misses;
    if ((access_.events & kMissClass) != 0 && use != Use::kInspect) SendEvent(Event::kKeyMiss, db, key);
  }
  void NoteDead(Db& db, Bytes key) noexcept;
  void RemoveDeadNow() noexcept;

  const Clock& clock_;
  const EncodingLimits& limits_;
  Access& access_;
  ChangeListener& listener_;
  TimeMs now_ = kUnread;
  bool changed_ = false;
  bool marks_ = true;
  KeyMemo* memo_ = nullptr;
  absl::InlinedVector<Record, 2> records_;
  absl::InlinedVector<std::pair<Db*, std::string>, 1> dead_;
};

// A value being changed. Say Changed(event) for each event that Redis sends, or Unchanged(); unsaid means unchanged. An
// emptied collection disappears when its last Edit goes. Not copyable; must not outlive its turn.
template <class T>
class EditBase {
 public:
  EditBase() = default;
  EditBase(Turn& turn, int record) : turn_(&turn), record_(record) {}
  EditBase(EditBase&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)), record_(other.record_) {}
  EditBase& operator=(EditBase&& other) noexcept {
    std::swap(turn_, other.turn_);
    std::swap(record_, other.record_);
    return *this;
  }
  ~EditBase() {
    if (turn_ == nullptr) return;
    if constexpr (std::is_same_v<T, String>) {
      turn_->Close(record_, 0, false);
    } else {
      const T& value = *static_cast<const T*>(rec().entry->value());
      turn_->Close(record_, Db::BytesOfValue(value), value.empty());
    }
  }

  // False if the key is absent (WriteExisting).
  explicit operator bool() const { return turn_ != nullptr; }
  // True if this turn created the key and nothing was said yet.
  bool created() const { return rec().created; }

  void Changed(Event event) {
    Turn::Record& r = rec();
    if (r.created) [[unlikely]]
      turn_->SendNew(*r.db, r.entry->key());
    r.changed = r.said = true;
    r.created = false;
    turn_->SendEvent(event, *r.db, r.entry->key());
  }
  // A change without an event of its own.
  void ChangedSilently() {
    Turn::Record& r = rec();
    if (r.created) turn_->SendNew(*r.db, r.entry->key());
    r.changed = r.said = true;
    r.created = false;
  }
  // A change that, in Redis, neither watchers nor waiting commands hear of: what happens to the groups of a stream, or
  // that a string grew for a field that was not written then.
  void ChangedUnheard() {
    Turn::Record& r = rec();
    if (r.created) turn_->SendNew(*r.db, r.entry->key());
    r.said = true;
    r.created = false;
    turn_->TouchedUnheard();
  }
  void ChangedUnheard(Event event) {
    ChangedUnheard();
    turn_->SendEvent(event, *rec().db, rec().entry->key());
  }
  void Unchanged() { rec().said = true; }
  TimeMs expiry() const { return rec().entry->expiry(); }

 protected:
  Turn::Record& rec() const { return turn_->record(record_); }
  Turn* turn_ = nullptr;
  int record_ = 0;
};

template <class T>
class Edit : public EditBase<T> {
 public:
  Edit() = default;
  Edit(Turn& turn, int record) : EditBase<T>(turn, record), value_(static_cast<T*>(this->rec().entry->value())) {}
  // The value stays where it is, whatever becomes of its entry.
  T* operator->() { return value_; }
  T& operator*() { return *value_; }
  // Call before a field of a hash gets a time. Throws std::bad_alloc.
  void PrepareFieldTimes() requires(T::kType == ValueType::kHash) {
    this->rec().db->fields().Prepare(this->rec().entry);
  }

 private:
  T* value_ = nullptr;
};

// Strings live in their entry, which moves when they outgrow it.
template <>
class Edit<String> : public EditBase<String> {
 public:
  using EditBase<String>::EditBase;
  // Valid until the next change.
  Bytes view() const { return rec().entry->string().view(); }
  size_t size() const { return view().size(); }
  // Replaces the value; the expiry stays.
  void Assign(Bytes value, StringForm form = StringForm::kGiven);
  void Append(Bytes tail);
  // Zero-padded to at least `size` bytes; the bytes may be written.
  char* Grow(size_t size);
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_TURN_H_
