#include "engine/command/errors.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

namespace dualis {
namespace {

// A counted text: the Rep that Error points to comes first, the text follows in the same allocation.
struct Counted {
  Error::Rep rep;
  std::atomic<uint32_t> count{1};
};

struct CodeName {
  Bytes word;
  ErrorCode code;
};

constexpr CodeName kCodeNames[] = {
    {"WRONGTYPE", ErrorCode::kWrongType},
    {"NOSCRIPT", ErrorCode::kNoScript},
    {"EXECABORT", ErrorCode::kExecAbort},
    {"NOAUTH", ErrorCode::kNoAuth},
    {"WRONGPASS", ErrorCode::kWrongPass},
    {"NOPERM", ErrorCode::kNoPerm},
    {"NOPROTO", ErrorCode::kNoProto},
    {"BUSY", ErrorCode::kBusy},
    {"BUSYKEY", ErrorCode::kBusyKey},
    {"BUSYGROUP", ErrorCode::kBusyGroup},
    {"NOGROUP", ErrorCode::kNoGroup},
    {"NOTBUSY", ErrorCode::kNotBusy},
    {"UNKILLABLE", ErrorCode::kUnkillable},
    {"OOM", ErrorCode::kOom},
    {"READONLY", ErrorCode::kReadOnly},
    {"MISCONF", ErrorCode::kMisconf},
    {"LOADING", ErrorCode::kLoading},
    {"NOREPLICAS", ErrorCode::kNoReplicas},
    {"MOVED", ErrorCode::kMoved},
    {"ASK", ErrorCode::kAsk},
    {"CROSSSLOT", ErrorCode::kCrossSlot},
    {"TRYAGAIN", ErrorCode::kTryAgain},
    {"CLUSTERDOWN", ErrorCode::kClusterDown},
    {"UNBLOCKED", ErrorCode::kUnblocked},
};

}  // namespace

Error::Error(ErrorCode code, Bytes text) noexcept {
  // As Redis sends it: line ends behind the text are cut off.
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  static_assert(alignof(Rep) >= 2, "bit 0 of the pointer is taken");
  void* memory = ::operator new(sizeof(Counted) + text.size(), std::nothrow);
  if (memory == nullptr) {
    rep_ = reinterpret_cast<uintptr_t>(&errors::kOutOfMemory);
    return;
  }
  char* copy = static_cast<char*>(memory) + sizeof(Counted);
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  auto* counted = new (memory) Counted{{code, Bytes(copy, text.size())}};
  rep_ = reinterpret_cast<uintptr_t>(&counted->rep) | 1;
}

Error Error::FromReply(Bytes text) noexcept {
  const Bytes word = text.substr(0, text.find(' '));
  for (const CodeName& known : kCodeNames) {
    if (known.word == word) return Error(known.code, text);
  }
  return Error(ErrorCode::kErr, text);
}

void Error::Retain() noexcept {
  auto* counted = const_cast<Counted*>(reinterpret_cast<const Counted*>(rep()));
  counted->count.fetch_add(1, std::memory_order_relaxed);
}

void Error::Release() noexcept {
  auto* counted = const_cast<Counted*>(reinterpret_cast<const Counted*>(rep()));
  if (counted->count.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    counted->~Counted();
    ::operator delete(counted);
  }
}

namespace errors {
namespace {

std::string Quoted(Bytes before, Bytes middle, Bytes after) {
  std::string text;
  text.reserve(before.size() + middle.size() + after.size());
  return text.append(before).append(middle).append(after);
}

// Redis shows at most so many characters of a name, and of the arguments together; it prints them as C strings, which
// end at a NUL.
constexpr size_t kShown = 128;
Bytes Shown(Bytes word, size_t room = kShown) { return word.substr(0, std::min(word.find('\0'), room)); }

// Error replies are one line: Redis turns line breaks that came in with the words into blanks.
Error OneLine(std::string text) {
  text.resize(text.find_last_not_of("\r\n") + 1);
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return Error(ErrorCode::kErr, text);
}

}  // namespace

std::string DisplayName(Bytes command_name) {
  std::string name(command_name);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '|';
  }
  return name;
}

Error WrongArity(Bytes command_name) {
  return OneLine(Quoted("ERR wrong number of arguments for '", DisplayName(command_name), "' command"));
}

Error UnknownCommand(Args argv) {
  char buffer[Arg::kTextBytes];
  std::string text = "ERR unknown command '";
  if (!argv.empty()) text.append(Shown(argv[0].Text(buffer)));
  text.append("', with args beginning with: ");
  std::string shown;
  for (size_t i = 1; i < argv.size() && shown.size() < kShown; ++i) {
    const Bytes part = Shown(argv[i].Text(buffer), kShown - shown.size());
    shown.append("'").append(part).append("' ");
  }
  return OneLine(text + shown);
}

Error UnknownSubcommand(Bytes subcommand, Bytes container) {
  std::string text = "ERR unknown subcommand '";
  text.append(Shown(subcommand)).append("'. Try ").append(container).append(" HELP.");
  return OneLine(std::move(text));
}

Error SubcommandSyntax(Bytes subcommand, Bytes container) {
  std::string text = "ERR unknown subcommand or wrong number of arguments for '";
  text.append(Shown(subcommand)).append("'. Try ").append(container).append(" HELP.");
  return OneLine(std::move(text));
}

Error OnlySubscribed(Bytes command_name) {
  return OneLine(Quoted("ERR Can't execute '", DisplayName(command_name),
                        "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"));
}

Error ExecRefused(const Error& why) {
  Bytes text = why.message();
  if (text.starts_with("ERR ")) text.remove_prefix(4);
  return Error(ErrorCode::kExecAbort, Quoted("EXECABORT Transaction discarded because of: ", text, {}));
}

Error TooFewKeys(const Error::Rep& text, Bytes command_name) {
  if (!text.text.ends_with('\'')) return Error(&text);
  return OneLine(Quoted(text.text, DisplayName(command_name), "' command"));
}

Error PfDebugUnknown(Bytes subcommand) { return OneLine(Quoted("ERR Unknown PFDEBUG subcommand '", subcommand, "'")); }

Error Named(Bytes text, Bytes word, Bytes end) { return OneLine(Quoted(text, word, end)); }

Error InvalidExpire(Bytes command_name) {
  return OneLine(Quoted("ERR invalid expire time in '", DisplayName(command_name), "' command"));
}

}  // namespace errors
}  // namespace dualis
