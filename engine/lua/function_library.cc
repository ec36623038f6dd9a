#include "engine/lua/function_library.h"

#include <algorithm>
#include <utility>

#include "engine/lua/library_text.h"
#include "engine/lua/register_function.h"

namespace dualis::lua {
namespace {

constexpr char kChunk[] = "@user_function";
// About half a second, which Redis gives a library.
constexpr uint64_t kLoadSteps = 30'000'000;
constexpr Error::Rep kNoFunctions = {ErrorCode::kErr, "ERR No functions registered"};
constexpr Error::Rep kNested = {ErrorCode::kErr, "ERR This Redis command is not allowed from script"};
constexpr Error::Rep kNoMemory = {ErrorCode::kOom, "OOM out of memory"};

std::string LowerCase(Bytes name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

}  // namespace

Result<std::shared_ptr<const FunctionLibraries::Library>> FunctionLibraries::Create(std::string name, Bytes code,
                                                                                    Bytes text) {
  if (Error error = runner_.Open()) return error;
  auto library = std::make_shared<Library>(runner_);
  library->info.name = std::move(name);
  library->info.code = text;
  library->last_return = LineOfLastReturn(code);
  std::string wrong;
  const int chunk = runner_.Compile(code, kChunk, &wrong);
  if (chunk == LUA_NOREF) return Error(ErrorCode::kErr, "ERR Error compiling function: " + wrong);
  Registration registration;
  bool loaded = false;
  {
    LoadingGlobals globals(runner_.L(), registration);
    loaded = globals.ready() && runner_.RunLoading(chunk, kLoadSteps, &wrong);
    if (!globals.ready()) wrong = kNoMemory.text;
  }
  runner_.Release(chunk);
  library->references = std::move(registration.references);
  library->info.functions = std::move(registration.functions);
  if (!loaded) return Error(ErrorCode::kErr, "ERR Error registering functions: " + wrong);
  if (library->info.functions.empty()) return Error(&kNoFunctions);
  return std::shared_ptr<const Library>(std::move(library));
}

Error FunctionLibraries::Join(Set& set, std::shared_ptr<const Library> library) {
  for (size_t i = 0; i < library->info.functions.size(); ++i) {
    const std::string& name = library->info.functions[i].name;
    const auto [at, fresh] = set.functions.try_emplace(LowerCase(name), Place{library.get(), i});
    if (!fresh && at->second.library != library.get()) {
      return Error(ErrorCode::kErr, "ERR Function " + name + " already exists");
    }
  }
  const std::string& name = library->info.name;
  set.libraries.emplace(name, std::move(library));
  return {};
}

void FunctionLibraries::Leave(Set& set, const std::string& name) {
  const auto at = set.libraries.find(name);
  if (at == set.libraries.end()) return;
  const Library* library = at->second.get();
  std::erase_if(set.functions, [&](const auto& entry) { return entry.second.library == library; });
  set.libraries.erase(at);
}

Result<std::string> FunctionLibraries::Load(Bytes code, bool replace) {
  if (is_running()) return Error(&kNested);
  auto text = ReadLibraryText(code);
  if (!text) return text.error();
  if (!replace && set_.libraries.contains(text->name)) {
    return Error(ErrorCode::kErr, "ERR Library '" + text->name + "' already exists");
  }
  auto library = Create(text->name, text->code, code);
  if (!library) return library.error();
  Set next = set_;
  Leave(next, text->name);
  if (Error error = Join(next, *std::move(library))) return error;
  std::swap(set_, next);
  return text->name;
}

Error FunctionLibraries::Restore(std::span<const std::string> codes, OnConflict on_conflict) {
  if (is_running()) return Error(&kNested);
  Set next = on_conflict == OnConflict::kFlush ? Set() : set_;
  for (const std::string& code : codes) {
    auto text = ReadLibraryText(code);
    if (!text) return text.error();
    if (on_conflict == OnConflict::kReplace) {
      Leave(next, text->name);
    } else if (next.libraries.contains(text->name)) {
      return Error(ErrorCode::kErr, "ERR Library " + text->name + " already exists");
    }
    auto library = Create(text->name, text->code, code);
    if (!library) return library.error();
    if (Error error = Join(next, *std::move(library))) return error;
  }
  std::swap(set_, next);
  return {};
}

bool FunctionLibraries::Delete(Bytes library) {
  const auto at = set_.libraries.find(library);
  if (at == set_.libraries.end()) return false;
  Leave(set_, std::string(at->first));
  return true;
}

void FunctionLibraries::Flush() {
  if (is_running()) return;
  set_ = Set();
  runner_.Close();
}

std::vector<const LibraryInfo*> FunctionLibraries::libraries() const {
  std::vector<const LibraryInfo*> all;
  for (const auto& [name, library] : set_.libraries) all.push_back(&library->info);
  return all;
}

const FunctionLibraries::Place* FunctionLibraries::PlaceOf(Bytes function) const {
  const auto at = set_.functions.find(LowerCase(function));
  return at == set_.functions.end() ? nullptr : &at->second;
}

const FunctionInfo* FunctionLibraries::Find(Bytes function) const {
  const Place* place = PlaceOf(function);
  return place == nullptr ? nullptr : &place->library->info.functions[place->index];
}

Error FunctionLibraries::Call(Bytes function, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) {
  if (is_running()) return Error(&kNested);
  const Place& place = *PlaceOf(function);
  const FunctionInfo& info = place.library->info.functions[place.index];
  const LuaFunction lua{.name = info.name,
                        .chunk = kChunk,
                        .reference = place.library->references[place.index],
                        .last_return = place.library->last_return,
                        .takes_arguments = true};
  present_ = {info.name, input.words, input.since};
  return runner_.Run(lua, info.flags, input, calls, sink);
}

}  // namespace dualis::lua
