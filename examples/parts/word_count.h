// Counting the words of a text into a sorted set, in pipelines of a thousand commands.
#ifndef EXAMPLES_PARTS_WORD_COUNT_H_
#define EXAMPLES_PARTS_WORD_COUNT_H_

#include <cctype>
#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "dualis/client.h"

namespace examples {

// The next word: letters of ASCII in lower case, and everything beyond ASCII as it is. False at the end.
inline bool NextWord(std::istream& text, std::string* word) {
  word->clear();
  for (int c = text.get(); c != EOF; c = text.get()) {
    if (std::isalpha(c) != 0 || c >= 0x80) {
      word->push_back(static_cast<char>(std::tolower(c)));
    } else if (!word->empty()) {
      return true;
    }
  }
  return !word->empty();
}

// Adds 1 to the score of each word. Returns how many words there were.
inline dualis::Result<int64_t> CountWords(dualis::Client& client, std::istream& text, const std::string& key) {
  constexpr size_t kBatch = 1000;
  dualis::Pipeline batch = client.pipeline();
  int64_t words = 0;
  std::string word;
  while (NextWord(text, &word)) {
    ++words;
    batch.zincrby(key, 1, word);
    if (batch.size() < kBatch) continue;
    if (auto sent = batch.execute(); !sent) return sent.error();
  }
  if (auto sent = batch.execute(); !sent) return sent.error();
  return words;
}

// The `count` most frequent words, the most frequent first.
inline dualis::Result<std::vector<std::pair<std::string, double>>> Leaderboard(dualis::Client& client,
                                                                               const std::string& key, int64_t count) {
  return client.zrange_with_scores(key, 0, count - 1, {.rev = true});
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_WORD_COUNT_H_
