// dualis-cases: replays case files on a front, or records their replies from redis-server.
//
//   dualis-cases --front oracle                    every file of tests/cases
//   dualis-cases --front resp3 --filter 'ZADD.*'   the cases whose name matches
//   dualis-cases --record tests/cases/lists.case   fills in replies, in place
//   dualis-cases --front argv --shuffle 7          the commands of all cases in random order, compared with
//   redis-server dualis-cases --list                            names of fronts and cases
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>

#include "tests/runner/fronts.h"
#include "tests/runner/runner.h"
#include "tests/runner/shuffle.h"

namespace {

using namespace dualis::cases;

std::vector<std::string> AllCaseFiles() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/cases")) {
    if (entry.path().extension() == ".case") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

int Record(const std::vector<std::string>& paths, const std::regex& filter, const Complain& complain) {
  const auto front = OpenFront("oracle");
  size_t recorded = 0, failed = 0;
  for (const std::string& path : paths) {
    CaseFile file = ReadCaseFile(path);
    for (Case& c : file.cases) {
      if (!std::regex_search(c.name, filter)) continue;
      RecordCase(*front, &c, complain) ? ++recorded : ++failed;
    }
    std::ofstream(path, std::ios::binary) << WriteCaseFile(file);
  }
  std::cout << recorded << " cases recorded, " << failed << " left as they were because they are not stable\n";
  return failed == 0 ? 0 : 1;
}

int ShuffleAll(const std::vector<std::string>& paths, const std::string& front_name, const std::regex& filter,
               const Shuffle& shuffle, const Complain& complain) {
  std::vector<std::vector<std::string>> commands;
  for (const std::string& path : paths) {
    for (const Case& c : ReadCaseFile(path).cases) {
      if (std::regex_search(c.name, filter)) CollectCommands(c, &commands);
    }
  }
  const auto front = OpenFront(front_name), oracle = OpenFront("oracle");
  const bool good = RunShuffle(*front, *oracle, commands, shuffle, complain);
  std::cout << front_name << ": " << shuffle.rounds << " rounds of " << shuffle.length << " out of " << commands.size()
            << " commands, from seed " << shuffle.seed << (good ? ": agrees\n" : ": DIFFERS\n");
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Replays case files on a front and compares the replies"};
  std::string front_name = "oracle", filter_text;
  bool record = false, list = false;
  size_t at_least = 0;
  Shuffle shuffle{0};
  std::vector<std::string> paths;
  app.add_option("--front", front_name, "the front to replay on")->check(CLI::IsMember(FrontNames()));
  app.add_option("--filter", filter_text, "only cases whose name holds a match of this regular expression");
  app.add_option("--at-least", at_least, "fail if fewer cases were replayed");
  app.add_flag("--record", record, "write redis-server's replies into the files");
  app.add_option("--shuffle", shuffle.seed, "compare random sequences with redis-server, from this seed on");
  app.add_option("--rounds", shuffle.rounds, "how many sequences");
  app.add_option("--length", shuffle.length, "commands in each");
  app.add_flag("--list", list, "print the fronts and the cases");
  app.add_option("files", paths, "case files (default: tests/cases/*.case)")->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);

  const Complain complain = [](const std::string& text) { std::cout << text << "\n"; };
  try {
    if (paths.empty()) paths = AllCaseFiles();
    const std::regex filter(filter_text);
    if (shuffle.seed != 0) return ShuffleAll(paths, front_name, filter, shuffle, complain);
    if (record) return Record(paths, filter, complain);
    if (list) {
      for (const std::string& name : FrontNames()) std::cout << "front " << name << "\n";
    }
    const auto front = list ? nullptr : OpenFront(front_name);
    Tally tally;
    for (const std::string& path : paths) {
      for (const Case& c : ReadCaseFile(path).cases) {
        if (!std::regex_search(c.name, filter)) continue;
        if (list) {
          std::cout << path << ": " << c.name << "\n";
        } else {
          ReplayCase(*front, c, &tally, complain);
        }
      }
    }
    if (list) return 0;
    std::cout << Describe(*front, tally) << "\n";
    if (tally.cases < at_least) std::cout << "fewer than " << at_least << " cases were replayed\n";
    return tally.failed == 0 && tally.cases >= at_least ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 2;
  }
}
