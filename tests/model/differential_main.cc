// dualis-differential: random commands on the engine and on redis-server, for as long as one likes.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/model/differential.h"

int main(int argc, char** argv) {
  dualis::model::DifferentialOptions options;
  bool statistics = false;
  CLI::App app("Runs random commands on the engine and on a private redis-server and compares what they say");
  app.add_option("--seed", options.seed, "of the first round; a round that differs names its own")
      ->capture_default_str();
  app.add_option("--commands", options.commands, "how many to run at least")->capture_default_str();
  app.add_option("--round", options.round, "actions between two flushes")->capture_default_str();
  app.add_option("--stop-after", options.stop_after, "differences")->capture_default_str();
  app.add_option("--only", options.only, "commands whose name holds a match of this regular expression");
  app.add_flag("--statistics", statistics, "print runs and errors by command");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto result =
        dualis::model::RunDifferential(options, [](const std::string& text) { std::cout << text << std::endl; });
    if (statistics) {
      for (const auto& [name, runs] : result.runs_of) {
        const auto errors = result.errors_of.find(name);
        std::cout << name << " " << runs << " errors " << (errors == result.errors_of.end() ? 0 : errors->second)
                  << "\n";
      }
    }
    std::cout << "seed " << options.seed << ": " << result.commands << " commands of " << result.kinds << " kinds, "
              << (result.commands == 0 ? 0 : result.errors * 100 / result.commands) << " % error replies, "
              << result.differences << " differences\n";
    return result.differences == 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "dualis-differential: " << e.what() << "\n";
    return 2;
  }
}
