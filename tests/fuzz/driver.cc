// The main program of a fuzzer where there is no libFuzzer: tries the seeds and the files given, then changes of them.
//
//   fuzz_rdb [--seconds N] [--runs N] [--seed N] [FILE or FOLDER]...
//
// The inputs depend on the seed alone, which is printed. An input that crashes is written to crash-NAME-SEED-RUN before
// it is tried if --keep is given; run the program with that file alone (--runs 0) to see it again.
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/core/rng.h"
#include "tests/fuzz/fuzz.h"

namespace {

using dualis::Rng;

// Bytes on which formats turn.
constexpr uint8_t kTelling[] = {0,    1,    2,    9,    '\n', '\r', ' ',  '$',  '*',  '-',  '0',  '9', 0x3f,
                                0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf4, 0xfd, 0xfe, 0xff};

std::string Change(std::string input, const std::vector<std::string>& others, Rng& rng) {
  constexpr size_t kLongest = 64 << 10;
  for (uint64_t n = 1 + rng.Uniform(4); n > 0; --n) {
    const size_t at = rng.Uniform(input.size() + 1);
    switch (rng.Uniform(8)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(rng.Uniform(256));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(kTelling[rng.Uniform(std::size(kTelling))]);
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << rng.Uniform(8)));
        break;
      case 3:
        if (at < input.size()) input[at] = static_cast<char>(input[at] + (rng.Uniform(2) ? 1 : -1));
        break;
      case 4:
        input.insert(at, 1 + rng.Uniform(8), static_cast<char>(kTelling[rng.Uniform(std::size(kTelling))]));
        break;
      case 5:
        input.erase(at, 1 + rng.Uniform(16));
        break;
      case 6: {
        const std::string part = input.substr(at, 1 + rng.Uniform(64));
        input.insert(rng.Uniform(input.size() + 1), part);
        break;
      }
      default: {
        const std::string& other = others[rng.Uniform(others.size())];
        const size_t from = rng.Uniform(other.size() + 1);
        input.replace(at, rng.Uniform(32), other.substr(from, rng.Uniform(64)));
      }
    }
  }
  if (input.size() > kLongest) input.resize(kLongest);
  return input;
}

void Try(const std::string& input) {
  // A copy of exactly this size, so that a sanitizer sees any step beyond.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 3;
  uint64_t runs = UINT64_MAX, seed = 1;
  bool keep = false;
  std::vector<std::string> inputs = dualis::fuzz::Seeds();
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    if (std::strcmp(argv[i], "--seconds") == 0 && more) {
      seconds = std::strtod(argv[++i], nullptr);
    } else if (std::strcmp(argv[i], "--runs") == 0 && more) {
      runs = std::strtoull(argv[++i], nullptr, 10);
      seconds = 1e9;
    } else if (std::strcmp(argv[i], "--seed") == 0 && more) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--keep") == 0) {
      keep = true;
    } else if (argv[i][0] == '-') {
      std::fprintf(stderr, "usage: %s [--seconds N] [--runs N] [--seed N] [--keep] [FILE or FOLDER]...\n", argv[0]);
      return 2;
    } else if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) inputs.push_back(Contents(entry.path()));
    } else if (std::filesystem::exists(argv[i])) {
      inputs.push_back(Contents(argv[i]));
    }
  }
  if (inputs.empty()) inputs.emplace_back();
  for (const std::string& input : inputs) Try(input);

  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  Rng rng(seed);
  uint64_t run = 0;
  const std::string name = std::filesystem::path(argv[0]).filename();
  const std::string kept = "crash-" + name + "-" + std::to_string(seed);
  for (; run < runs && (run % 64 != 0 || std::chrono::steady_clock::now() < end); ++run) {
    const std::string input = Change(inputs[rng.Uniform(inputs.size())], inputs, rng);
    if (keep) std::ofstream(kept, std::ios::binary) << input;
    Try(input);
  }
  if (keep) std::filesystem::remove(kept);
  std::printf("%s: %zu inputs and %llu changes of them, seed %llu\n", name.c_str(), inputs.size(),
              static_cast<unsigned long long>(run), static_cast<unsigned long long>(seed));
  return 0;
}
