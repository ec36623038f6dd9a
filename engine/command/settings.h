// Settings: the parameters of CONFIG, as one table (engine/command/settings.def) and, for each engine, their values.
//
//   DUALIS_SETTING(kMaxmemory, Memory("maxmemory", 0))            the row: name, kind, default, bounds
//   settings.number(Setting::kMaxmemory)                          whoever acts on it reads the value,
//   settings.OnChange(Setting::kMaxmemory, [&] { ... return Bytes(); });   or is told; a text refuses the change
//
// Values are kept in the form that acts: flags, numbers, sizes and the index of a choice as one integer, the rest as
// the text that CONFIG GET shows. Numbers may be read by any thread; everything else is guarded by the engine's gate.
#ifndef DUALIS_ENGINE_COMMAND_SETTINGS_H_
#define DUALIS_ENGINE_COMMAND_SETTINGS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dualis/bytes.h"
#include "dualis/result.h"

namespace dualis {

enum class Setting : uint8_t {
#define DUALIS_SETTING(id, row) id,
#include "engine/command/settings.def"
#undef DUALIS_SETTING
};

// The choices of maxmemory-policy, in the order of its row.
enum class MaxmemoryPolicy : uint8_t {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllKeysLru,
  kAllKeysLfu,
  kAllKeysRandom,
  kNoEviction,
};

// Whom a parameter of Redis' three-valued kind (enable-debug-command ...) lets act.
enum class Allowance : uint8_t { kNo, kYes, kLocal };

// One row of the table.
struct SettingRow {
  enum class Kind : uint8_t { kFlag, kNumber, kOctal, kMemory, kMemoryOrPercent, kChoice, kText, kSpecial };
  // Reads the words of a Special: turns `*text`, the new value, into what CONFIG GET shows. `old` is the present one.
  // Returns why not, or nothing.
  using Reader = Bytes (*)(Bytes old, std::string* text);

  Bytes name;
  Kind kind;
  int64_t number = 0;  // the default, in the form of its kind
  Bytes text = {};
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
  Bytes choices = {};  // separated by blanks
  Reader read = nullptr;
  Bytes other_name = {};  // of older versions
  bool immutable = false;
  bool guarded = false;  // only where enable-protected-configs allows it
  bool secret = false;   // not to be shown in logs

  constexpr SettingRow OrNamed(Bytes other) const {
    SettingRow row = *this;
    row.other_name = other;
    return row;
  }
  constexpr SettingRow Immutable() const {
    SettingRow row = *this;
    row.immutable = true;
    return row;
  }
  constexpr SettingRow Protected() const {
    SettingRow row = *this;
    row.guarded = true;
    return row;
  }
  constexpr SettingRow Secret() const {
    SettingRow row = *this;
    row.secret = true;
    return row;
  }
  bool is_text() const { return kind == Kind::kText || kind == Kind::kSpecial; }
};

class Settings {
 public:
  // Called when the value has changed, under the gate; returns why the change is refused, which takes it back, or
  // nothing. Must not call the engine.
  using Hook = std::function<Bytes()>;
  using Assignment = std::pair<Bytes, Bytes>;

  Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  // The table, in the order of Setting.
  static std::span<const SettingRow> Rows();
  static const SettingRow& RowOf(Setting id) { return Rows()[static_cast<size_t>(id)]; }
  // The parameter of this name, old names included, in any case of letters; null if there is none.
  static const SettingRow* Find(Bytes name);

  // Flags are 0 or 1, choices an index, a percentage is negative.
  int64_t number(Setting id) const { return numbers_[static_cast<size_t>(id)].load(std::memory_order_relaxed); }
  bool flag(Setting id) const { return number(id) != 0; }
  template <class E>
  E choice(Setting id) const {
    return static_cast<E>(number(id));
  }
  // Of kText and kSpecial. Valid until it changes.
  Bytes text(Setting id) const { return texts_[static_cast<size_t>(id)]; }
  // As CONFIG GET shows it, whatever its kind.
  std::string Show(Setting id) const;

  // CONFIG GET: the matching parameters with their values, each name once.
  std::vector<std::pair<std::string, std::string>> Get(std::span<const Bytes> patterns) const;
  // CONFIG SET: all of them or none. The error is the command's.
  Error Set(std::span<const Assignment> assignments);
  // A line of a configuration file, before the engine is used: sets immutable parameters too.
  Error Configure(Bytes name, Bytes value);
  // Sets a value without rules and hooks: defaults that come from Options.
  void Put(Setting id, int64_t number) { numbers_[static_cast<size_t>(id)].store(number, std::memory_order_relaxed); }
  void Put(Setting id, Bytes text) { texts_[static_cast<size_t>(id)].assign(text); }

  // Hooks of one parameter run in the order in which they were registered. Returns what RemoveHook takes.
  uint64_t OnChange(Setting id, Hook hook);
  void RemoveHook(uint64_t hook);

 private:
  struct Registered {
    uint64_t number;
    Setting id;
    Hook hook;
  };
  struct Old {
    const SettingRow* row;
    int64_t number;
    std::string text;
  };
  using Change = std::pair<const SettingRow*, Assignment>;
  static Setting IdOf(const SettingRow& row) { return static_cast<Setting>(&row - Rows().data()); }
  // Reads the value and stores it. Returns why not, or nothing.
  std::string Store(const SettingRow& row, Bytes value);
  void Restore(const std::vector<Old>& olds);
  Error Apply(std::span<const Change> changes);

  std::array<std::atomic<int64_t>, 256> numbers_{};
  std::vector<std::string> texts_;
  std::vector<Registered> hooks_;
  uint64_t next_hook_ = 1;
};

// "128", "64kb", "1gb": Redis' sizes. False if it is none.
bool ParseMemory(Bytes text, int64_t* out);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SETTINGS_H_
