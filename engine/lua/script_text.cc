#include "engine/lua/script_text.h"

#include <string>

namespace dualis::lua {
namespace {

// Cuts the next word off `text`; words are separated by spaces.
Bytes NextWord(Bytes& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == Bytes::npos) return text = Bytes();
  const size_t end = std::min(text.find(' ', begin), text.size());
  const Bytes word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

Error BadWord(const char* what, Bytes word) { return Error(ErrorCode::kErr, what + std::string(word)); }

}  // namespace

bool SetScriptFlag(ScriptFlags& flags, Bytes name) {
  if (name == "no-writes") return flags.no_writes = true;
  if (name == "allow-oom") return flags.allow_oom = true;
  if (name == "allow-stale") return flags.allow_stale = true;
  if (name == "no-cluster") return flags.no_cluster = true;
  if (name == "allow-cross-slot-keys") return flags.allow_cross_slot_keys = true;
  return false;
}

Result<ScriptText> ReadScriptText(Bytes body) {
  ScriptText script;
  script.code = body;
  if (!body.starts_with("#!")) return script;
  const size_t line_end = body.find('\n');
  if (line_end == Bytes::npos) return Error(ErrorCode::kErr, "ERR Invalid script shebang");
  Bytes line = body.substr(0, line_end);
  const Bytes engine = NextWord(line);
  if (engine != "#!lua") return BadWord("ERR Unexpected engine in script shebang: ", engine);
  script.flags.declared = true;
  script.code.remove_prefix(line_end);
  for (Bytes word = NextWord(line); !word.empty(); word = NextWord(line)) {
    constexpr Bytes kFlags = "flags=";
    if (!word.starts_with(kFlags)) return BadWord("ERR Unknown lua shebang option: ", word);
    Bytes list = word.substr(kFlags.size());
    while (!list.empty()) {
      const size_t comma = list.find(',');
      const Bytes name = list.substr(0, comma);
      if (!SetScriptFlag(script.flags, name)) return BadWord("ERR Unexpected flag in script shebang: ", name);
      if (comma == Bytes::npos) break;
      list.remove_prefix(comma + 1);
    }
  }
  return script;
}

}  // namespace dualis::lua
