// COPY, MOVE, SWAPDB.
#include "dualis/commands/transfers.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

// Null if there is no database of this number.
Db* DbAt(Exec& x, int64_t index) {
  if (index < 0 || index >= x.host().databases()) return nullptr;
  return &x.host().db(static_cast<int>(index));
}

}  // namespace

Result<bool> Run(Exec& x, const Copy& c) {
  Db* to = DbAt(x, c.db.value_or(x.db().index()));
  if (to == nullptr && IsInt32(c.db.value_or(0))) return Error(&errors::kDbOutOfRange);
  if (c.late.error) return c.late.error;
  if (to == nullptr) return Error(&errors::kNotInt32);
  if (to->index() == x.db().index() && c.source.name == c.destination.name) return Error(&errors::kSameObjects);
  const Entry* entry = x.Find(c.source);
  if (entry == nullptr) return false;
  if (x.turn().FindForWrite(*to, c.destination.name) != nullptr && !c.replace) return false;
  x.turn().Copy(*entry, *to, c.destination.name);
  x.turn().SendEvent(Event::kCopyTo, *to, c.destination.name);
  return true;
}

Result<bool> Run(Exec& x, const Move& c) {
  Db& from = x.host().db(x.db().index());
  Db* to = DbAt(x, c.db);
  if (to == nullptr) return Error(&errors::kDbOutOfRange);
  if (to->index() == from.index()) return Error(&errors::kSameObjects);
  Entry* entry = x.turn().FindForWrite(from, c.key.name);
  if (entry == nullptr || x.turn().FindForWrite(*to, c.key.name) != nullptr) return false;
  x.turn().Move(from, entry, *to, c.key.name);
  x.turn().SendEvent(Event::kMoveFrom, from, c.key.name);
  x.turn().SendEvent(Event::kMoveTo, *to, c.key.name);
  return true;
}

Result<Ack> Run(Exec& x, const SwapDb& c) {
  Db* first = DbAt(x, c.index1);
  Db* second = DbAt(x, c.index2);
  if (first == nullptr || second == nullptr) return Error(&errors::kDbOutOfRange);
  // What is dead goes first: no watcher shall take it for something that came.
  x.turn().RemoveDead();
  for (Db* db : {first, second}) {
    while (Entry* entry = db->FirstToExpire()) {
      if (!x.turn().IsDead(*entry)) break;
      x.turn().Expire(*db, entry);
    }
  }
  x.turn().SwapDbs(*first, *second);
  return Ack{};
}

}  // namespace dualis::cmd

namespace dualis {

Family TransferCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<Copy>(), Add<Move>(), Add<SwapDb>()};
  return {kCommands};
}

}  // namespace dualis
