#include "client/calls/core.h"

#include <algorithm>
#include <array>

#include "client/prefix/strip_sink.h"
#include "engine/command/describe.h"
#include "engine/command/errors.h"

namespace dualis::client {
namespace {

struct Refused {
  Bytes name;
  Bytes instead;
};

// Commands that change the connection they run on, which here is whichever was free.
constexpr Refused kActOnConnection[] = {
    {"SELECT", "give the database in the configuration"},
    {"AUTH", "give user and password in the configuration"},
    {"HELLO", "give the protocol in the configuration"},
    {"RESET", "connections are reset by the client"},
    {"QUIT", "connections are closed by the client"},
    {"MULTI", "use client.transaction() or client.pipeline(Atomicity::kTransaction)"},
    {"EXEC", "use client.transaction() or client.pipeline(Atomicity::kTransaction)"},
    {"DISCARD", "use client.transaction()"},
    {"WATCH", "use client.transaction()"},
    {"UNWATCH", "use client.transaction()"},
    {"SUBSCRIBE", "use client.subscribe()"},
    {"PSUBSCRIBE", "use client.psubscribe()"},
    {"SSUBSCRIBE", "channels of shards are not offered; use client.subscribe()"},
    {"UNSUBSCRIBE", "use client.subscribe()"},
    {"PUNSUBSCRIBE", "use client.psubscribe()"},
    {"SUNSUBSCRIBE", "channels of shards are not offered; use client.subscribe()"},
    {"MONITOR", "it takes a connection for itself"},
    {"SYNC", "it takes a connection for itself"},
    {"PSYNC", "it takes a connection for itself"},
    {"CLIENT REPLY", "the client reads every reply"},
    {"CLIENT TRACKING", "connections are shared"},
    {"ASKING", "it belongs to one connection"},
    {"READONLY", "it belongs to one connection"},
    {"READWRITE", "it belongs to one connection"},
};

// Commands that reach the keys of others, which a prefix promises not to do.
constexpr Refused kReachBeyondPrefix[] = {
    {"FLUSHALL", "flush_prefix() removes this client's keys, unprefixed().flushall() those of everybody"},
    {"FLUSHDB", "flush_prefix() removes this client's keys, unprefixed().flushdb() those of everybody"},
    {"SWAPDB", "use unprefixed()"},
    {"RANDOMKEY", "use unprefixed(), or scan_iter()"},
};

Error Usage(Bytes name, Bytes why, Bytes instead) {
  std::string text = "ERR ";
  text.append(name).append(" cannot be sent by a client with ").append(why).append(": ").append(instead);
  return Error(ErrorCode::kUsage, text);
}

const Refused* Find(std::span<const Refused> table, Bytes name) {
  for (const Refused& refused : table) {
    if (refused.name == name) return &refused;
  }
  return nullptr;
}

std::string UpperCase(Bytes text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

}  // namespace

Request ClientCore::Named(Args words) const {
  Error unknown;
  return Request(words, words.empty() ? nullptr : backend_->commands().Find(words, &unknown));
}

Error ClientCore::Refusal(const Request& request) const {
  std::string own_name;
  Bytes name;
  if (request.row() != nullptr) {
    // All of them may be sent to a server that is still loading; few other commands may, so most are done here.
    if (prefix_.empty() && !request.is(kStale | kLoading | kNotQueued)) return {};
    name = request.row()->name();
  } else {
    ArgList none;
    const Args words = request.words(none);
    if (words.empty()) return Error(ErrorCode::kUsage, "ERR a command has at least its name");
    char buffer[Arg::kTextBytes];
    own_name = UpperCase(words[0].Text(buffer));
    if (own_name == "CLIENT" && words.size() > 1) own_name += " " + UpperCase(words[1].Text(buffer));
    name = own_name;
  }
  const bool pinned = connection_ == Connection::kPinned && (name == "WATCH" || name == "UNWATCH");
  if (const Refused* refused = pinned ? nullptr : Find(kActOnConnection, name)) {
    return Usage(name, "many connections", refused->instead);
  }
  if (prefix_.empty()) return {};
  if (request.row() == nullptr) {
    return Usage(name, "a prefix", "it is not known which of its words are keys; use unprefixed()");
  }
  if ((name == "SORT" || name == "SORT_RO") && prefix_.plain.find('*') != std::string::npos) {
    return Usage(name, "a star in its prefix", "patterns would put the element there; use unprefixed()");
  }
  if (const Refused* refused = Find(kReachBeyondPrefix, name)) return Usage(name, "a prefix", refused->instead);
  return {};
}

template <class F>
Error ClientCore::WithPrefix(const Request& request, F&& use) const {
  PrefixMapper mapper(prefix_);
  const CommandRow& row = *request.row();
  if (request.self() != nullptr) {
    struct Visit {
      const CommandRow& row;
      F& use;
      Error error;
    } visit{row, use, {}};
    row.map_keys(request.self(), mapper, &visit, [](void* context, const void* mapped) {
      auto& v = *static_cast<Visit*>(context);
      v.error = v.use(Request(Command(v.row, mapped)));
    });
    return visit.error;
  }
  ArgList none;
  ArgList mapped;
  // Redis looks at the number of words first.
  if (!row.describe().Accepts(request.words(none).size())) return errors::WrongArity(row.name());
  if (Error error = row.parse_and_map(request.words(none), mapper, mapped)) return error;
  return use(Request(mapped.args(), &row));
}

Error ClientCore::Call(const Request& request, ReplySink& sink, const CallOptions& options) const {
  if (Error refusal = Refusal(request)) return refusal;
  if (prefix_.empty()) return backend_->Execute(request, sink, options);
  if (!NamesKeys(request.row()->reply)) {
    return WithPrefix(request, [&](const Request& mapped) { return backend_->Execute(mapped, sink, options); });
  }
  StripSink strip(sink, prefix_.plain, request.row()->reply);
  return WithPrefix(request, [&](const Request& mapped) { return backend_->Execute(mapped, strip, options); });
}

Error ClientCore::Queue(const Request& request, CommandBuffer& buffer, const ReplyType** key_names) const {
  *key_names = nullptr;
  if (Error refusal = Refusal(request)) return refusal;
  if (prefix_.empty()) {
    buffer.Add(request);
    return {};
  }
  if (NamesKeys(request.row()->reply)) *key_names = request.row()->reply;
  return WithPrefix(request, [&](const Request& mapped) { return buffer.Add(mapped), Error(); });
}

Result<std::shared_ptr<LoadedScript>> ClientCore::Load(const script::Program& program, ScriptForm form) const {
  const auto name = std::pair(&program.data(), form);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = ready_.find(name); found != ready_.end()) return found->second.script;
  }
  Result<std::shared_ptr<LoadedScript>> loaded = backend_->Load(program, form);
  if (!loaded) return loaded;
  const std::lock_guard lock(mutex_);
  constexpr size_t kMost = 256;
  if (ready_.size() >= kMost) ready_.clear();
  return ready_.try_emplace(name, Ready{program, *loaded}).first->second.script;
}

}  // namespace dualis::client
