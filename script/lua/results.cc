// What goes to a LuaScript and what comes back.
#include "dualis/script_program.h"
#include "script/semantics/value.h"

namespace dualis::script {

std::vector<std::string> EncodeArgs(std::span<const Value> args) {
  std::vector<std::string> words;
  words.reserve(args.size());
  for (const Value& arg : args) words.push_back(EncodeValue(arg));
  return words;
}

Result<Value> DecodeResult(Bytes reply) {
  Value value;
  if (!DecodeValue(reply, &value)) return Error(ErrorCode::kProtocol, "ERR the reply is not the result of a script");
  return value;
}

// "TEXT script: 40 hexadecimal digits, on @user_script:LINE."
Error NormalizeError(const LuaScript& script, const Error& reply, std::string* place) {
  if (place) place->clear();
  const Bytes text = reply.message();
  constexpr Bytes kBefore = " script: ", kMiddle = ", on @user_script:";
  const size_t cut = text.rfind(kBefore);
  if (cut == Bytes::npos || !text.ends_with('.')) return reply;
  const Bytes tail = text.substr(cut + kBefore.size());
  if (tail.size() < 42 + kMiddle.size() || tail.substr(40, kMiddle.size()) != kMiddle) return reply;
  size_t line = 0;
  for (char c : tail.substr(40 + kMiddle.size(), tail.size() - 41 - kMiddle.size())) {
    if (c < '0' || c > '9') return reply;
    line = line * 10 + static_cast<size_t>(c - '0');
  }
  if (place && line < script.places.size()) *place = script.places[line];
  return Error::FromReply(text.substr(0, cut));
}

}  // namespace dualis::script
