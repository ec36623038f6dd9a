// dualis-bench: prints one line a figure, `NAME ours=… peer=… ratio=…`; see bench/README.md.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <regex>
#include <string>
#include <vector>

#include "bench/figure.h"

namespace dualis::bench {
namespace {

void PrintLine(const Figure& figure, const Measured& m) {
  std::printf("%s ours=%.1f%s", figure.name, m.ours, m.unit);
  if (m.peer) {
    std::printf(" peer=%.1f%s ratio=%.3f\n", *m.peer, m.unit, m.ours / *m.peer);
  } else {
    std::printf(" peer=none ratio=none\n");
  }
  std::fflush(stdout);
}

void PrintJson(const Figure& figure, const Measured& m) {
  std::printf("{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.3f", figure.name, m.unit, m.ours);
  if (m.peer) std::printf(", \"peer\": %.3f, \"ratio\": %.4f", *m.peer, m.ours / *m.peer);
  std::printf("}\n");
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  CLI::App app("Measures Dualis against its peers; each line is a figure: NAME ours=... peer=... ratio=...");
  bool list = false, json = false;
  Plan plan;
  std::string only = ".*";
  app.add_flag("--list", list, "name the figures and what they compare");
  app.add_option("--only", only, "measure the figures whose names match this regular expression");
  app.add_flag("--quick", plan.quick, "smaller data and fewer rounds: all figures in about a minute");
  app.add_flag("--json", json, "one JSON object a line");
  CLI11_PARSE(app, argc, argv);

  std::regex wanted;
  try {
    wanted = std::regex(only);
  } catch (const std::regex_error& error) {
    std::fprintf(stderr, "--only is not a regular expression: %s\n", error.what());
    return 2;
  }
  int failed = 0;
  for (const auto& figures : {StringFigures(), FrontFigures(), ServerFigures(), ReplyFigures(), ScriptFigures(),
                              SnapshotFigures(), ListenerFigures(), FootprintFigures(), SizeFigures()}) {
    for (const Figure& figure : figures) {
      if (!std::regex_search(figure.name, wanted)) continue;
      if (list) {
        std::printf("%-20s %s\n", figure.name, figure.what);
        continue;
      }
      try {
        const Measured measured = figure.measure(plan);
        (json ? PrintJson : PrintLine)(figure, measured);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", figure.name, error.what());
        failed = 1;
      }
    }
  }
  return failed;
}

}  // namespace
}  // namespace dualis::bench

int main(int argc, char** argv) { return dualis::bench::Main(argc, argv); }
