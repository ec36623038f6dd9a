// No C++ exception leaves a C function: each exported one is declared noexcept where it is defined, and what is thrown
// inside becomes an error of the context, or null (hiredis_fault_test makes every allocation throw). The list is made
// of the symbols that hiredis_abi_test audits and of what exports.map adds to them, so that none is forgotten; that
// this compiles is the test.
#include <gtest/gtest.h>

#include <type_traits>

#include "compat/hiredis/abi.h"
#pragma GCC visibility push(default)
#include "compat/hiredis/include/hiredis/hiredis_ssl.h"
#pragma GCC visibility pop

namespace {

template <class T>
constexpr bool kThrowsNothing = !std::is_function_v<T>;  // data
template <class R, class... A>
constexpr bool kThrowsNothing<R(A...) noexcept> = true;
template <class R, class... A>
constexpr bool kThrowsNothing<R(A..., ...) noexcept> = true;
static_assert(!kThrowsNothing<int(int)> && !kThrowsNothing<int(int, ...)>);

#define DUALIS_EXPORTED(name) static_assert(kThrowsNothing<decltype(name)>, #name);
#include "exported_symbols.inc"
#undef DUALIS_EXPORTED

constexpr int kExported = 0
#define DUALIS_EXPORTED(name) +1
#include "exported_symbols.inc"
    ;

TEST(HiredisNoexcept, EveryExportedFunction) { EXPECT_GT(kExported, 130) << "the list is not whole"; }

}  // namespace
