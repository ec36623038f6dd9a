// Commands of your own on an engine, written once and there for everyone: sessions by words, typed calls, pipelines and
// MULTI, RESP, redis.call of Lua, scripts. A command is a type:
//
//   // ACME.TOP key: the greatest element of a list of numbers.
//   struct Top {
//     static constexpr CommandInfo kInfo{"ACME.TOP", kReadOnly, Group::kList, "1.0.0", "The greatest number."};
//     static constexpr PluginWords kWords{.arity = 2, .first_key = 1, .last_key = 1};
//     using Reply = std::optional<double>;  // for typed callers; AnyReply if it is left out
//
//     static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
//       const auto items = turn.Ask<std::vector<std::string>>({"LRANGE", words[0], 0, -1});
//       if (!items) return items.error();                // WRONGTYPE, say
//       ...
//       reply.Double(greatest);
//       return {};
//     }
//   };
//
//   RegisterCommand<Top>(*engine);                       // before the first Connect()
//
// The positions of its keys are all that ACL, prefixes of clients, COMMAND GETKEYS and scripts need to treat it as a
// built-in command. A client of a server has no such table: with a prefix it runs the typed form only.
//
// A body runs as part of a turn: nothing comes between its commands, time stands still, and what it wrote stays if it
// then fails, as with a script. It may call all commands that scripts may. Its flags are believed: without kWrite it
// may not call what writes. What a log or a replica gets are the effects of the commands that it called.
#ifndef DUALIS_PLUGIN_H_
#define DUALIS_PLUGIN_H_

#include <initializer_list>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/engine.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis {

// The words of a command as COMMAND INFO tells of them: cluster routing, access control and prefixes go by it.
struct PluginWords {
  int arity = -1;     // the name included; negative: at least so many
  int first_key = 0;  // 0: no word is a key
  int last_key = 0;   // negative: counted from the end
  int step = 1;
};

// What the body of a command may do. Valid while the body runs.
class PluginTurn {
 public:
  PluginTurn(Exec& exec, bool writes) : exec_(exec), writes_(writes) {}
  PluginTurn(const PluginTurn&) = delete;
  PluginTurn& operator=(const PluginTurn&) = delete;

  // Unix milliseconds; the same in the whole turn.
  TimeMs now() const;
  // Runs a command and sends its reply to the sink. The Error is one that stands in place of a reply.
  Error Call(Args words, ReplySink& reply);
  // The same with the reply as a T; an error reply is the error.
  template <class T>
  Result<T> Ask(std::initializer_list<Arg> words) {
    return Ask<T>(Args(words.begin(), words.size()));
  }
  template <class T>
  Result<T> Ask(Args words) {
    Into<T> into;
    if (Error error = Call(words, into)) return error;
    return std::move(into).Take();
  }

 private:
  Exec& exec_;
  const bool writes_;
};

namespace plugin_internal {

using Body = Error (*)(PluginTurn&, Args words, ReplySink& reply);

// What the engine's functions for all of these commands need of one of them.
struct PluginRow : CommandRow {
  Body body;
  PluginWords shape;
};

// A typed call: the row and the words after the name.
struct AnyCall {
  const PluginRow* row;
  Many<Bytes> words;
};

Outcome RunCall(Exec& exec, const void* self, ReplySink& reply);
Outcome RunWords(Exec& exec, Args argv, ReplySink& reply);
void Encode(const void* self, ArgList& out);
Error Check(const void* self);
void MapCall(const void* self, KeyMapper& mapper, void* context, void (*visit)(void* context, const void* mapped));
Error MapWords(const PluginWords& shape, Args argv, KeyMapper& mapper, ArgList& out);
// Made once for each command, and never taken apart.
const CommandDescription& NewDescription(const CommandInfo& info, const PluginWords& shape);
Error Add(Engine& engine, const PluginRow& row);

template <class P>
struct ReplyIs {
  using Type = AnyReply;
};
template <class P>
requires requires { typename P::Reply; }
struct ReplyIs<P> {
  using Type = typename P::Reply;
};

}  // namespace plugin_internal

// A call of such a command by a typed caller: client.run(PluginCall<Top>({"numbers"})).
template <class P>
struct PluginCall : plugin_internal::AnyCall {
  static constexpr const CommandInfo& kInfo = P::kInfo;
  using Reply = typename plugin_internal::ReplyIs<P>::Type;
  explicit PluginCall(Many<Bytes> words);
};

template <class P>
struct Row<PluginCall<P>> {
 private:
  static Error Map(Args argv, KeyMapper& mapper, ArgList& out) {
    return plugin_internal::MapWords(P::kWords, argv, mapper, out);
  }
  static const CommandDescription& Describe() {
    static const CommandDescription& description = plugin_internal::NewDescription(P::kInfo, P::kWords);
    return description;
  }

 public:
  static inline const plugin_internal::PluginRow value = {
      {&P::kInfo, &plugin_internal::RunCall, &plugin_internal::RunWords, &plugin_internal::Encode,
       &plugin_internal::Check, &plugin_internal::MapCall, &Map, &Describe,
       kReplyType<typename plugin_internal::ReplyIs<P>::Type>},
      &P::Run,
      P::kWords};
};

template <class P>
PluginCall<P>::PluginCall(Many<Bytes> w) : AnyCall{&Row<PluginCall<P>>::value, std::move(w)} {}

// Adds the command to an engine; it replaces a built-in one of that name. An error after the first Connect(), and if
// the name is not in upper case or the shape of the words makes no sense.
template <class P>
Error RegisterCommand(Engine& engine) {
  return plugin_internal::Add(engine, Row<PluginCall<P>>::value);
}

}  // namespace dualis

#endif  // DUALIS_PLUGIN_H_
