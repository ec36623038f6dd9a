// A fixture for programs that must do the same in every home.
#ifndef DUALIS_TESTS_SCRIPT_EVERY_HOME_H_
#define DUALIS_TESTS_SCRIPT_EVERY_HOME_H_

#include <gtest/gtest.h>

#include "tests/script/homes.h"

namespace dualis::script {

class EveryHome : public ::testing::Test {
 protected:
  void SetUp() override { homes_ = AllHomes(); }

  // Runs `story` in each home that has all of `program`; ASSERTs inside see the home's name.
  void Everywhere(const Program& program, const std::function<void(Home&)>& story) {
    int told = 0;
    for (const auto& home : homes_) {
      if (!home->Has(program)) continue;
      SCOPED_TRACE(home->name());
      story(*home);
      ++told;
    }
    EXPECT_GE(told, 2);
  }
  // The result everywhere, as text.
  void ExpectEverywhere(const std::string& want, FnContext& ctx, const std::vector<Value>& args = {},
                        const std::vector<std::string>& keys = {}) {
    const Result<Program> program = ctx.Build();
    ASSERT_TRUE(program.ok()) << program.error().message();
    Everywhere(*program, [&](Home& home) {
      EXPECT_EQ(Repr(home.Run(*program, keys, args)), want) << CompileLua(*program).source;
    });
  }

  std::vector<std::unique_ptr<Home>> homes_;
};

}  // namespace dualis::script

#endif  // DUALIS_TESTS_SCRIPT_EVERY_HOME_H_
