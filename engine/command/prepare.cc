#include "engine/command/prepare.h"

#include <functional>
#include <new>

namespace dualis {

bool Holes::Note(void* field, const Arg& word, FillFunction fill) {
  if (!Unknown(word)) return false;
  holes_.push_back({fill, field, static_cast<size_t>(&word - argv_.data()), {}});
  return true;
}

void Holes::Look(const Arg& word) { refused_ |= Unknown(word); }

void Holes::Convert(const void* field) {
  for (const Hole& hole : holes_) refused_ |= hole.field == field;
}

void Holes::Rule() { rules_ = true; }
void Holes::Refuse() { refused_ = true; }

std::unique_ptr<PreparedCommand> PreparedCommand::Own(void* self, size_t size, void (*destroy)(void*)) {
  try {
    return std::unique_ptr<PreparedCommand>(new PreparedCommand(self, size, destroy));
  } catch (const std::bad_alloc&) {
    destroy(self);
    throw;
  }
}

bool PreparedCommand::Keep(Holes& holes, Error (*check)(const void*)) {
  if (holes.refused_) return false;
  const auto* begin = static_cast<const std::byte*>(self_);
  for (const Hole& hole : holes.holes_) {
    // A field that is neither in the struct nor in its arena was a copy on the way.
    const auto* field = static_cast<const std::byte*>(hole.field);
    const bool inside = !std::less<>()(field, begin) && std::less<>()(field, begin + size_);
    if (!inside && !arena_.HoldsInside(field)) return false;
  }
  check_ = holes.rules_ ? check : nullptr;
  holes_ = std::move(holes.holes_);
  return true;
}

}  // namespace dualis
