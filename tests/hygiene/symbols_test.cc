// What our object files hold and call: no variable that changes after it was made, and nothing from the C library that
// speaks to the terminal, starts threads, touches signals, or follows the locale. Exceptions are listed with their
// reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hygiene/repository.h"

namespace dualis::hygiene {
namespace {

struct Exception {
  const char* object;  // a regular expression for the object file's name
  const char* symbol;  // the same for the symbol
  const char* reason;
};

const Exception kVariables[] = {
    {".*", "DW\\.ref\\..*", "the compiler's table of exceptions"},
    {".*", "std::__ioinit", "Abseil's btree includes <iostream>"},
    {".*", "guard variable for .*", "of a static that is listed here itself, or is constant"},
    {"engine\\.cc\\.o", ".*TheRegistry\\(\\)::registry", "mem://NAME is one engine for everyone in the process"},
    {"engine\\.cc\\.o", ".*RegisterForFork.*::once", "pthread_atfork is said once a process"},
    {".*", ".*ThreadToken::Mine\\(\\)::token", "one a thread, so that an engine can tell who sleeps"},
    {"native_call\\.cc\\.o", ".*RowOf\\(bool\\)::(reads|writes)", "constant once made: rows like EVALSHA's"},
    {".*", ".*Gate::ThisThread\\(\\)::place", "names the thread; never written"},
    {"command_index\\.cc\\.o", ".*CommandIndex::Of\\(.*\\)::(rows|built_in)",
     "constant once made: the built-in commands as access control counts them"},
    {"table\\.cc\\.o", ".*BuiltIn\\(\\)::nodes", "constant once made: the built-in commands by name"},
    {".*", "dualis::(Describe|GroupWidth)<.*>\\(\\)::(description|width)",
     "constant once made: what a struct's Syntax says"},
    {"introspection\\.cc\\.o", ".*EmitInfo.*::kContainer",
     "constant; its std::vector makes the compiler think otherwise"},
    {"all\\.cc\\.o", ".*BuiltInFamilies\\(\\)::kFamilies", "constant once made"},
    {"lua_api\\.cc\\.o", ".*TheLibrary\\(\\)::loaded", "constant once made: the functions of LuaJIT"},
    {"op\\.cc\\.o", ".*kOps", "constexpr; its pointers to functions are relocated"},
    {"alloc\\.cc\\.o", "hiredisAllocFns", "hiredis' ABI: programs read the allocators there"},
    {"reply\\.cc\\.o", "dualisHiredisDefaultFunctions", "never written; the reader's field is a pointer to non-const"},
    {"route\\.cc\\.o", ".*TheRules\\(\\)::rules", "dualisHiredisRoute is for the whole process"},
    {"alarm\\.cc\\.o", ".*TheQueue\\(\\)::queue", "the kernel's queue of asynchronous polls, slow to make and to end"},
    {"tls\\.cc\\.o", ".*SocketMethod\\(\\)::method", "constant once made: OpenSSL numbers the kinds of I/O"},
    {"fork\\.cc\\.o", ".*generation", "counts forks, so that inherited sockets are not used"},
    {"fork\\.cc\\.o", ".*ForkGeneration\\(\\)::registered", "pthread_atfork is said once a process"},
};

const Exception kCalls[] = {
    {"number_text\\.cc\\.o", "snprintf|strtod|strtold|newlocale|uselocale|freelocale",
     "long double has no to_chars in GCC 12's tables; the C locale is put on for the call"},
    {"config\\.cc\\.o", "snprintf|localeconv|strtod", "nlohmann/json, which undoes the locale's decimal point"},
    {"courier\\.cc\\.o", "std::thread::_M_start_thread", "Submit on a server's backend asks for it"},
    {"listener\\.cc\\.o", "std::thread::_M_start_thread", "Listener::Start asks for it"},
    {"json\\.cc\\.o", "snprintf|localeconv|strtod", "nlohmann/json, which undoes the locale's decimal point"},
    {"server\\.cc\\.o", "nanosleep", "DEBUG SLEEP, which is asked for"},
    {"cjson_lib\\.cc\\.o", "snprintf", "error texts with integers and words only"},
    {"string_lib\\.cc\\.o", "snprintf", "string.format of integers; floats go through LuaJIT's own"},
    {"(format|sds)\\.cc\\.o", "v?snprintf", "redisFormatCommand and sdscatprintf are printf, by contract"},
    {"route\\.cc\\.o", "getenv", "DUALIS_HIREDIS_ROUTE, for programs that are only relinked"},
    {"config\\.cc\\.o", "getenv", "Config::FromEnvironment, which is asked to"},
};

// Functions that an embedded library has no business to call; demangled, without their arguments.
const std::set<std::string_view> kForbidden = {
    // the terminal
    "printf",
    "fprintf",
    "dprintf",
    "vprintf",
    "vfprintf",
    "puts",
    "putchar",
    "putc",
    "fputs",
    "fputc",
    "fwrite",
    "perror",
    "psignal",
    "stdin",
    "stdout",
    "stderr",
    "__printf_chk",
    "__fprintf_chk",
    "__vfprintf_chk",
    "std::cout",
    "std::cerr",
    "std::clog",
    "std::cin",
    // signals, processes, threads
    "signal",
    "sigaction",
    "sigprocmask",
    "pthread_sigmask",
    "raise",
    "kill",
    "alarm",
    "setitimer",
    "fork",
    "vfork",
    "daemon",
    "system",
    "popen",
    "posix_spawn",
    "posix_spawnp",
    "execv",
    "execve",
    "execvp",
    "execl",
    "execlp",
    "pthread_create",
    "std::thread::_M_start_thread",
    "exit",
    "_exit",
    "quick_exit",
    "abort",
    // sleeping, and time and luck that do not come through Options
    "sleep",
    "usleep",
    "nanosleep",
    "clock_nanosleep",
    "time",
    "gettimeofday",
    "rand",
    "srand",
    "random",
    "srandom",
    // the environment
    "getenv",
    "secure_getenv",
    "setenv",
    "putenv",
    // the locale
    "setlocale",
    "newlocale",
    "uselocale",
    "freelocale",
    "localeconv",
    "std::locale::global",
    "std::locale::classic",
    "atof",
    "strtod",
    "strtof",
    "strtold",
    "scanf",
    "sscanf",
    "__isoc99_sscanf",
    "sprintf",
    "snprintf",
    "vsnprintf",
    "asprintf",
    "__snprintf_chk",
    "__sprintf_chk",
    "strcoll",
    "strxfrm",
    "strftime",
    "tolower",
    "toupper",
    "isalpha",
    "isalnum",
    "isdigit",
    "isspace",
    "isupper",
    "islower",
    "ispunct",
    "isprint",
    "isxdigit",
    "__ctype_b_loc",
    "__ctype_tolower_loc",
    "__ctype_toupper_loc",
};

bool Excepted(const std::vector<Exception>& exceptions, const std::string& object, const std::string& symbol) {
  for (const Exception& e : exceptions) {
    if (std::regex_match(object, std::regex(e.object)) && std::regex_match(symbol, std::regex(e.symbol))) return true;
  }
  return false;
}

std::vector<std::string> Libraries() {
  std::vector<std::string> paths;
  const std::string list = DUALIS_LIBRARIES;  // "a:b:c"
  for (size_t at = 0; at < list.size();) {
    const size_t colon = std::min(list.find(':', at), list.size());
    paths.push_back(list.substr(at, colon - at));
    at = colon + 1;
  }
  return paths;
}

// A line of objdump -t: the section and the name of a symbol. False if the line is something else.
//
//   0000000000000020 l     O .bss	00000000000000a0 dualis::kFamilies
bool ParseSymbol(const std::string& line, std::string* section, std::string* name) {
  constexpr size_t kAddress = 16, kFlags = 8;
  const size_t tab = line.find('\t');
  if (tab == std::string::npos || tab < kAddress + kFlags || line.size() < tab + kAddress + 2) return false;
  if (line.find_first_not_of("0123456789abcdef") != kAddress) return false;
  if (line.substr(kAddress, kFlags).find('d') != std::string::npos) return false;  // the section itself
  *section = line.substr(kAddress + kFlags + 1, tab - kAddress - kFlags - 1);
  *name = line.substr(tab + kAddress + 2);
  if (constexpr std::string_view kHidden = ".hidden "; name->starts_with(kHidden)) name->erase(0, kHidden.size());
  return true;
}

TEST(Symbols, NoVariableIsWritable) {
  const std::vector<Exception> exceptions(std::begin(kVariables), std::end(kVariables));
  size_t symbols = 0;
  for (const std::string& library : Libraries()) {
    std::string object;
    for (const std::string& line : OutputOf("objdump -tC " + library)) {
      if (const size_t end = line.find(":     file format"); end != std::string::npos) object = line.substr(0, end);
      std::string section, name;
      if (!ParseSymbol(line, &section, &name)) continue;
      ++symbols;
      // Constants that need relocation are made read-only before main.
      if (section.starts_with(".data.rel.ro")) continue;
      const bool writable = section == "*COM*" || section.starts_with(".bss") || section.starts_with(".data") ||
                            section.starts_with(".tbss") || section.starts_with(".tdata");
      if (!writable) continue;
      EXPECT_TRUE(Excepted(exceptions, object, name)) << library << "(" << object << ") " << section << " " << name;
    }
  }
  EXPECT_GT(symbols, 1000u);
}

TEST(Symbols, NothingUnbecomingIsCalled) {
  const std::vector<Exception> exceptions(std::begin(kCalls), std::end(kCalls));
  size_t symbols = 0;
  for (const std::string& library : Libraries()) {
    std::string object;
    for (const std::string& line : OutputOf("nm -uC " + library)) {
      if (!line.empty() && line.back() == ':') object = line.substr(0, line.size() - 1);
      const size_t at = line.find(" U ");
      if (at == std::string::npos) continue;
      ++symbols;
      std::string name = line.substr(at + 3);
      name.resize(std::min(name.find('('), name.size()));
      if (!kForbidden.contains(name)) continue;
      EXPECT_TRUE(Excepted(exceptions, object, name)) << library << "(" << object << ") calls " << name;
    }
  }
  EXPECT_GT(symbols, 500u);
}

}  // namespace
}  // namespace dualis::hygiene
