// The errors a command can return: constants for fixed texts (dualis/errors.h), functions for texts with parts that
// vary.
#ifndef DUALIS_ENGINE_COMMAND_ERRORS_H_
#define DUALIS_ENGINE_COMMAND_ERRORS_H_

#include "dualis/args.h"
#include "dualis/errors.h"

namespace dualis::errors {

// "ERR wrong number of arguments for 'get' command"; the name in lower case, "config|get" for a subcommand.
Error WrongArity(Bytes command_name);
// "ERR unknown command 'foo', with args beginning with: 'a' 'b' "
Error UnknownCommand(Args argv);
// "ERR unknown subcommand 'foo'. Try CONFIG HELP."
Error UnknownSubcommand(Bytes subcommand, Bytes container);
// "ERR unknown subcommand or wrong number of arguments for 'LOAD'. Try FUNCTION HELP.": for subcommands that count
// their words themselves.
Error SubcommandSyntax(Bytes subcommand, Bytes container);
// "ERR invalid expire time in 'set' command"
Error InvalidExpire(Bytes command_name);

// "ERR Can't execute 'get': only (P|S)SUBSCRIBE / ... are allowed in this context"
Error OnlySubscribed(Bytes command_name);
// EXEC that is refused: "EXECABORT Transaction discarded because of: ..."
Error ExecRefused(const Error& why);
// What too few keys mean: the text itself, or, if it ends with a quote, "at least 1 input key is needed for 'zunion'
// command".
Error TooFewKeys(const Error::Rep& text, Bytes command_name);
// "ERR Unknown PFDEBUG subcommand 'foo'"
Error PfDebugUnknown(Bytes subcommand);
// A text around a word of the command: "ERR Unsupported option foo"
Error Named(Bytes text, Bytes word, Bytes end = {});

// The name as errors print it: lower case, '|' before a subcommand.
std::string DisplayName(Bytes command_name);

}  // namespace dualis::errors

#endif  // DUALIS_ENGINE_COMMAND_ERRORS_H_
