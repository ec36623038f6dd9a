// Commands of a connection.
#include "dualis/commands/connection.h"

#include "dualis/commands/clients.h"
#include "dualis/redis_version.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"

namespace dualis::cmd {
namespace {

Error HelloOption(Bytes word) { return errors::Named("ERR Syntax error in HELLO option '", std::string(word) + "'"); }

}  // namespace

Outcome Run(Exec& x, const Ping& c, ReplySink& sink) {
  if (x.session().protocol() == 2 && x.session().subscriptions() + x.session().shard_subscriptions() > 0) {
    // What a RESP2 subscriber can tell from a message.
    sink.Begin(Shape::kArray, 2);
    sink.Bulk("pong");
    sink.Bulk(c.message.value_or(Bytes()));
    sink.End();
  } else if (c.message) {
    sink.Bulk(*c.message);
  } else {
    sink.Simple("PONG");
  }
  return Outcome();
}

Outcome Run(Exec&, const Echo& c, ReplySink& sink) {
  sink.Bulk(c.message);
  return Outcome();
}

Result<Ack> Run(Exec& x, const Select& c) {
  if (c.index < INT32_MIN || c.index > INT32_MAX) return Error(&errors::kNotInt32);
  if (c.index < 0 || c.index >= x.host().databases()) return Error(&errors::kDbOutOfRange);
  // A script's SELECT ends with the script.
  if (!x.in_script()) {
    if (Error error = x.session().Select(c.index)) return error;
  }
  x.UseDb(static_cast<int>(c.index));
  return Ack{};
}

Result<Ack> Run(Exec& x, const Auth& c) {
  if (c.words.size() == 1 && !x.session().needs_password()) return Error(&errors::kAuthNoPassword);
  const Bytes user = c.words.size() == 1 ? Bytes("default") : c.words[0];
  if (Error error = x.session().Authenticate("AUTH", user, c.words[c.words.size() - 1])) return error;
  return Ack{};
}

Outcome Run(Exec& x, const Hello& c, ReplySink& sink) {
  int64_t version = x.session().protocol();
  if (c.protover) {
    if (!c.protover->Get(&version)) return Error(&errors::kProtocolNotInteger);
    if (version < 2 || version > 3) return Error(&errors::kNoProto);
  }
  std::optional<std::pair<Bytes, Bytes>> credentials;
  std::optional<Bytes> name;
  for (size_t i = 0; i < c.options.size(); ++i) {
    const size_t more = c.options.size() - 1 - i;
    if (IsWord(c.options[i], "AUTH") && more >= 2) {
      credentials.emplace(c.options[i + 1], c.options[i + 2]);
      i += 2;
    } else if (IsWord(c.options[i], "SETNAME") && more >= 1) {
      name = c.options[++i];
      if (!IsClientName(*name)) return Error(&errors::kClientNameChars);
    } else {
      return HelloOption(c.options[i]);
    }
  }
  if (credentials) {
    if (Error error = x.session().Authenticate("HELLO", credentials->first, credentials->second)) return error;
  }
  if (!x.session().authenticated()) return Error(&errors::kHelloNoAuth);
  if (name) x.session().set_name(*name);
  x.session().set_protocol(static_cast<int>(version));
  sink.Begin(Shape::kMap, 7);
  sink.Bulk("server");
  sink.Bulk("redis");
  sink.Bulk("version");
  sink.Bulk(kRedisVersion);
  sink.Bulk("proto");
  sink.Int(version);
  sink.Bulk("id");
  sink.Int(x.session().id());
  sink.Bulk("mode");
  sink.Bulk("standalone");
  sink.Bulk("role");
  sink.Bulk("master");
  sink.Bulk("modules");
  sink.Begin(Shape::kArray, 0);
  sink.End();
  sink.End();
  return Outcome();
}

Result<Ack> Run(Exec& x, const Quit&) {
  x.session().Quit();
  return Ack{};
}

Outcome Run(Exec& x, const Reset&, ReplySink& sink) {
  x.session().Reset();
  sink.Simple("RESET");
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family ConnectionCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<Auth>(), Add<Echo>(), Add<Hello>(), Add<Ping>(), Add<Quit>(), Add<cmd::Reset>(), Add<Select>(),
  };
  return {kCommands};
}

}  // namespace dualis
