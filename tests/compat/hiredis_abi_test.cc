// The audit of the hiredis ABI: what abi/1.5.0-dev.json says of upstream's headers and libraries against ours. What
// releases since 1.1 have is a part of that, with the same layouts: they grew at their ends only.
//
// Symbols are read from the libraries by nm. Headers are asked through the compilers, C99 and C++: a program is written
// that declares every function again, takes the value of every constant and the place of every field, and does not
// compile if one differs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

const json& Facts() {
  static const json facts = json::parse(std::ifstream("tests/compat/abi/1.5.0-dev.json"));
  return facts;
}

// Exported functions and data: nm's letter by name.
std::map<std::string, char> Exports(const std::string& library) {
  std::map<std::string, char> found;
  const std::string command = "nm -D --defined-only " + library;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char line[512];
  while (std::fgets(line, sizeof(line), pipe.get()) != nullptr) {
    std::istringstream words(line);
    std::string address, type, name;
    words >> address >> type >> name;
    found[name] = type[0];
  }
  return found;
}

void ExpectExports(const std::string& library, const json& wanted, const std::set<std::string>& own) {
  const std::map<std::string, char> found = Exports(library);
  EXPECT_GT(wanted.size(), 7u);
  for (const auto& [name, type] : wanted.items()) {
    const auto it = found.find(name);
    ASSERT_NE(it, found.end()) << "missing: " << name;
    // Where the linker puts data (D, B, R) is its own business.
    EXPECT_EQ(it->second == 'T', type == "T") << name;
  }
  for (const auto& [name, type] : found) {
    EXPECT_TRUE(wanted.contains(name) || own.contains(name)) << "neither upstream's nor ours on purpose: " << name;
  }
}

struct Compiler {
  const char* what;
  const char* command;
};
const Compiler kCompilers[] = {
    {"C99", DUALIS_CC " -x c -std=c99 -D_DEFAULT_SOURCE"},
    {"C++11", DUALIS_CXX " -x c++ -std=c++11"},
    {"C++20", DUALIS_CXX " -x c++ -std=c++20"},
};

// Whether the program compiles without a warning; the compiler's words go to standard error.
bool Compiles(const Compiler& compiler, const std::string& program, const std::string& flags = "") {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("dualis-abi-" + std::to_string(getpid()) + ".source")).string();
  std::ofstream(file) << program;
  const std::string command = std::string(compiler.command) +
                              " -fsyntax-only -pedantic -Wall -Wextra -Werror -Icompat/hiredis/include/hiredis "
                              "-Icompat/hiredis/include " +
                              flags + " " + file;
  const bool good = std::system(command.c_str()) == 0;
  std::filesystem::remove(file);
  return good;
}

// One header's part of the audit.
std::string ProgramFor(const std::string& header, const json& facts) {
  // offsetof also where a field is one of a field's, and of C structs only.
  std::string text = "#include <stddef.h>\n#include \"" + header + "\"\n";
  int n = 0;
  const auto check = [&](const std::string& condition) {
    text += "typedef char check_" + std::to_string(n++) + "[(" + condition + ") ? 1 : -1];\n";
  };
  for (const auto& type : facts["types"]) {
    text += "extern " + type.get<std::string>() + " *type_" + std::to_string(n++) + ";\n";
  }
  std::string uses;
  for (const auto& [name, prototype] : facts["functions"].items()) {
    text += prototype.get<std::string>() + ";\n";
    uses += "  (void)&" + name + ";\n";
  }
  for (const auto& name : facts["data"]) uses += "  (void)&" + name.get<std::string>() + ";\n";
  for (const auto& [name, value] : facts["constants"].items()) check(name + " == " + value.dump() + "LL");
  for (const auto& name : facts["macros"]) {
    text += "#ifndef " + name.get<std::string>() + "\n#error missing: " + name.get<std::string>() + "\n#endif\n";
  }
  return text + "void uses(void);\nvoid uses(void) {\n" + uses + "}\n";
}

TEST(HiredisAbi, SymbolsOfTheLibrary) {
  ExpectExports(
      DUALIS_HIREDIS_SHARED, Facts()["symbols"],
      {"dualisHiredisRoute", "dualisHiredisIsEmbedded", "dualisHiredisAdopt",
       // hiredis/dualis.h
       "dualisAsyncCommand", "dualisvAsyncCommand", "dualisAsyncCommandArgv", "dualisReconnectingCreate",
       "dualisReconnectingFree", "dualisReconnectingContext", "dualisReconnectingTick", "dualisGetReplyStreaming",
       "dualisvAsyncCommandStreaming", "dualisAsyncCommandStreaming", "dualisAsyncCommandArgvStreaming",
       "dualisCompactReply", "dualisFreeCompactReply", "dualisReaderSetCompact", "dualisReaderIsCompact",
       "dualisPoolCreate", "dualisPoolFree", "dualisPoolTake", "dualisPoolGive", "dualisPoolCounts"});
}

TEST(HiredisAbi, SymbolsOfTheTlsLibrary) { ExpectExports(DUALIS_HIREDIS_SSL_SHARED, Facts()["ssl_symbols"], {}); }

TEST(HiredisAbi, NamesOfTheHeaders) {
  const json& headers = Facts()["headers"];
  EXPECT_EQ(headers.size(), 7u);
  for (const auto& [header, facts] : headers.items()) {
    for (const Compiler& compiler : kCompilers) {
      EXPECT_TRUE(Compiles(compiler, ProgramFor(header, facts))) << header << " as " << compiler.what;
    }
  }
  // The constant that is no number.
  EXPECT_TRUE(Compiles(kCompilers[0],
                       "#include <hiredis.h>\n#define S_(x) #x\n#define S(x) S_(x)\n"
                       "typedef char check[sizeof(S(HIREDIS_SONAME)) == sizeof(\"1.5.0-dev\") ? 1 : -1];\n"));
}

TEST(HiredisAbi, Layouts) {
  std::string text = "#include <stddef.h>\n#include <async.h>\n#include <hiredis_ssl.h>\n";
  int n = 0;
  for (const auto& [place, what] : Facts()["layout"].items()) {
    const size_t dot = place.find('.');
    const std::string type = place.substr(0, dot);
    std::istringstream words(what.get<std::string>());
    std::string kind, second;
    long first = 0, size = 0;
    words >> kind >> first >> second >> size;
    std::string condition;
    if (kind == "size") {
      condition = "sizeof(" + type + ") == " + std::to_string(first) + " && __alignof__(" + type +
                  ") == " + std::to_string(size);
    } else {
      const std::string field = place.substr(dot + 1);
      condition = "__builtin_offsetof(" + type + ", " + field + ") == " + std::to_string(first);
      // A field without a size is the end of a header.
      if (size > 0) condition += " && sizeof(((" + type + " *)0)->" + field + ") == " + std::to_string(size);
    }
    text += "typedef char check_" + std::to_string(n++) + "[(" + condition + ") ? 1 : -1];\n";
  }
  EXPECT_GT(n, 150);
  // -Wpedantic: a C struct is of standard layout in C++, too, but sizeof of a flexible array is asked for here.
  for (const Compiler& compiler : kCompilers) EXPECT_TRUE(Compiles(compiler, text, "-Wno-pedantic")) << compiler.what;
}

// The function-like macros, as programs use them.
TEST(HiredisAbi, MacrosDoWhatTheySay) {
  const std::string program = R"(
#include <hiredis.h>
#include <async.h>
int test(redisReader *r, redisReply *reply, sds s, redisOptions *o);
int test(redisReader *r, redisReply *reply, sds s, redisOptions *o) {
  SDS_HDR_VAR(8, s)
  redisReader *same = (redisReader *)redisReaderGetObject(r);
  REDIS_OPTIONS_SET_TCP(o, "localhost", 6379);
  REDIS_OPTIONS_SET_UNIX(o, "/tmp/x");
  REDIS_OPTIONS_SET_PRIVDATA(o, NULL, NULL);
  if (same != NULL) return redisReaderGetError(r)[0];
  return redisIsPushReply(reply) + SDS_HDR(16, s)->len + SDS_TYPE_5_LEN(sh->flags);
}
)";
  for (const Compiler& compiler : kCompilers) EXPECT_TRUE(Compiles(compiler, program)) << compiler.what;
}

struct Adapter {
  const char* header;
  const char* use;    // the body of a function that gets `ac` and `loop`
  const char* loop;   // the type of `loop`
  const char* flags;  // of the real library, or of our stubs; null: it is not on this machine
  bool c = true;
};
constexpr const char* kStubs = "-isystem tests/compat/stubs";
const Adapter kAdapters[] = {
    {"ae.h", "return redisAeAttach(loop, ac);", "aeEventLoop *", kStubs},
    {"glib.h", "*loop = redis_source_new(ac); return 0;", "GSource **", DUALIS_GLIB_FLAGS},
    {"ivykis.h", "*loop = 0; return redisIvykisAttach(ac);", "int *", DUALIS_IVYKIS_FLAGS},
    {"libev.h", "return redisLibevAttach(loop, ac);", "struct ev_loop *", DUALIS_LIBEV_FLAGS},
    {"libevent.h", "return redisLibeventAttach(ac, loop);", "struct event_base *", DUALIS_LIBEVENT_FLAGS},
    {"libhv.h", "return redisLibhvAttach(ac, loop);", "hloop_t *", kStubs},
    {"libsdevent.h", "return redisLibsdeventAttach(ac, loop);", "sd_event *", DUALIS_SDEVENT_FLAGS},
    {"libuv.h", "return redisLibuvAttach(ac, loop);", "uv_loop_t *", DUALIS_LIBUV_FLAGS},
    {"macosx.h", "return redisMacOSAttach(ac, loop);", "CFRunLoopRef", kStubs},
    {"poll.h", "*loop = redisPollTick(ac, 0.5); return redisPollAttach(ac);", "int *", ""},
    {"qt.h", "return loop->setContext(ac);", "RedisQtAdapter *", kStubs, false},
    {"redismoduleapi.h", "return redisModuleCompatibilityCheck() + redisModuleAttach(ac, loop);", "RedisModuleCtx *",
     kStubs},
};

TEST(HiredisAbi, Adapters) {
  std::set<std::string> names;
  for (const Adapter& adapter : kAdapters) {
    names.insert(adapter.header);
    if (adapter.flags == nullptr) {
      std::fprintf(stderr, "not on this machine: the library of adapters/%s\n", adapter.header);
      continue;
    }
    const std::string signature = std::string("int test(redisAsyncContext *ac, ") + adapter.loop + " loop)";
    const std::string program = std::string("#include <hiredis/adapters/") + adapter.header + ">\n" + signature +
                                ";\n" + signature + " { " + adapter.use + " }\n";
    // Without -pedantic: what the loops' own macros expand to is theirs.
    for (const Compiler& compiler : kCompilers) {
      if (!adapter.c && compiler.what[1] == '9') continue;
      EXPECT_TRUE(Compiles(compiler, program, std::string("-Wno-pedantic -Wno-strict-aliasing ") + adapter.flags))
          << adapter.header << " as " << compiler.what;
    }
  }
  EXPECT_EQ(names, Facts()["adapters"].get<std::set<std::string>>());
}

}  // namespace
