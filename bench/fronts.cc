// What a front costs: one command on one engine as a typed struct, as words, and as RESP bytes that are parsed, run and
// encoded, all in this process. The peer of words and RESP is the typed call.
#include <memory>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "dualis/commands/lists.h"
#include "dualis/commands/strings.h"
#include "dualis/engine.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"

namespace dualis::bench {
namespace {

const std::string kKey = "a-key-of-16-byte";
const std::string kValue = "0123456789abcdef";

struct Home {
  std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  std::unique_ptr<Session> session = engine->Connect();

  Home() {
    session->Run(cmd::Set{.key = kKey, .value = kValue}).value();
    session->Run(cmd::Set{.key = "number", .value = "1"}).value();
    for (int i = 0; i < 100; ++i) session->Run(cmd::RPush{"list", {kValue}}).value();
  }
};

enum class Front { kWords, kResp };

template <class C>
Measured Compare(const Plan& plan, size_t full, Front front, const C& command, std::vector<Arg> words) {
  Home home;
  const size_t n = plan.Scale(full, 5);
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const Arg& word : words) {
    char buffer[Arg::kTextBytes];
    const Bytes text = word.Text(buffer);
    request.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
  }
  resp::RequestParser parser;
  std::string out;
  return Alternate(
      plan,
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) {
            if (front == Front::kWords) {
              Into<typename C::Reply> sink;
              home.session->Execute(words, sink);
              Keep(sink);
            } else {
              parser.Feed(request);
              parser.Next();
              out.clear();
              resp::Encoder encoder(&out, 2);
              home.session->Execute(parser.args(), encoder);
            }
          }
        });
      },
      [&] {
        return TimePer(n, [&] {
          for (size_t i = 0; i < n; ++i) Keep(home.session->Run(command));
        });
      });
}

Measured Get(const Plan& plan, Front front) { return Compare(plan, 1'000'000, front, cmd::Get{kKey}, {"GET", kKey}); }
Measured Set(const Plan& plan, Front front) {
  return Compare(plan, 1'000'000, front, cmd::Set{.key = kKey, .value = kValue}, {"SET", kKey, kValue});
}
Measured IncrBy(const Plan& plan, Front front) {
  return Compare(plan, 1'000'000, front, cmd::IncrBy{"number", 3}, {"INCRBY", "number", 3});
}
Measured LRange(const Plan& plan, Front front) {
  return Compare(plan, 100'000, front, cmd::LRange{"list", 0, -1}, {"LRANGE", "list", 0, -1});
}

}  // namespace

std::vector<Figure> FrontFigures() {
  return {
      {"front_get_words", "GET as words; typed", [](const Plan& p) { return Get(p, Front::kWords); }},
      {"front_get_resp", "GET as RESP bytes; typed", [](const Plan& p) { return Get(p, Front::kResp); }},
      {"front_set_words", "SET as words; typed", [](const Plan& p) { return Set(p, Front::kWords); }},
      {"front_set_resp", "SET as RESP bytes; typed", [](const Plan& p) { return Set(p, Front::kResp); }},
      {"front_incrby_words", "INCRBY as words; typed", [](const Plan& p) { return IncrBy(p, Front::kWords); }},
      {"front_incrby_resp", "INCRBY as RESP bytes; typed", [](const Plan& p) { return IncrBy(p, Front::kResp); }},
      {"front_lrange_words", "LRANGE of 100 as words; typed", [](const Plan& p) { return LRange(p, Front::kWords); }},
      {"front_lrange_resp", "LRANGE of 100 as RESP bytes; typed",
       [](const Plan& p) { return LRange(p, Front::kResp); }},
  };
}

}  // namespace dualis::bench
