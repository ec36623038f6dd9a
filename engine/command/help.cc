#include "engine/command/help.h"

#include <string>

namespace dualis {

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
