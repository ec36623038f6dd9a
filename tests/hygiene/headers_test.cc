// Each header compiles alone, in any order, with nothing before it: the compiler is asked, header by header.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/hygiene/repository.h"

namespace dualis::hygiene {
namespace {

// Compiles the headers, `workers` at a time; returns those that fail. The compiler's own words go to standard error.
std::vector<std::string> FailAlone(const std::vector<std::string>& headers, size_t workers) {
  std::vector<char> failed(headers.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i = next++; i < headers.size(); i = next++) {
      const std::string command =
          std::string(DUALIS_COMPILE) + " -fsyntax-only -x c++ -include " + headers[i] + " /dev/null";
      failed[i] = std::system(command.c_str()) != 0;
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < workers; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> names;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (failed[i]) names.push_back(headers[i]);
  }
  return names;
}

TEST(Headers, CompileAlone) {
  std::vector<std::string> headers;
  for (const std::string& file : SourceFiles({"engine", "script", "client", "compat"})) {
    if (file.ends_with(".h") && file.find("/adapters/") == std::string::npos) headers.push_back(file);
  }
  ASSERT_GT(headers.size(), 50u);
  EXPECT_EQ(FailAlone(headers, 2), std::vector<std::string>());
}

}  // namespace
}  // namespace dualis::hygiene
