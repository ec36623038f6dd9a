// Commands of users. Their rows share these functions, which find the body in the row: a typed call carries it, and for
// words the engine's table has it.
#include "dualis/plugin.h"

#include "engine/command/describe.h"
#include "engine/command/exec.h"
#include "engine/command/outcome.h"

namespace dualis {

TimeMs PluginTurn::now() const { return exec_.now(); }

Error PluginTurn::Call(Args words, ReplySink& reply) {
  if (words.empty()) return Error(ErrorCode::kUsage, "ERR a command without a name");
  Error unknown;
  const CommandRow* row = exec_.commands().Find(words, &unknown);
  if (row != nullptr && row->is(kWrite) && !writes_) {
    return Error(ErrorCode::kUsage, "ERR a command that is registered as read-only called one that writes");
  }
  Outcome outcome = exec_.Call(words, reply);
  return outcome.error();
}

namespace plugin_internal {
namespace {

Outcome RunBody(Exec& exec, const PluginRow& row, Args words, ReplySink& reply) {
  // The commands that it calls tell their effects themselves.
  exec.NoEffect();
  PluginTurn turn(exec, row.is(kWrite));
  return row.body(turn, words, reply);
}

bool IsKey(const PluginWords& shape, size_t index, size_t count) {
  if (shape.first_key <= 0 || index < static_cast<size_t>(shape.first_key)) return false;
  const auto last = shape.last_key < 0 ? static_cast<int64_t>(count) + shape.last_key : int64_t{shape.last_key};
  return static_cast<int64_t>(index) <= last &&
         (index - static_cast<size_t>(shape.first_key)) % static_cast<size_t>(shape.step) == 0;
}

}  // namespace

Outcome RunCall(Exec& exec, const void* self, ReplySink& reply) {
  const auto& call = *static_cast<const AnyCall*>(self);
  const std::vector<Arg> words(call.words.begin(), call.words.end());
  return RunBody(exec, *call.row, words, reply);
}

Outcome RunWords(Exec& exec, Args argv, ReplySink& reply) {
  Error unknown;
  // Requires: only rows of this kind lead here.
  const auto* row = static_cast<const PluginRow*>(exec.commands().Find(argv, &unknown));
  if (row == nullptr) return unknown;
  return RunBody(exec, *row, argv.subspan(1), reply);
}

void Encode(const void* self, ArgList& out) {
  const auto& call = *static_cast<const AnyCall*>(self);
  out.Add(call.row->name());
  for (Bytes word : call.words) out.Add(word);
}

Error Check(const void* self) {
  const auto& call = *static_cast<const AnyCall*>(self);
  if (call.row->describe().Accepts(call.words.size() + 1)) return Error();
  return errors::WrongArity(call.row->name());
}

void MapCall(const void* self, KeyMapper& mapper, void* context, void (*visit)(void*, const void*)) {
  const auto& call = *static_cast<const AnyCall*>(self);
  std::vector<Bytes> words(call.words.begin(), call.words.end());
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsKey(call.row->shape, i + 1, words.size() + 1)) words[i] = mapper.MapKey(words[i]);
  }
  const AnyCall mapped{call.row, Many<Bytes>::Owning(std::move(words))};
  visit(context, &mapped);
}

Error MapWords(const PluginWords& shape, Args argv, KeyMapper& mapper, ArgList& out) {
  char buffer[Arg::kTextBytes];
  for (size_t i = 0; i < argv.size(); ++i) {
    if (IsKey(shape, i, argv.size())) {
      out.Own(mapper.MapKey(argv[i].Text(buffer)));
    } else if (argv[i].is_bytes()) {
      out.Own(argv[i].bytes);
    } else {
      out.Add(argv[i]);
    }
  }
  return Error();
}

const CommandDescription& NewDescription(const CommandInfo& info, const PluginWords& shape) {
  auto* description = new CommandDescription;
  description->arity = shape.arity;
  if (shape.first_key > 0) {
    KeySpec spec;
    spec.use = info.flags & kWrite ? kKeyRW | kKeyUpdate : kKeyRO | kKeyAccess;
    spec.index = shape.first_key;
    spec.last = shape.last_key < 0 ? shape.last_key : shape.last_key - shape.first_key;
    spec.step = shape.step;
    description->keys.push_back(spec);
  }
  return *description;
}

Error Add(Engine& engine, const PluginRow& row) {
  const Bytes name = row.name();
  bool fits = !name.empty();
  for (char c : name) fits &= c > ' ' && c < 0x7f && !(c >= 'a' && c <= 'z');
  const PluginWords& shape = row.shape;
  fits &= shape.arity != 0 && shape.first_key >= 0 && shape.step > 0 &&
          (shape.last_key < 0 || shape.last_key >= shape.first_key);
  if (!fits) return Error(ErrorCode::kUsage, "ERR the name or the words of a registered command make no sense");
  return engine.commands().Add(row);
}

}  // namespace plugin_internal
}  // namespace dualis
