// Under libFuzzer: writes the seeds into the first folder of the command line, where libFuzzer looks for its corpus.
#include <sys/stat.h>

#include <fstream>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::string folder = (*argv)[i];
    struct stat status;
    if (folder[0] == '-' || stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
    size_t n = 0;
    for (const std::string& seed : dualis::fuzz::Seeds()) {
      std::ofstream(folder + "/seed-" + std::to_string(n++), std::ios::binary) << seed;
    }
    break;
  }
  return 0;
}
