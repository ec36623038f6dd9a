#include "engine/keyspace/event.h"

namespace dualis {

std::optional<EventClasses> ReadEventClasses(Bytes letters) {
  EventClasses classes = 0;
  for (char letter : letters) {
    if (letter == 'A') {
      classes |= kAllEventClasses;
    } else if (kEventLetters.find(letter) == Bytes::npos) {
      return std::nullopt;
    } else {
      classes |= EventClassOf(letter);
    }
  }
  return classes;
}

std::string ShowEventClasses(EventClasses classes) {
  std::string text;
  // 'A' stands for its letters, and hides 'n', as in Redis.
  if ((classes & kAllEventClasses) == kAllEventClasses) {
    text = "A";
    classes &= ~(kAllEventClasses | kNewClass);
  }
  for (char letter : kEventLetters) {
    if ((classes & EventClassOf(letter)) != 0) text.push_back(letter);
  }
  return text;
}

}  // namespace dualis
