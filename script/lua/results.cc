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

namespace {

// Takes " (line 12)" off the end; 0 if it is not there.
size_t TakeLine(Bytes* text) {
  constexpr Bytes kLine = " (line ";
  const size_t cut = text->rfind(kLine);
  if (cut == Bytes::npos || !text->ends_with(')')) return 0;
  size_t line = 0;
  for (char c : text->substr(cut + kLine.size(), text->size() - cut - kLine.size() - 1)) {
    if (c < '0' || c > '9') return 0;
    line = line * 10 + static_cast<size_t>(c - '0');
  }
  *text = text->substr(0, cut);
  return line;
}

}  // namespace

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
  Bytes message = text.substr(0, cut);
  // A failure inside of the prelude has added the line of the statement.
  if (line < script.first_line) line = TakeLine(&message);
  if (place && line < script.places.size()) *place = script.places[line];
  return Error::FromReply(message);
}

}  // namespace dualis::script
