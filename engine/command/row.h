// Row<C>::value: everything the fronts need of a command, derived from its struct. Include this where Run is defined,
// and only there: the Add<C>() line at the end of a family's file instantiates it.
#ifndef DUALIS_ENGINE_COMMAND_ROW_H_
#define DUALIS_ENGINE_COMMAND_ROW_H_

#include <optional>
#include <string>

#include "dualis/command.h"
#include "dualis/into.h"
#include "engine/command/all.h"
#include "engine/command/describe.h"
#include "engine/command/encode.h"
#include "engine/command/outcome.h"
#include "engine/command/parse.h"
#include "engine/command/prepare.h"

namespace dualis {

// Emits a returned value as the reply.
inline void Emit(ReplySink& sink, int64_t value) { sink.Int(value); }
inline void Emit(ReplySink& sink, bool value) { sink.Int(value ? 1 : 0); }
inline void Emit(ReplySink& sink, double value) { sink.Double(value); }
inline void Emit(ReplySink& sink, Ack) { sink.Simple("OK"); }
inline void Emit(ReplySink& sink, Bytes value) { sink.Bulk(value); }
inline void Emit(ReplySink& sink, const std::string& value) { sink.Bulk(value); }
template <class T>
void Emit(ReplySink& sink, const std::optional<T>& value) {
  if (value) {
    Emit(sink, *value);
  } else {
    sink.Null();
  }
}

namespace row_internal {

template <class C>
Outcome RunTyped(Exec& x, const void* self, ReplySink& sink) {
  const C& command = *static_cast<const C*>(self);
  if constexpr (requires { Run(x, command, sink); }) {
    return Run(x, command, sink);
  } else {
    auto result = Run(x, command);
    if (!result) return result.error();
    Emit(sink, *result);
    return Outcome();
  }
}

template <class C>
Outcome ParseAndRun(Exec& x, Args argv, ReplySink& sink) {
  Arena arena;
  C command{};
  if (Error error = Parse(command, argv, arena)) return error;
  return RunTyped<C>(x, &command, sink);
}

template <class C>
void Encode(const void* self, ArgList& out) {
  Encoder encoder(C::kInfo, out);
  C::Syntax(*static_cast<const C*>(self), encoder);
}

template <class C>
Error Check(const void* self) {
  Checker checker(C::kInfo);
  C::Syntax(*static_cast<const C*>(self), checker);
  return checker.Finish();
}

template <class C>
void MapKeys(const void* self, KeyMapper& mapper, void* context, void (*visit)(void*, const void*)) {
  C copy = *static_cast<const C*>(self);
  NameMapper names(mapper);
  C::Syntax(copy, names);
  visit(context, &copy);
}

template <class C>
Error ParseAndMap(Args argv, KeyMapper& mapper, ArgList& out) {
  Arena arena;
  C command{};
  if (Error error = Parse(command, argv, arena)) return error;
  NameMapper names(mapper);
  C::Syntax(command, names);
  if (names.error()) return names.error();
  // The words may lie in the arena, which ends here.
  ArgList words;
  Encode<C>(&command, words);
  for (const Arg& word : words.args()) {
    if (word.is_bytes()) {
      out.Own(word.bytes);
    } else {
      out.Add(word);
    }
  }
  return Error();
}

template <class C>
std::unique_ptr<PreparedCommand> Prepare(Args argv, uint64_t unknown) {
  auto* command = new C{};
  auto made = PreparedCommand::Own(command, sizeof(C), [](void* self) { delete static_cast<C*>(self); });
  Holes holes(argv, unknown);
  if (Parse(*command, argv, made->arena(), &holes) || !made->Keep(holes, &Check<C>)) return nullptr;
  return made;
}

}  // namespace row_internal

template <class C>
const CommandRow Row<C>::value = {
    &C::kInfo,
    &row_internal::RunTyped<C>,
    &row_internal::ParseAndRun<C>,
    &row_internal::Encode<C>,
    &row_internal::Check<C>,
    &row_internal::MapKeys<C>,
    &row_internal::ParseAndMap<C>,
    &Describe<C>,
    kReplyType<typename C::Reply>,
    &row_internal::Prepare<C>,
};

// The row of a command, for a family's list.
template <class C>
constexpr const CommandRow* Add() {
  return &Row<C>::value;
}

// A typed form of a command that is in a list already: another Reply, fixed options. It has a row, but no place in the
// table.
template <class C>
constexpr const CommandRow* AddForm() {
  return &Row<C>::value;
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_ROW_H_
