// The fixed error texts of the engine as constants, for the rules of a command's Syntax and for whoever compares
// errors.
#ifndef DUALIS_ERRORS_H_
#define DUALIS_ERRORS_H_

#include "dualis/error.h"

namespace dualis::errors {

#define DUALIS_ERROR(name, code, text) inline constexpr Error::Rep name{ErrorCode::code, text};
#include "dualis/errors.def"
#undef DUALIS_ERROR

}  // namespace dualis::errors

#endif  // DUALIS_ERRORS_H_
