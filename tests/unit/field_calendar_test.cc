#include "engine/keyspace/field_calendar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/keyspace/turn.h"
#include "engine/types/hash.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;

// Writes down what it hears.
class Heard final : public ChangeListener {
 public:
  void KeyChanged(int, Bytes) noexcept override {}
  void KeyChangedUnheard() noexcept override {}
  void KeyReady(int, Bytes) noexcept override {}
  void KeyEvent(Event event, int, Bytes key) noexcept override {
    lines.push_back(std::string(InfoOf(event).name) + " " + std::string(key));
  }
  void KeyExpired(int, Bytes) noexcept override {}
  void FieldExpired(int, Bytes key, Bytes field) noexcept override {
    lines.push_back("field " + std::string(key) + " " + std::string(field));
  }
  void KeyEvicted(int, Bytes) noexcept override {}
  void DbChanged(int) noexcept override {}
  void DbsSwapped(int, int) noexcept override {}
  std::vector<std::string> lines;
};

class Calendar : public ::testing::Test {
 protected:
  Edit<Hash> Open(Turn& turn, Db& db, Bytes key) {
    Entry* entry = turn.FindForWrite(db, key);
    const bool create = entry == nullptr;
    if (create) entry = turn.Create<Hash>(db, key);
    const auto& hash = *static_cast<const Hash*>(entry->value());
    return Edit<Hash>(turn, turn.Open(db, entry, create, Db::BytesOfValue(hash)));
  }
  void Put(Db& db, Bytes key, Bytes field, TimeMs when) {
    Turn turn(clock_, limits_, access_, heard_);
    Edit<Hash> hash = Open(turn, db, key);
    hash->Set(field, "v");
    hash.PrepareFieldTimes();
    hash->SetTime(field, when);
    hash.ChangedSilently();
  }

  const EncodingLimits limits_;
  Access access_;
  Heard heard_;
  ManualClock clock_{1000};
  Db one_{0, 7};
  Db two_{1, 8};
};

TEST_F(Calendar, DeadFieldsGoWhenTheHashIsFound) {
  Put(one_, "h", "a", 1050);
  Put(one_, "h", "b", 1100);
  EXPECT_EQ(one_.fields().first_time(), 1050);
  clock_.Set(1050);
  Turn turn(clock_, limits_, access_, heard_);
  EXPECT_EQ(static_cast<Hash*>(turn.Find(one_, "h")->value())->size(), 1u);
  EXPECT_EQ(heard_.lines, (std::vector<std::string>{"field h a", "hexpired h"}));
  EXPECT_EQ(one_.fields().first_time(), 1100);
}

TEST_F(Calendar, AHashGoesWithItsLastField) {
  Put(one_, "h", "a", 1050);
  clock_.Set(1050);
  Turn turn(clock_, limits_, access_, heard_);
  EXPECT_EQ(turn.Find(one_, "h"), nullptr);
  EXPECT_EQ(heard_.lines, (std::vector<std::string>{"field h a", "hexpired h", "del h"}));
  EXPECT_EQ(one_.size(), 0u);
  EXPECT_EQ(one_.fields().first(), nullptr);
}

// After every step the calendar of a database says what its hashes say.
TEST_F(Calendar, FollowsHashesWhereverTheyGo) {
  Rng rng(PrintedSeed("FieldCalendar"));
  const auto some_key = [&] { return "k" + std::to_string(rng.Uniform(6)); };
  const auto some_field = [&] { return "f" + std::to_string(rng.Uniform(5)); };
  for (int step = 0; step < 5000; ++step) {
    Db& db = rng.Uniform(2) ? one_ : two_;
    Db& other = rng.Uniform(2) ? one_ : two_;
    const std::string key = some_key();
    Turn turn(clock_, limits_, access_, heard_);
    Entry* entry = turn.FindForWrite(db, key);
    switch (rng.Uniform(8)) {
      case 0:
      case 1:
        Put(db, key, some_field(), clock_.Now() + 1 + static_cast<TimeMs>(rng.Uniform(100)));
        break;
      case 2:
        if (entry != nullptr) {
          Edit<Hash> hash = Open(turn, db, key);
          hash->SetTime(some_field(), FieldTimes::kNever);
          hash->Erase(some_field());
          hash.ChangedSilently();
        }
        break;
      case 3: {
        Edit<Hash> hash = Open(turn, db, key);
        hash->Set(some_field(), "w");
        hash.ChangedSilently();
        break;
      }
      case 4:
        if (entry != nullptr) turn.Move(db, entry, other, "k9");
        break;
      case 5:
        if (entry != nullptr) turn.SetExpiry(db, entry, clock_.Now() + 50);
        break;
      case 6:
        if (entry != nullptr) turn.Copy(*entry, other, "k8");
        break;
      case 7:
        clock_.Add(static_cast<TimeMs>(rng.Uniform(30)));
        if (rng.Uniform(8) == 0) one_.SwapContents(two_);
        break;
    }
    for (Db* each : {&one_, &two_}) {
      TimeMs first = kNoExpiry;
      each->ForEach([&](Entry& e) {
        const auto* hash = static_cast<const Hash*>(e.value());
        ASSERT_FALSE(hash->empty());
        const bool dies = hash->times() != nullptr && !hash->times()->empty();
        ASSERT_EQ(e.has_field_times(), dies);
        if (dies) first = std::min(first, hash->times()->first_time());
      });
      ASSERT_EQ(each->fields().first_time(), first) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace dualis
