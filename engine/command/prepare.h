// PreparedCommand: a command of which most words are known before it runs, as a script calls it. Its words are parsed
// once, the options among them too; the others are holes, which are filled each time without parsing:
//
//   SET key value PX 100      key and value are holes, the rest is in the struct
//
// While the words are parsed, Holes is told of each field that takes an unknown word. Where such a word decides how the
// others are read (it may be an option, or say how many keys follow) there is no prepared form.
#ifndef DUALIS_ENGINE_COMMAND_PREPARE_H_
#define DUALIS_ENGINE_COMMAND_PREPARE_H_

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "dualis/command.h"
#include "engine/command/arena.h"
#include "engine/command/syntax_traits.h"

namespace dualis {

// A field that takes word `word`.
struct Hole {
  // False if the word is no number, where it has to be one. `room` is for the text of a number.
  bool (*fill)(void* field, const Arg& word, char* room);
  void* field;
  size_t word;
  char room[Arg::kTextBytes];
};

// What the Parser tells of the words that it does not know.
class Holes {
 public:
  // Bit i of `unknown`: word i is not known.
  Holes(Args argv, uint64_t unknown) : argv_(argv), unknown_(unknown) {}

  // A field takes a word. True if that is unknown: then there is nothing to be read.
  template <class T>
  bool Take(T& field, const Arg& word) {
    return Note(&field, word, &Fill<T>);
  }
  // The text of a word decides something.
  void Look(const Arg& word);
  // A number is read from a field that took its word before.
  void Convert(const void* field);
  // There are rules, which the words may break.
  void Rule();
  void Refuse();

 private:
  friend class PreparedCommand;
  using FillFunction = bool (*)(void* field, const Arg& word, char* room);

  bool Note(void* field, const Arg& word, FillFunction fill);
  bool Unknown(const Arg& word) const { return (unknown_ >> (&word - argv_.data()) & 1) != 0; }
  template <class T>
  static bool Fill(void* field, const Arg& word, char* room) {
    T& to = *static_cast<T*>(field);
    if constexpr (kIsLate<T>) {
      to = T::FromWord(word);
    } else if constexpr (std::is_floating_point_v<T>) {
      return word.ToDouble(&to);
    } else if constexpr (std::is_arithmetic_v<T>) {
      return word.ToInt(&to);
    } else if constexpr (std::is_same_v<T, Arg>) {
      to = word;
    } else {
      to = T(word.is_bytes() ? word.bytes : word.Text(room));
    }
    return true;
  }

  const Args argv_;
  const uint64_t unknown_;
  std::vector<Hole> holes_;
  bool rules_ = false;
  bool refused_ = false;
};

class PreparedCommand {
 public:
  // Takes over a struct of `size` bytes that was made with new, even if it throws; its words go to arena().
  static std::unique_ptr<PreparedCommand> Own(void* self, size_t size, void (*destroy)(void*));
  ~PreparedCommand() { destroy_(self_); }
  PreparedCommand(const PreparedCommand&) = delete;
  PreparedCommand& operator=(const PreparedCommand&) = delete;

  Arena& arena() { return arena_; }
  // After the struct was parsed. False if it cannot be filled. `check`: the row's.
  bool Keep(Holes& holes, Error (*check)(const void*));

  // The struct with the unknown words of argv in it, borrowed from there; valid until the next call. Null if the words
  // have to be parsed, because something is wrong with them that has to be told in its order.
  const void* Fill(Args argv) {
    for (Hole& hole : holes_) {
      if (!hole.fill(hole.field, argv[hole.word], hole.room)) return nullptr;
    }
    return check_ == nullptr || !check_(self_) ? self_ : nullptr;
  }

 private:
  PreparedCommand(void* self, size_t size, void (*destroy)(void*)) : self_(self), size_(size), destroy_(destroy) {}

  void* const self_;
  const size_t size_;
  void (*const destroy_)(void*);
  Error (*check_)(const void*) = nullptr;  // if there are rules
  Arena arena_;
  std::vector<Hole> holes_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_PREPARE_H_
