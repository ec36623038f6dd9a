#include "engine/runtime/monitor.h"

#include <algorithm>

#include "engine/command/word.h"

namespace dualis::runtime {
namespace {

// As C would write it between quotes.
void AppendQuoted(std::string& out, Bytes bytes) {
  out += '"';
  for (const char c : bytes) {
    switch (c) {
      case '\\':
      case '"':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (c >= ' ' && c <= '~') {
          out += c;
        } else {
          constexpr char kHex[] = "0123456789abcdef";
          out += "\\x";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        }
    }
  }
  out += '"';
}

// The words of a command that are secrets: [first, last).
struct Secret {
  size_t first = 0, last = 0;
};

Secret SecretOf(Args argv) {
  char buffer[Arg::kTextBytes];
  const Bytes name = argv[0].Text(buffer);
  if (IsWord(name, "AUTH")) return {1, argv.size()};
  const bool migrate = IsWord(name, "MIGRATE");
  if (!migrate && !IsWord(name, "HELLO")) return {};
  for (size_t i = migrate ? 6 : 2; i < argv.size(); ++i) {
    char word[Arg::kTextBytes];
    const Bytes option = argv[i].Text(word);
    if (migrate && IsWord(option, "AUTH")) return {i + 1, std::min(i + 2, argv.size())};
    if (IsWord(option, migrate ? "AUTH2" : "AUTH")) return {i + 1, std::min(i + 3, argv.size())};
  }
  return {};
}

}  // namespace

std::string MonitorLine(int64_t micros, int db, const Peer* peer, Args argv) {
  const std::string fraction = std::to_string(1'000'000 + micros % 1'000'000).substr(1);
  std::string line = std::to_string(micros / 1'000'000) + "." + fraction + " [" + std::to_string(db) + " ";
  if (peer == nullptr) {
    line += "lua";
  } else if (peer->unix_socket) {
    line.append("unix:").append(peer->address, 0, peer->address.rfind(':'));
  } else {
    line += peer->address;
  }
  line += ']';
  const Secret secret = SecretOf(argv);
  for (size_t i = 0; i < argv.size(); ++i) {
    char buffer[Arg::kTextBytes];
    line += ' ';
    AppendQuoted(line, i >= secret.first && i < secret.last ? Bytes("(redacted)") : argv[i].Text(buffer));
  }
  return line;
}

void Monitors::Add(const std::shared_ptr<Outbox>& outbox) {
  if (std::find(outboxes_.begin(), outboxes_.end(), outbox) == outboxes_.end()) outboxes_.push_back(outbox);
}

void Monitors::Remove(const std::shared_ptr<Outbox>& outbox) noexcept { std::erase(outboxes_, outbox); }

void Monitors::Show(int64_t micros, int db, const Peer* peer, Args argv, RingList& rung) {
  const auto message = std::make_shared<const Message>(
      Message{.kind = Message::Kind::kLine, .payload = MonitorLine(micros, db, peer, argv)});
  for (const std::shared_ptr<Outbox>& outbox : outboxes_) {
    if (outbox->Append(message, nullptr)) rung.Add(outbox);
  }
}

}  // namespace dualis::runtime
