// The list of fronts, by name.
#ifndef DUALIS_TESTS_RUNNER_FRONTS_H_
#define DUALIS_TESTS_RUNNER_FRONTS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/runner/front.h"

namespace dualis::cases {

std::vector<std::string> FrontNames();

// Opens the front (for the oracle: starts a server). Throws std::invalid_argument for a name that FrontNames doesn't
// list, std::runtime_error if it cannot be opened.
std::unique_ptr<CaseFront> OpenFront(const std::string& name);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_FRONTS_H_
