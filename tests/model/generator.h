// Generator: random commands, valid and nearly valid, from what the engine's own table says of their arguments. A
// command that is added to the table takes part at once; only arguments whose words are a language of their own
// (scripts, BITFIELD's operations) need a pool here.
#ifndef DUALIS_TESTS_MODEL_GENERATOR_H_
#define DUALIS_TESTS_MODEL_GENERATOR_H_

#include <cstdint>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "engine/command/describe.h"

namespace dualis::model {

using Words = std::vector<std::string>;

// One thing that happens on one of two connections.
struct Action {
  int connection = 0;
  Words words;
};

class Generator {
 public:
  // Commands of data types whose full name matches `only`.
  Generator(const CommandTable& table, uint64_t seed, const std::string& only = "");

  // The next command, or several that belong together (WATCH, MULTI ... EXEC), appended to `out`.
  void Next(std::vector<Action>* out);
  // How many commands of the table take part.
  size_t commands() const { return rows_.size(); }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(unsigned percent) { return Below(100) < percent; }
  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  Words Command();
  Words Of(const CommandRow& row);
  // A command, perhaps run by a script, and what must follow it.
  void Append(int connection, std::vector<Action>* out);
  void Damage(Words* words);
  // Appends the words of arguments [i, ...); an argument may use up its neighbour (numkeys and keys).
  void Arguments(const std::vector<ArgDoc>& args, Words* out);
  void Argument(const ArgDoc& arg, Words* out);
  void Value(const ArgDoc& arg, Words* out);
  std::string Key();
  std::string Integer(Bytes name);
  std::string Double(Bytes name);
  std::string String(Bytes name);
  std::string StreamId(Bytes name);
  std::string Border();  // one end of a range of scores or members
  void Operations(Words* out);

  std::vector<const CommandRow*> rows_;
  std::vector<const CommandRow*> writes_;  // rows that store something
  std::mt19937_64 random_;
  const CommandRow* row_ = nullptr;  // the command at hand
  uint64_t next_id_ = 1;             // of stream entries
};

}  // namespace dualis::model

#endif  // DUALIS_TESTS_MODEL_GENERATOR_H_
