// tour [FILE] [URL]: everything once, on real input, in either home. The answers go to standard output and are the same
// wherever it runs; how long each step took goes to standard error.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "examples/parts/consumer.h"
#include "examples/parts/dictionary_stack.h"
#include "examples/parts/expiry.h"
#include "examples/parts/filter_list.h"
#include "examples/parts/home.h"
#include "examples/parts/word_count.h"

namespace {

using examples::OrDie;

// Prints a step's title at once, and its time when it is over.
class Step {
 public:
  explicit Step(const char* title) : title_(title) { std::cout << "\n" << title << "\n"; }
  ~Step() {
    std::cout.flush();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start_;
    std::fprintf(stderr, "    [%s: %.1f ms]\n", title_, took.count());
  }

 private:
  const char* title_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A file, or a short text if none was named and the repository's is not where we stand.
std::string ReadText(const char* path) {
  std::ifstream file(path != nullptr ? path : "README.md", std::ios::binary);
  if (!file && path != nullptr) {
    std::fprintf(stderr, "tour: cannot read %s\n", path);
    std::exit(1);
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str().empty() ? "the tour counts the words of the text that you give it" : text.str();
}

void CountTheWords(dualis::Client& client, const std::string& text) {
  const Step step("Words, counted into a sorted set by pipelines of a thousand commands");
  std::istringstream in(text);
  const int64_t words = OrDie(examples::CountWords(client, in, "words"));
  std::cout << "  " << words << " words, " << OrDie(client.zcard("words")) << " different ones\n";
}

void SplitAList(dualis::Client& client) {
  const Step step("A list of a thousand numbers, split at 500 by a script");
  for (int i = 0; i < 1000; ++i) OrDie(client.rpush("numbers", std::to_string(i * 7919 % 1000)));
  const dualis::Script filter = OrDie(examples::FilterList(client));
  const auto below = OrDie(filter({{"input", "numbers"}, {"left", "small"}, {"right", "large"}}, {{"threshold", 500}}));
  std::cout << "  " << below.number() << " below, " << OrDie(client.llen("large")) << " not; the first three below:";
  for (const std::string& number : OrDie(client.lrange("small", 0, 2))) std::cout << " " << number;
  std::cout << "\n";
}

void WalkTheStack(dualis::Client& client) {
  const Step step("A stack of dictionaries, kept by four scripts");
  auto stack = OrDie(examples::DictionaryStack::Open(client, "scopes"));
  OrDie(stack.Set("colour", "red"));
  OrDie(stack.Set("size", "large"));
  OrDie(stack.Push());
  OrDie(stack.Set("size", "small"));
  std::cout << "  size on top: " << OrDie(stack.Get("size")).bytes();
  std::cout << ", colour below: " << OrDie(stack.Find("colour")).bytes();
  OrDie(stack.Pop());
  std::cout << ", size after the pop: " << OrDie(stack.Get("size")).bytes() << "\n";
}

void WakeAConsumer(dualis::Client& client) {
  const Step step("A consumer that sleeps in BLPOP, woken by a producer");
  std::cout << " ";
  for (const std::string& job : OrDie(examples::ProduceAndConsume(client, "jobs"))) std::cout << " " << job;
  std::cout << "\n";
}

void LetAKeyExpire(dualis::Client& client) {
  const Step step("A key with 50 ms to live");
  const examples::Expired seen = OrDie(examples::LetExpire(client, "token"));
  std::cout << "  before: " << (seen.before ? "there" : "gone") << ", after: " << (seen.after ? "there" : "gone")
            << "\n";
}

void PrintTheLeaderboard(dualis::Client& client) {
  const Step step("The leaderboard");
  for (const auto& [word, count] : OrDie(examples::Leaderboard(client, "words", 10))) {
    std::printf("  %6.0f  %s\n", count, word.c_str());
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(true);
  const std::string text = ReadText(argc > 1 && argv[1][0] != '\0' ? argv[1] : nullptr);
  const std::string url = argc > 2 ? argv[2] : "mem://";
  dualis::Client client = examples::Home(url, "tour");
  std::cout << "Dualis, the tour\n";
  CountTheWords(client, text);
  SplitAList(client);
  WalkTheStack(client);
  WakeAConsumer(client);
  LetAKeyExpire(client);
  PrintTheLeaderboard(client);
  const int64_t removed = OrDie(client.flush_prefix());
  std::cout << "\nRemoved the " << removed << " keys of this tour.\n";
}
