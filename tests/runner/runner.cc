#include "tests/runner/runner.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "tests/runner/words.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// What redis-server may be made to sleep; longer waits belong to a manual clock.
constexpr std::chrono::milliseconds kLongestSleep{200};

std::string Where(const Case& c, const Step& step) { return c.file + ":" + std::to_string(step.line + 1); }

std::string Indented(const ReplyTree& reply) {
  std::string text;
  for (const std::string& line : PrintReply(reply)) text += "      " + line + "\n";
  return text;
}

std::string StepText(const Step& step) {
  std::string text = std::to_string(step.connection) + (step.kind == Step::Kind::kReceive ? "<" : ">");
  for (const std::string& word : step.words) {
    text += " " + (word.find_first_of(" \"\n") == std::string::npos && !word.empty() ? Escape(word) : Quote(word));
    if (text.size() > 200) return text.substr(0, 200) + " ...";
  }
  return text;
}

std::string Form(const Replay& replay) {
  return "RESP" + std::to_string(replay.protocol) +
         (replay.encoding == Encoding::kCompact ? ", compact" : ", expanded");
}

std::vector<Replay> Forms(const CaseFront& front, const Case& c) {
  std::vector<Replay> forms;
  const auto has = [](const auto& all, auto one) { return std::find(all.begin(), all.end(), one) != all.end(); };
  for (int protocol : c.protocols) {
    for (Encoding encoding : c.encodings) {
      if (!has(front.protocols(), protocol) || !has(front.encodings(), encoding)) continue;
      forms.push_back({protocol, encoding, c.config});
    }
  }
  return forms;
}

// The connection that a word $client(N) stands for; 0 if it is another word.
int ClientNamed(const std::string& word) {
  constexpr std::string_view kName = "$client(";
  return word.starts_with(kName) && word.ends_with(')') ? std::atoi(word.c_str() + kName.size()) : 0;
}

// The ids of the connections that the case names so, each asked for when it is opened: later it may be unable to
// answer.
class ClientIds {
 public:
  ClientIds(CaseFront& front, const Case& c) : front_(front) {
    for (const Step& step : c.steps) {
      for (const std::string& word : step.words) {
        if (const int connection = ClientNamed(word)) ids_[connection];
      }
    }
    for (const auto& [connection, id] : ids_) Ask(connection);
  }
  void Opened(int connection) {
    if (ids_.count(connection) != 0) Ask(connection);
  }
  std::vector<std::string> Resolve(std::vector<std::string> words) const {
    for (std::string& word : words) {
      if (const int connection = ClientNamed(word)) word = ids_.at(connection);
    }
    return words;
  }

 private:
  void Ask(int connection) {
    const ReplyTree reply = front_.Execute(connection, {"CLIENT", "ID"});
    if (reply.kind == Kind::kInteger) ids_[connection] = std::to_string(reply.integer);
  }

  CaseFront& front_;
  std::map<int, std::string> ids_;
};

// Walks the case's steps on the front and hands each reply to `got`, which says whether to go on.
bool Walk(CaseFront& front, const Case& c, const Replay& replay, const Complain& complain,
          const std::function<bool(size_t step, ReplyTree reply)>& got) {
  bool good = true;
  size_t at = 0;
  std::set<int> blocked;
  try {
    front.Begin(replay);
    ClientIds ids(front, c);
    for (; at < c.steps.size() && good; ++at) {
      const Step& step = c.steps[at];
      switch (step.kind) {
        case Step::Kind::kCommand: {
          if (blocked.count(step.connection)) throw std::runtime_error("the connection is still blocked");
          ReplyTree reply = front.Execute(step.connection, ids.Resolve(step.words));
          if (reply.kind == Kind::kBlocked) blocked.insert(step.connection);
          good = got(at, std::move(reply));
          break;
        }
        case Step::Kind::kReceive: {
          ReplyTree reply = front.Receive(step.connection);
          if (reply.kind != Kind::kNothing && reply.kind != Kind::kPush) blocked.erase(step.connection);
          good = got(at, std::move(reply));
          break;
        }
        case Step::Kind::kAdvance:
          front.Advance(step.advance);
          break;
        case Step::Kind::kConnect:
          blocked.erase(step.connection);
          front.Connect(step.connection);
          ids.Opened(step.connection);
          break;
        case Step::Kind::kDisconnect:
          blocked.erase(step.connection);
          front.Disconnect(step.connection);
          break;
      }
    }
    const auto left = front.End();
    if (!good) return false;
    for (const auto& [connection, reply] : left) {
      complain(c.file + ":" + std::to_string(c.line + 1) + ": " + c.name + "\n    [" + front.name() + ", " +
               Form(replay) + "] nobody received, on connection " + std::to_string(connection) + ":\n" +
               Indented(reply));
      good = false;
    }
  } catch (const std::exception& e) {
    const Step& step = c.steps[std::min(at, c.steps.size() - 1)];
    complain(Where(c, step) + ": " + c.name + "\n    [" + front.name() + ", " + Form(replay) + "] " + StepText(step) +
             "\n    failed: " + e.what() + "\n");
    return false;
  }
  return good;
}

void ComplainDiffers(const CaseFront& front, const Case& c, const Step& step, const Replay& replay,
                     const std::optional<ReplyTree>& expected, const ReplyTree& actual, const Complain& complain) {
  complain(Where(c, step) + ": " + c.name + "\n    [" + front.name() + ", " + Form(replay) + "] " + StepText(step) +
           "\n    expected:\n" + (expected ? Indented(*expected) : "      (not recorded)\n") + "    got:\n" +
           Indented(actual));
}

}  // namespace

std::optional<LeftOut> WhyLeftOut(const CaseFront& front, const Case& c) {
  for (const auto& [name, reason] : c.except) {
    if (name == front.name()) return LeftOut::kExcepted;
  }
  if (front.version() < c.since || (c.before != 0 && front.version() >= c.before)) return LeftOut::kVersion;
  if (!front.has_manual_clock()) {
    if (c.embedded_only) return LeftOut::kManualClock;
    for (const Step& step : c.steps) {
      if (step.advance > kLongestSleep) return LeftOut::kManualClock;
    }
  }
  if (auto reason = front.Refuses(c)) return reason;
  if (Forms(front, c).empty()) {
    const std::vector<Encoding> encodings = front.encodings();
    const bool encoding = std::find_first_of(encodings.begin(), encodings.end(), c.encodings.begin(),
                                             c.encodings.end()) != encodings.end();
    return encoding ? LeftOut::kProtocol : LeftOut::kEncoding;
  }
  return std::nullopt;
}

bool ReplayCase(CaseFront& front, const Case& c, Tally* tally, const Complain& complain) {
  if (const auto reason = WhyLeftOut(front, c)) {
    ++tally->left_out[*reason];
    return true;
  }
  bool good = true;
  for (const Replay& replay : Forms(front, c)) {
    ++tally->replays;
    good = Walk(front, c, replay, complain, [&](size_t at, ReplyTree actual) {
      const Step& step = c.steps[at];
      auto expected = step.Expected(replay.protocol);
      if (c.protocols.size() == 1) expected = step.reply;
      if (expected) expected = front.Narrow(step.words, *std::move(expected));
      if (expected && Matches(*expected, actual, step.order)) return true;
      ComplainDiffers(front, c, step, replay, expected, actual, complain);
      return false;
    });
    if (!good) break;  // the other forms would say the same again
  }
  ++tally->cases;
  if (!good) ++tally->failed;
  return good;
}

bool RecordCase(CaseFront& front, Case* c, const Complain& complain) {
  if (WhyLeftOut(front, *c)) return true;
  bool good = true;
  // By step: the replies in the first and the second protocol.
  std::vector<std::optional<ReplyTree>> seen[2];
  for (auto& replies : seen) replies.resize(c->steps.size());
  for (const Replay& replay : Forms(front, *c)) {
    auto& replies = seen[replay.protocol == c->protocols[0] ? 0 : 1];
    if (!good) break;
    good = Walk(front, *c, replay, complain, [&](size_t at, ReplyTree actual) {
      const Step& step = c->steps[at];
      const auto expected = c->protocols.size() == 1 ? step.reply : step.Expected(replay.protocol);
      if (expected && HasMatcher(*expected)) {
        if (Matches(*expected, actual, step.order)) return true;
        ComplainDiffers(front, *c, step, replay, expected, actual, complain);
        return false;
      }
      if (!replies[at]) {
        replies[at] = SortedForRecording(std::move(actual), step.order);
        return true;
      }
      if (Matches(*replies[at], actual, step.order)) return true;
      ComplainDiffers(front, *c, step, replay, replies[at], actual, complain);
      return false;
    });
  }
  if (!good) return false;
  for (size_t at = 0; at < c->steps.size(); ++at) {
    Step& step = c->steps[at];
    const bool matched = step.reply && HasMatcher(*step.reply);
    if (seen[0][at] && !matched) step.reply = seen[0][at];
    if (!seen[1][at] || !step.reply) continue;
    step.reply3.reset();
    const ReplyTree implied = ImpliedInResp3(*step.reply);
    if (!Matches(implied, *seen[1][at], step.order)) step.reply3 = seen[1][at];
  }
  return true;
}

std::string Describe(const CaseFront& front, const Tally& tally) {
  std::string text = front.name() + ": " + std::to_string(tally.cases) + " cases in " + std::to_string(tally.replays) +
                     " replays, " + std::to_string(tally.failed) + " failed";
  const char* separator = "; left out: ";
  for (const auto& [reason, count] : tally.left_out) {
    text += separator + std::to_string(count) + " " + std::string(LeftOutName(reason));
    separator = ", ";
  }
  return text;
}

}  // namespace dualis::cases
