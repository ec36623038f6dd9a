// word_count FILE [URL]: the ten most frequent words of a file.
#include <fstream>
#include <iostream>

#include "examples/parts/home.h"
#include "examples/parts/word_count.h"

int main(int argc, char** argv) {
  std::ifstream text(argc > 1 ? argv[1] : "README.md", std::ios::binary);
  if (!text) {
    std::cerr << "cannot read the file\n";
    return 1;
  }
  dualis::Client client = examples::Home(argc > 2 ? argv[2] : "", "words");
  const int64_t words = examples::OrDie(examples::CountWords(client, text, "words"));
  std::cout << words << " words\n";
  for (const auto& [word, count] : examples::OrDie(examples::Leaderboard(client, "words", 10))) {
    std::cout << count << "  " << word << "\n";
  }
  examples::OrDie(client.flush_prefix());
}
