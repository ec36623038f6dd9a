// A command of one's own and a script function of one's own: registered once, used from everywhere.
#include <algorithm>
#include <iostream>

#include "dualis/client.h"
#include "dualis/client_script.h"
#include "dualis/plugin.h"
#include "dualis/script_function.h"

namespace {

using dualis::Result;
namespace script = dualis::script;

// ACME.TOP key: the greatest of a list of numbers, or null.
struct Top {
  static constexpr dualis::CommandInfo kInfo{"ACME.TOP", dualis::kReadOnly, dualis::Group::kList, "1.0.0",
                                             "The greatest number of a list."};
  static constexpr dualis::PluginWords kWords{.arity = 2, .first_key = 1, .last_key = 1};
  using Reply = std::optional<double>;
  static dualis::Error Run(dualis::PluginTurn& turn, dualis::Args words, dualis::ReplySink& reply) {
    const auto items = turn.Ask<std::vector<double>>({"LRANGE", words[0], 0, -1});
    if (!items) return items.error();
    if (items->empty()) {
      reply.Null();
    } else {
      reply.Double(*std::max_element(items->begin(), items->end()));
    }
    return {};
  }
};

// clamp(x, low, high), for the engine and for a server.
script::External Clamp() {
  return script::RegisterFunction({.name = "acme.clamp",
                                   .arguments = "n n n",
                                   .result = "n",
                                   .native = [](std::span<const script::Value> a) -> Result<script::Value> {
                                     return script::Value(
                                         std::min(std::max(a[0].number(), a[1].number()), a[2].number()));
                                   },
                                   .lua = "function(x, low, high) return math.min(math.max(x, low), high) end",
                                   .rows = {{{5, 0, 3}, 3}, {{-1, 0, 3}, 0}, {{2, 0, 3}, 2}}})
      .value();
}

}  // namespace

int main() {
  const std::shared_ptr<dualis::Engine> engine = dualis::Engine::Create();
  if (dualis::Error error = dualis::RegisterCommand<Top>(*engine)) {
    std::cerr << error.message() << "\n";
    return 1;
  }
  dualis::Client client = dualis::Client::On(engine);
  client.rpush("numbers", "3", "7.5", "2").value();

  std::cout << "typed:   " << client.Run(dualis::PluginCall<Top>({"numbers"})).value().value() << "\n";
  std::cout << "words:   " << client.command_as<std::string>({"ACME.TOP", "numbers"}).value() << "\n";
  std::cout << "in Lua:  "
            << client.command_as<std::string>({"EVAL", "return redis.call('ACME.TOP', KEYS[1])", 1, "numbers"}).value()
            << "\n";

  script::FnContext ctx("clamped_top");
  const script::Expr key = ctx.add_key("numbers"), most = ctx.add_arg("most");
  ctx.return_(Clamp()(script::ToNum(ctx.call("ACME.TOP", key)), 0, most));
  const dualis::Script clamped = client.register_script(ctx).value();
  std::cout << "script:  " << clamped({{"numbers", "numbers"}}, {{"most", 5}}).value().ToText() << "\n";
}
