#include "engine/command/help.h"

#include <string>

namespace dualis {

Error SubcommandSyntax(const Exec& x, Bytes name, Bytes container) {
  char buffer[Arg::kTextBytes];
  return errors::SubcommandSyntax(x.words().size() > 1 ? x.words()[1].Text(buffer) : name, container);
}

Outcome EmitHelp(Bytes container, std::span<const Bytes> lines, ReplySink& sink) {
  const std::string heading =
      std::string(container).append(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  sink.Begin(Shape::kArray, lines.size() + 3);
  sink.Simple(heading);
  for (Bytes line : lines) sink.Simple(line);
  sink.Simple("HELP");
  sink.Simple("    Prints this help.");
  sink.End();
  return Outcome();
}

}  // namespace dualis
