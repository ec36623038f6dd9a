// TIME and LOLWUT.
#include "dualis/commands/server_facts.h"

#include <algorithm>

#include "dualis/redis_version.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"

namespace dualis::cmd {
namespace {

// A dune landscape: ridges that wander sideways by chance, one behind the other.
std::string Dunes(Rng& rng, size_t columns, size_t rows) {
  constexpr Bytes kShades = " .:-=+*#";
  std::string picture;
  picture.reserve((columns + 1) * rows);
  std::vector<size_t> shade(columns, 0);
  for (size_t row = 0; row < rows; ++row) {
    size_t level = rng.Uniform(kShades.size());
    for (size_t column = 0; column < columns; ++column) {
      level = std::clamp<size_t>(level + rng.Uniform(3), 1, kShades.size()) - 1;
      shade[column] = std::max(shade[column] == 0 ? size_t{0} : shade[column] - 1, level);
      picture += kShades[shade[column]];
    }
    picture += '\n';
  }
  return picture;
}

}  // namespace

Outcome Run(ReadExec& x, const Time&, ReplySink& sink) {
  char text[kInt64Chars];
  sink.Begin(Shape::kArray, 2);
  sink.Bulk(FormatInt64(x.now() / 1000, text));
  sink.Bulk(FormatInt64(x.now() % 1000 * 1000, text));
  sink.End();
  return Outcome();
}

Outcome Run(Exec& x, const Lolwut& c, ReplySink& sink) {
  std::string reply;
  if (c.words.size() >= 2 && IsWord(c.words[0], "VERSION")) {
    const auto version = ParseInt64(c.words[1]);
    if (!version) return Error(&errors::kNotInteger);
    if (*version == 5 || *version == 6) {
      // The first argument is the width, up to a bound; the others are read and left alone.
      size_t columns = 66;
      for (size_t i = 2; i < std::min<size_t>(c.words.size(), 5); ++i) {
        const auto number = ParseInt64(c.words[i]);
        if (!number) return Error(&errors::kNotInteger);
        if (i == 2) columns = static_cast<size_t>(std::clamp<int64_t>(*number, 1, 1000));
      }
      reply = Dunes(x.rng(), columns, 16) + "\nDunes, by an engine that had a moment. ";
    }
  }
  reply.append("Redis ver. ").append(kRedisVersion).append("\n");
  sink.Verbatim(reply, "txt");
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family ServerFactCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<cmd::Lolwut>(), Add<cmd::Time>()};
  return {kCommands};
}

}  // namespace dualis
