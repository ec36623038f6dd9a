// The files of this repository, for tests that read them. Tests run in its top folder.
#ifndef DUALIS_TESTS_HYGIENE_REPOSITORY_H_
#define DUALIS_TESTS_HYGIENE_REPOSITORY_H_

#include <string>
#include <string_view>
#include <vector>

namespace dualis::hygiene {

// C and C++ sources and headers below the folders, as paths from the top ("engine/core/glob.h"), sorted. Folders that
// are absent are skipped.
std::vector<std::string> SourceFiles(const std::vector<std::string>& folders);

struct Include {
  int line;
  bool angled;       // <x>, not "x"
  std::string path;  // what stands between the brackets or quotes
};
std::vector<Include> IncludesOf(const std::string& file);

inline constexpr std::string_view kPublicFolder = "/include/dualis/";

// Runs a program through the shell and returns what it prints, line by line; fails the test if it fails.
std::vector<std::string> OutputOf(const std::string& command);

}  // namespace dualis::hygiene

#endif  // DUALIS_TESTS_HYGIENE_REPOSITORY_H_
